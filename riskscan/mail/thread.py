"""Threads: which messages of a case belong to one conversation.

Jamie Zawinski's threading (https://www.jwz.org/doc/threading.html) as far as it says who belongs
together: a message joins all messages that its References and In-Reply-To name, also through ids
of messages that are not there, and all of the conversation that its export puts it in. What is kept
is the set, not the tree, so loops do no harm and nothing recurses.

Mail that names no other message (nearly all of Lotus Notes and Exchange exports) is joined by
subject, with more care than JWZ takes, who joins all equal subjects:

- the subject, without "Re:", "Fwd:", "[list]" and the like, is the same, has four letters or
  digits at least and is not one that people use for anything ("update", "meeting", "hello");
- the two messages follow one another by date among those of that subject, with no more than 60
  days between;
- they have a participant (sender or recipient) in common, two if the subject has fewer than
  eight letters;
- one of them at least is a reply or forward by its subject, or they have two participants in
  common and lie within an hour (one message sent again; a machine's hourly notices stay apart).

A message is compared with the last eight before it, so that two conversations of the same subject
in the same weeks stay two when nobody is in both. Messages without date are joined by their
references alone.

The id of a thread is a hash of its root: of the message id that is its oldest message's, or the
first in the order of text where no date is known. It does not depend on the order of input.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

__all__ = ["ThreadHeader", "base_subject", "thread_ids"]

WINDOW = timedelta(days=60)
NEAR = timedelta(hours=1)
NEIGHBOURS = 8
MAX_REFERENCES = 1000  # ids of one message that are followed
_LEAST_LETTERS = 4
_ENOUGH_LETTERS = 8
_FAR_FUTURE = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True, frozen=True)
class ThreadHeader:
    """What threading needs of one message; ``key`` is the caller's, unique in a call."""

    key: int
    message_id: str
    references: Collection[str] = ()
    in_reply_to: Collection[str] = ()
    subject: str = ""
    date: datetime | None = None
    participants: Collection[str] = field(default_factory=frozenset)
    conversation: str = ""


_PREFIX = re.compile(
    r"(?:re|r|aw|antw|antwort|sv|vs|ref|rif|res|odp|ynt|fwd?|wg|tr|vl|rv|enc|doorst|i)"
    r"\s{0,3}(?:[\[(]\d{1,3}[\])]|\^\d{1,3}|\*\d{1,3})?\s{0,3}[:\uff1a]\s{0,20}",
    re.I,
)
_LIST = re.compile(r"\[[^\[\]]{1,60}\]\s{0,20}")
_FORWARD_MARK = re.compile(r"\s{0,20}\(fwd?\)$", re.I)
_GENERIC = frozenset(
    """
    agreement announcement answer question questions attached attachment birthday call calls
    conference confidential confirmation contract daily dinner document documents draft email
    evening file files follow followup forward friday fun good happy hello help here hey
    important info information invitation invoice lunch mail meeting meetings message monday
    morning new news no none note notes of office out photos pictures please presentation private
    read reminder report reply request saturday schedule status stuff subject sunday test thank
    thanks the this thursday today tomorrow tonight tuesday untitled up update updates urgent
    vacation wednesday week weekend weekly work you your
    """.split()  # noqa: SIM905
)
_ALNUM = re.compile(r"[^\W_]+")


def base_subject(subject: str) -> tuple[str, bool]:
    """The subject without reply, forward and list marks, folded; and whether one was there."""
    text = " ".join(subject[:500].split())
    marked = False
    for _ in range(50):
        if match := _PREFIX.match(text):
            marked = True
        elif not (match := _LIST.match(text)) or match.end() == len(text):
            break
        text = text[match.end() :]
    if match := _FORWARD_MARK.search(text):
        text, marked = text[: match.start()], True
    return text.strip().casefold(), marked


def _needed(base: str) -> int:
    """How many participants two messages of this subject must share; 0: it tells nothing."""
    words = _ALNUM.findall(base)
    letters = sum(map(len, words))
    if letters < _LEAST_LETTERS or all(w in _GENERIC or w.isdigit() for w in words):
        return 0
    return 1 if letters >= _ENOUGH_LETTERS else 2


class _Groups:
    """Union-find over small integers, without recursion."""

    def __init__(self) -> None:
        self.parent: list[int] = []

    def add(self) -> int:
        self.parent.append(len(self.parent))
        return len(self.parent) - 1

    def find(self, i: int) -> int:
        parent = self.parent
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    def join(self, a: int, b: int) -> None:
        a, b = self.find(a), self.find(b)
        if a != b:
            self.parent[max(a, b)] = min(a, b)


def thread_ids(headers: Iterable[ThreadHeader]) -> dict[int, str]:
    """The thread of each message, by key: 32 hex digits, the same for all of one thread.

    See the head of this file for the rule. Linear in messages and their references, but for
    sorting; the result does not depend on the order of ``headers``.
    """
    messages = list(headers)
    groups = _Groups()
    node_of: dict[str, int] = {}
    nodes: list[int] = []
    for message in messages:
        names = [message.message_id] if message.message_id else []
        names += list(message.references)[-MAX_REFERENCES:]
        names += list(message.in_reply_to)[:MAX_REFERENCES]
        if message.conversation:
            names.append(f"conversation {message.conversation}")  # no Message-ID looks like it
        node = -1
        for name in names:
            other = node_of.get(name)
            if other is None:
                other = node_of[name] = groups.add()
            if node < 0:
                node = other
            else:
                groups.join(node, other)
        nodes.append(groups.add() if node < 0 else node)
    _join_subjects(messages, nodes, groups)
    roots: dict[int, tuple[datetime, str]] = {}
    for message, node in zip(messages, nodes, strict=True):
        group = groups.find(node)
        candidate = _root_name(message)
        if group not in roots or candidate < roots[group]:
            roots[group] = candidate
    ids = {
        group: hashlib.sha256(root.encode("utf-8", "replace")).hexdigest()[:32]
        for group, (_, root) in roots.items()
    }
    return {m.key: ids[groups.find(node)] for m, node in zip(messages, nodes, strict=True)}


def _root_name(message: ThreadHeader) -> tuple[datetime, str]:
    """What sorts first in a thread is its root; a message without id is named by its content."""
    name = message.message_id or "\\0".join(
        (base_subject(message.subject)[0], str(message.date), *sorted(message.participants))
    )
    return message.date or _FAR_FUTURE, name


def _join_subjects(messages: list[ThreadHeader], nodes: list[int], groups: _Groups) -> None:
    by_subject: dict[str, list[tuple[datetime, str, bool, frozenset[str], int]]]
    by_subject = defaultdict(list)
    needed: dict[str, int] = {}
    for i, message in enumerate(messages):
        if message.date is None:
            continue
        base, marked = base_subject(message.subject)
        if base not in needed:
            needed[base] = _needed(base)
        if needed[base]:
            people = frozenset(p.casefold() for p in message.participants)
            by_subject[base].append((message.date, message.message_id, marked, people, i))
    for base, same in by_subject.items():
        if len(same) < 2:
            continue
        same.sort(key=lambda m: (m[0], m[1], m[2], sorted(m[3])))
        for at, (date, _, marked, people, i) in enumerate(same):
            for before in range(at - 1, max(-1, at - 1 - NEIGHBOURS), -1):
                earlier, _, was_marked, were, j = same[before]
                gap = date - earlier
                if gap > WINDOW:
                    break
                common = len(people & were)
                if common < needed[base]:
                    continue
                if marked or was_marked or (common > 1 and gap < NEAR):
                    groups.join(nodes[i], nodes[j])
                    break
