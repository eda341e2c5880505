"""Whether a file is a chat export, by its first bytes: Slack, Teams, WhatsApp."""

from __future__ import annotations

import re

from riskscan.sources.names import Origin
from riskscan.sources.whatsapplikely import is_likely, names_a_level
from riskscan.sources.whatsappline import sender, stamp

_SLACK_TIME = re.compile(rb'"(?:thread_)?ts"\s{0,20}:\s{0,20}"\d{9,11}\.\d{6}"')
_SLACK_TYPE = re.compile(rb'"type"\s{0,20}:\s{0,20}"message"')
_SLACK_ID = re.compile(
    rb'"id"\s{0,20}:\s{0,20}"[A-Z][A-Z0-9]{2,20}"|"(?:service_id|app_id)"\s{0,9}:'
)
_SLACK_DAY = re.compile(r"\d{4}-\d\d-\d\d\.json\Z", re.I)
# Of a post, by Slack's reference of message events: those that may be long, or come before them.
_SLACK_KEYS = frozenset(
    {
        b"user", b"text", b"ts", b"blocks", b"attachments", b"files", b"subtype", b"client_msg_id",
        b"user_profile", b"bot_id", b"bot_profile", b"thread_ts", b"replies",
    }
)  # fmt: skip
_TOKEN = re.compile(rb'"([^"\\]*(?:\\.[^"\\]*)*)(?:"\s{0,20}(:?)|\\?\Z)|[{}\[\]]', re.S)
_SLACK_LISTS = frozenset(
    {
        "users.json", "org_users.json", "channels.json", "groups.json", "dms.json", "mpims.json",
        "integration_logs.json", "canvases.json", "content_flags.json", "file_conversations.json",
        "lists.json", "huddle_transcripts.json",
    }
)  # fmt: skip
_EMPTY_LIST = re.compile(rb"\s{0,20}\[\s{0,20}\]\s{0,20}\Z")
_GRAPH = (rb'"createdDateTime"', rb'"body"', rb'"from"')
_GRAPH_PLACE = re.compile(rb'"(?:chatId|channelIdentity|messageType)"')
_SKYPE = (rb'"messagetype"', rb'"originalarrivaltime"')
_SKYPE_FRONT = re.compile(rb'\A\s{0,20}\{\s{0,20}"userId"\s{0,9}:.{1,500}"exportDate"', re.S)
_WHATSAPP_NAME = re.compile(r"\A_chat\.txt\Z|whatsapp.{0,200}\.txt\Z", re.I)
# WhatsApp's own first line, in the languages of most users.
_ENCRYPTED = re.compile(
    "end-to-end|Ende-zu-Ende|bout en bout|extremo a extremo|ponta a ponta|uçtan uca|сквозн"
    "|端到端|端對端|エンドツーエンド|종단간|من طرف"
)
_TRACE = re.compile(
    r"[\u200e\u202a\u202f]|: <[^<>]{4,60}>\s*\Z|\((?:file attached|Datei angehängt)\)"
)
_LINES_MAX = 60
_TEAMS_PAGE = re.compile(rb"teams|\b19:[\w.+-]{3,200}@", re.I)
_TEAMS_NAME = re.compile(r"teams", re.I)


def may_be_teams(head: bytes, origin: Origin) -> bool:
    """Whether an HTML page names Teams, or lies where one would: worth a look at its posts."""
    around = "/".join((*origin.folders, origin.name))
    text = head if b"\0" not in head else head.replace(b"\0", b"")  # UTF-16
    return _TEAMS_NAME.search(around) is not None or _TEAMS_PAGE.search(text) is not None


def chat_kind(head: bytes, origin: Origin) -> str:
    """The kind in the registry (``slack``, ``slack-list``, ``teams``, ``whatsapp``) or ""."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    if text[:1] in (b"[", b"{"):
        inside = bool(origin.folders) and origin.folders[-1] == "canvas_in_the_conversation"
        if inside and _EMPTY_LIST.match(text):
            return "slack"
        return _json_kind(text, origin.name.casefold()) or _whatsapp(head, origin)
    return _whatsapp(head, origin)


def begins_slack_day(head: bytes, name: str) -> bool:
    """Whether a file named as a day begins with a post of Slack's that is longer than ``head``.

    Its time, which tells a post for sure, may stand behind all that it says.
    """
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    if not _SLACK_DAY.search(name) or text[:1] != b"[":
        return False
    depth, known = 0, False
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark in (b"{", b"["):
            depth += 1
        elif mark in (b"}", b"]"):
            depth -= 1
            if depth < 2:
                return False  # the first element is whole: it would have told
        elif depth == 2 and token[2]:
            known = known or token[1] in _SLACK_KEYS
    return known


def _json_kind(text: bytes, name: str) -> str:
    if _SLACK_TIME.search(text) and _SLACK_TYPE.search(text):
        return "slack"
    if name in _SLACK_LISTS and text[:1] == b"[":
        if _SLACK_ID.search(text) or _EMPTY_LIST.match(text):
            return "slack-list"
    elif _SLACK_DAY.search(name) and _EMPTY_LIST.match(text):
        return "slack"
    if all(mark in text for mark in _GRAPH) and _GRAPH_PLACE.search(text):
        return "teams"
    if _SKYPE_FRONT.match(text) or all(mark in text for mark in _SKYPE):
        return "teams"
    return ""


def _whatsapp(head: bytes, origin: Origin) -> str:
    """Chat lines from the first line on, and WhatsApp's name on or around the file, or its words.

    Other programs write logs of much the same lines: without either there must be its invisible
    marks or its words for media and people who speak more than once, or lines that nothing else
    writes (whatsapplikely.py).
    """
    lines = head.decode("utf-8", "replace").removeprefix("\ufeff").split("\n")[:_LINES_MAX]
    lines = [line for line in lines if line.strip()]
    if not lines or stamp(lines[0]) is None:
        return ""
    around = " ".join((*origin.folders, *(c.name for c in origin.containers)))
    if _WHATSAPP_NAME.search(origin.name) or "whatsapp" in around.casefold():
        return "whatsapp"
    if any(_ENCRYPTED.search(line) for line in lines[:5]):
        return "whatsapp"
    stamped = [(s, sender(line[s.end :])[0]) for line in lines if (s := stamp(line))]
    named = [who for _, who in stamped if who]
    plain = not any(names_a_level(who.split()[0]) for who in named)
    several = len(stamped) >= 4 and len(stamped) * 2 >= len(lines) and len(named) >= 3
    trace = any(_TRACE.search(line) for line in lines)
    marked = trace and several and plain and len(set(named)) < len(named)
    return "whatsapp" if marked or is_likely(lines, origin.name) else ""


def looks_like_chat(head: bytes) -> bool:
    """Whether a text begins as lines of a chat do, or of a log: a stamp, then ``NAME: words``."""
    line, _, _ = head[:2000].removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n").partition(b"\n")
    text = line.decode("utf-8", "replace")
    found = stamp(text)
    return found is not None and sender(text[found.end :])[0] != ""
