"""Builds the chat exports of corpus_samples/ from benchmarks/samples/chats: a Slack zip, a WhatsApp
zip and a Teams list of messages, as those programs write them. Called by build_samples.py.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

STORIES = Path(__file__).parent / "samples" / "chats"
SLACK, WHATSAPP, TEAMS = (
    "Penhallow Creamery Slack export Mar 4 2024 - Mar 7 2024.zip",
    "WhatsApp Chat - Quay Street site.zip",
    "nordlys-forsikring teams.json",
)
Post = dict[str, Any]

_TEAM = "T03PENHALL"
_PEOPLE = {
    "maeve": ("U03MTREGEA", "Maeve Tregear"), "dario": ("U03DLUNGHI", "Dario Lunghi"),
    "hanneke": ("U03HVOSHAN", "Hanneke Vos"), "tobias": ("U03TOKONJO", "Tobias Okonjo"),
    "priyanka": ("U03PNAIRPN", "Priyanka Nair"), "sam": ("U03SWHITCO", "Sam Whitcombe"),
}  # fmt: skip
_ROOMS = {
    "general": ("C03GENERAL", "general", list(_PEOPLE)),
    "quality": ("C03QUALITY", "quality", ["maeve", "dario", "hanneke", "priyanka", "sam"]),
    "logistics": ("C03LOGISTI", "logistics", ["maeve", "hanneke", "tobias", "sam"]),
    "pricing": ("G03PRICING", "pricing-q2", ["maeve", "tobias"]),
    "dm": ("D03DARISAM", "", ["dario", "sam"]),
    "mpim": ("G03MPDMMTH", "mpdm-maeve--tobias--hanneke-1", ["maeve", "tobias", "hanneke"]),
}
_BOT = {"id": "B03COLDWAT", "name": "Coldwatch"}
_NORDLYS = {
    "ilse": ("4f1c2a60-0000-4000-8000-000000000001", "Ilse Tangen"),
    "bruno": ("4f1c2a60-0000-4000-8000-000000000002", "Bruno Salk"),
    "marit": ("4f1c2a60-0000-4000-8000-000000000003", "Marit Holmboe"),
    "gudrun": ("4f1c2a60-0000-4000-8000-000000000004", "Gudrun Aas"),
}
_CHATS = {
    "chat": f"19:{_NORDLYS['ilse'][0]}_{_NORDLYS['bruno'][0]}@unq.gbl.spaces",
    "group": "19:b1f0c0de9a7e4c0d8a55c0ffee000001@thread.v2",
    "channel": "19:6d1c0de0f1ee4abf9a55c0ffee000002@thread.tacv2",
}


def posts(name: str) -> list[Post]:
    """The posts of one export, in order."""
    text = (STORIES / f"{name}.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def _json(value: object) -> bytes:
    return json.dumps(value, indent=4, ensure_ascii=True).encode()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


# ---- Slack


def _ts(at: Any) -> str:
    micro = int(hashlib.sha256(at.encode()).hexdigest()[:5], 16) % 1_000_000
    return f"{int(_moment(at).timestamp())}.{micro:06}"


def slack() -> dict[str, bytes]:
    """The files of the Slack export."""
    told = posts("slack")
    replies: dict[str, list[Post]] = {}
    for post in told:
        if "thread" in post:
            replies.setdefault(post["thread"], []).append(post)
    files: dict[str, Any] = _slack_lists()
    files["general/2024-03-04.json"] = [
        {
            "type": "message", "subtype": "channel_join", "user": _PEOPLE["sam"][0],
            "ts": "1709537000.000100", "text": f"<@{_PEOPLE['sam'][0]}> has joined the channel",
        }
    ]  # fmt: skip
    for post in told:
        identity, name, _ = _ROOMS[post["room"]]
        day = f"{name or identity}/{_moment(post['at']):%Y-%m-%d}.json"
        files.setdefault(day, []).append(_slack_post(post, replies.get(post["at"], [])))
    return {name: _json(files[name]) for name in sorted(files)}


def _slack_lists() -> dict[str, Any]:
    def listed(*wanted: str) -> list[dict[str, Any]]:
        found = []
        for key in wanted:
            identity, name, members = _ROOMS[key]
            room = {
                "id": identity,
                "created": 1672531200,
                "members": [_PEOPLE[m][0] for m in members],
            }
            found.append(room | ({"name": name, "is_archived": False} if name else {}))
        return found

    users = [
        {
            "id": identity, "team_id": _TEAM, "name": key, "deleted": key == "sam", "is_bot": False,
            "profile": {
                "real_name": name, "display_name": key,
                "email": f"{name.lower().replace(' ', '.')}@penhallow-creamery.example",
            },
        }
        for key, (identity, name) in _PEOPLE.items()
    ]  # fmt: skip
    return {
        "users.json": users,
        "channels.json": listed("general", "quality", "logistics"),
        "groups.json": listed("pricing"),
        "dms.json": listed("dm"),
        "mpims.json": listed("mpim"),
        "integration_logs.json": [{"app_id": "A03COLDWAT", "app_type": "Coldwatch"}],
        "canvases.json": [],
    }


def _slack_post(post: Post, replies: list[Post]) -> dict[str, Any]:
    ts = _ts(post["at"])
    if post.get("deleted"):
        return {
            "type": "message", "subtype": "tombstone", "text": "This message was deleted.",
            "user": "USLACKBOT", "hidden": True, "ts": ts,
        }  # fmt: skip
    text = post["text"].replace("&", "&amp;")
    made: Post = {"type": "message", "text": text, "ts": ts, "team": _TEAM}
    if post.get("bot"):
        return made | {"subtype": "bot_message", "bot_id": _BOT["id"], "username": _BOT["name"]}
    identity, name = _PEOPLE[post["by"]]
    made |= {"user": identity, "user_profile": {"real_name": name, "name": post["by"]}}
    made["blocks"] = [
        {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": post["text"]}]}
            ],
        }
    ]
    if "thread" in post or replies:
        made["thread_ts"] = _ts(post.get("thread", post["at"]))
    if replies:
        people = list(dict.fromkeys(_PEOPLE[r["by"]][0] for r in replies))
        made |= {"reply_count": len(replies), "reply_users": people}
        made["replies"] = [{"user": _PEOPLE[r["by"]][0], "ts": _ts(r["at"])} for r in replies]
    if "edited" in post:
        made["edited"] = {"user": identity, "ts": _ts(post["edited"])}
    if "files" in post:
        made["files"] = [{"id": "F03" + f["name"][:6].upper()} | f for f in post["files"]]
        made["upload"] = True
    return made


# ---- WhatsApp


def whatsapp() -> dict[str, bytes]:
    """The files of the WhatsApp export: an iPhone in Ireland, 12-hour clock."""
    lines = [
        "[12/02/2024, 6:30:55\u202fPM] Quay Street site: \u200eMessages and calls are end-to-end "
        "encrypted. Only people in this chat can read, listen to, or share them.",
        "[12/02/2024, 6:30:55\u202fPM] Quay Street site: \u200eRosa Inchley created this group",
    ]
    for post in posts("whatsapp"):
        moment = datetime.fromisoformat(post["at"])
        stamp = f"[{moment:%d/%m/%Y}, {int(f'{moment:%I}')}:{moment:%M:%S}\u202f{moment:%p}]"
        text = post["text"]
        if post.get("deleted"):
            text = "\u200eThis message was deleted."
        elif text == "image omitted":
            stamp, text = "\u200e" + stamp, "\u200e" + text
        if post.get("edited"):
            text += " \u200e<This message was edited>"
        lines.append(f"{stamp} {post['by']}: {text}")
    return {"_chat.txt": ("\r\n".join(lines) + "\r\n").encode()}


# ---- Teams


def _number(at: str) -> str:
    return str(int(_moment(at).timestamp() * 1000))


def teams() -> bytes:
    """What Graph gives for the messages of chats and channels, in one list."""
    made = []
    for post in posts("teams"):
        room, channel = _CHATS[post["room"]], post["room"] == "channel"
        identity, name = _NORDLYS[post["by"]]
        user = {"id": identity, "displayName": name, "userIdentityType": "aadUser"}
        made.append(
            {
                "id": _number(post["at"]),
                "replyToId": _number(post["reply"]) if "reply" in post else None,
                "messageType": "message",
                "createdDateTime": post["at"],
                "lastModifiedDateTime": post.get("edited", post["at"]),
                "lastEditedDateTime": post.get("edited"),
                "deletedDateTime": post.get("deleted"),
                "subject": post.get("subject"),
                "importance": "normal",
                "locale": "en-us",
                "chatId": None if channel else room,
                "from": {"application": None, "device": None, "user": user},
                "body": {"contentType": "html", "content": post["text"]},
                "channelIdentity": {"teamId": "0c0de0f1", "channelId": room} if channel else None,
                "attachments": [
                    {"id": n, "contentType": "reference", "name": n} for n in post.get("files", [])
                ],
                "mentions": [],
                "reactions": [],
            }
        )
    return _json({"@odata.context": "https://graph.microsoft.com/v1.0/$metadata", "value": made})


def labels(place: Path) -> Iterator[dict[str, Any]]:
    """The labels of the posts in the exports in ``place``, by the ids that they are read with."""
    from riskscan.mail.post import parse_post
    from riskscan.sources import Item, discover

    people = {key: name for key, (_, name) in (_PEOPLE | _NORDLYS).items()}
    people["coldwatch"] = _BOT["name"]
    for name, file in (("slack", SLACK), ("whatsapp", WHATSAPP), ("teams", TEAMS)):
        found: dict[tuple[str, Any], Any] = {}
        for unit in discover([place / file]):
            for event in getattr(unit, "events", tuple)():
                if isinstance(event, Item):
                    message = parse_post(event.data)
                    who = message.sender.name if message.sender else ""
                    found[message.date.isoformat() if message.date else "", who] = message
        for post in posts(name):
            if post.get("deleted"):
                continue
            moment = datetime.fromisoformat(post["at"]).replace(microsecond=0)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            message = found.pop((moment.isoformat(), people.get(post["by"], post["by"])))
            authored = message.body.strip("\n")
            assert all(e in authored for e in post["evidence"]), post
            yield {
                "message_id": message.message_id,
                "copies": [],
                "flag": post["flag"],
                "signals": post["signals"],
                "evidence": post["evidence"],
                "kind": post["kind"],
                "authored": authored,
            }
        assert not found, found
