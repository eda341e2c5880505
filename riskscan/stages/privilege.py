"""Counsel among the people of a case, and hints that a message may be privileged.

A hint says why it is there and is never a decision: who takes part, by which rule they are counsel,
or which words of the authored text claim privilege.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, or_, select

from riskscan.case import schema
from riskscan.case.escape import like, lower
from riskscan.case.open import CaseError
from riskscan.case.people import Correction, correspondents, titles
from riskscan.language.counsel import (
    counsel_by_address,
    counsel_by_name,
    privilege_words,
    signed_title,
    title_after,
)
from riskscan.language.people import fold, local_name, parse_name
from riskscan.mail.message import Role
from riskscan.stages.mailboxes import FREE_MAIL, registered
from riskscan.stages.merged import Merged

_SIGNED = ("%counsel%", "%attorney%", "%esq%", "%legal%", "%solicitor%", "%barrister%", "%law d%",
           "%anwalt%", "%avocat%")  # fmt: skip
_CLAIMED = ("%privileg%", "%attorney%client%", "%work product%", "%work-product%", "%of counsel%",
            "%by counsel%", "%for counsel%", "%of litigation%", "%of outside counsel%",
            "%of legal counsel%")  # fmt: skip
_LAST_LINES = 12
_MOST_REASONS = 3
_STRENGTH = ("your list", "known firm", "signature", "title", "display name", "domain", "address")
_LONGEST_TEXT = 250_000
# Counsel by these rules is taken to be an organisation's own; a law firm's clients are outsiders.
_OF_AN_ORGANISATION = frozenset({"signature", "title", "display name", "address"})
_MANY = 25  # people of a message: more are told something, and not advised
_WEAKLY = {
    "many recipients": f"; but more than {_MANY} people take part",
    "outsiders only": "; but all others are outsiders",
}

Rows = list[dict[str, Any]]


def read_counsel_list(file: Path) -> list[Correction]:
    """The entries of a list of counsel: an address, domain, name or firm a line.

    A line that begins with "-" says that these are not counsel; "#" begins a comment. Raises
    CaseError when the file is no such text.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise CaseError(f"'{file}' is no text in UTF-8.") from error
    made = []
    for line in lines:
        entry = " ".join(line.partition("#")[0].split())
        if entry:
            action = "not counsel" if entry.startswith("-") else "counsel"
            made.append(Correction(action, entry.lstrip("- "), ""))
    return made


def find_counsel(
    connection: Connection, entries: Mapping[str, bool], merged: Merged
) -> dict[str, Iterable[dict[str, Any]]]:
    """The rows of ``counsel`` and ``privilege_hints``, from what merging came to.

    The hints are read from the case as they are gone through, one time.

    ``entries``: what a user's list says: addresses, domains, names or firms, and whether they are.
    """
    reasons: dict[int, dict[str, tuple[str, int | None]]] = defaultdict(dict)
    denied = set()
    given = {fold(entry.lstrip("@")): yes for entry, yes in entries.items()}
    for key, rule, reason, message, yes in _told(merged, given):
        if yes:
            reasons[key].setdefault(rule, (reason, message))
        else:
            denied.add(key)
    for address, reason, message in _signatures(connection):
        person = merged.owner(address)
        if person is not None:
            reasons[person].setdefault("signature", (reason, message))
    for key, reason, message in _titled(connection, merged):
        reasons[key].setdefault("title", (reason, message))
    made = [
        {"merged_id": key, "rule": rule, "reason": reason, "message_id": message}
        for key in sorted(reasons)
        if key not in denied
        for rule, (reason, message) in sorted(
            reasons[key].items(), key=lambda item: _STRENGTH.index(item[0])
        )[:_MOST_REASONS]
    ]
    weak = _weak(connection, made, merged)
    return {
        "counsel": made,
        "privilege_hints": chain(_taking_part(made, merged, weak), _claims(connection)),
    }


def _told(
    merged: Merged, given: Mapping[str, bool]
) -> Iterator[tuple[int, str, str, int | None, bool]]:
    """(person, rule, reason, message, whether counsel), by list, address and display name."""
    for key, kind, form, message in merged.heads():
        text = fold(form)
        candidates = [text]
        if kind == "address":
            labels = text.rpartition("@")[2].split(".")
            candidates += [".".join(labels[start:]) for start in range(len(labels) - 1)]
        for entry in candidates:
            if entry in given:
                yield key, "your list", f"your list names {entry}", None, given[entry]
        found = (counsel_by_address if kind == "address" else counsel_by_name)(form)
        if found:
            yield key, *found, message, True
    for key, name in merged.people() if given else ():
        if fold(name) in given:
            yield key, "your list", f"your list names {name}", None, given[fold(name)]


def _signatures(connection: Connection) -> Iterator[tuple[str, str, int]]:
    """(address, reason, message) where a sender signs with the title of a lawyer."""
    mail, bodies = schema.messages, schema.texts
    rows = connection.execute(
        select(
            mail.c.id, lower(mail.c.sender_address).label("address"), mail.c.sender_name,
            bodies.c.body, bodies.c.segments,
        )
        .join_from(mail, bodies)
        .where(mail.c.sender_address != "", or_(*(like(bodies.c.body, word) for word in _SIGNED)))
        .order_by(mail.c.id)
        .execution_options(yield_per=500)
    )  # fmt: skip
    known: set[str] = set()
    for row in rows:
        if row.address in known:
            continue
        name = parse_name(row.sender_name) or local_name(row.address)
        own = [n for n in ((name.surname, name.alone) if name else ()) if n]
        for text in _signed(row.body, row.segments):
            title = signed_title(text, own)
            if title:
                known.add(row.address)
                yield row.address, f"signs as “{title}”", row.id
                break


def _titled(connection: Connection, merged: Merged) -> Iterator[tuple[int, str, int]]:
    """(person, reason, message) where a text gives a person, named in full, counsel's title."""
    found = [
        (" ".join(text.split()), title, message)
        for text, after, message in titles(connection)
        if (title := title_after(after))
    ]
    wanted = {text for text, _, _ in found if " " in text}
    whose: dict[str, set[int]] = defaultdict(set)
    for key, text in merged.named() if wanted else ():
        if text in wanted:
            whose[text].add(key)
    for text, title, message in found:
        if len(whose[text]) == 1:
            yield next(iter(whose[text])), f"a text names them as “{title}”", message


def _signed(body: str, segments: Any) -> Iterator[str]:
    """The signatures of a body, and the last lines that its sender wrote."""
    last = ""
    for role, start, end in segments:
        if role == Role.SIGNATURE:
            yield body[start:end]
        elif role == Role.AUTHORED and not last:
            last = body[start:end][-1500:]
    lines = last.rstrip().splitlines()[-_LAST_LINES:]
    # Prose is no signature: short lines at the end only.
    while lines and not all(len(line) <= 60 for line in lines):
        lines = lines[1:]
    if len(lines) > 1:
        yield "\n".join(lines)


def _weak(connection: Connection, made: Rows, merged: Merged) -> bytearray:
    """For each message, by its number, whether it says little that counsel takes part, and why:
    one more than the place in ``_WEAKLY``, 0 where it does say something.

    What goes to many is no advice in confidence, and neither is what counsel of an organisation
    writes to outsiders alone: the other side, or friends.
    """
    rules: dict[int, set[str]] = defaultdict(set)
    for row in made:
        rules[row["merged_id"]].add(row["rule"])
    found = bytearray()
    domains = lru_cache(maxsize=10_000)(merged.domains)
    for message, addresses in correspondents(connection):
        several = set(addresses)
        if len(several) > _MANY:
            _mark(found, message, "many recipients")
            continue
        present = {address: merged.owner(address) for address in several}
        counsel = {key for key in present.values() if key in rules}
        if not counsel or not all(rules[key] <= _OF_AN_ORGANISATION for key in counsel):
            continue
        home: set[str] = set().union(*(domains(key) for key in counsel)) - FREE_MAIL
        others = [
            {registered(address)} if key is None else domains(key)
            for address, key in present.items()
            if key not in counsel
        ]
        if home and others and all(home.isdisjoint(some) for some in others):
            _mark(found, message, "outsiders only")
    return found


def _mark(found: bytearray, message: int, rule: str) -> None:
    if message >= len(found):
        found.extend(bytes(message + 1 - len(found)))
    found[message] = 1 + list(_WEAKLY).index(rule)


def _taking_part(made: Rows, merged: Merged, weak: bytearray) -> Iterator[dict[str, Any]]:
    why: dict[int, dict[str, Any]] = {}
    for row in made:
        why.setdefault(row["merged_id"], row)
    names = {key: merged.name(key) for key in why}
    for row in merged.appearances.of(why):
        key, message = row["merged_id"], row["message_id"]
        if row["role"] != "named":
            number = weak[message] if message < len(weak) else 0
            rule = list(_WEAKLY)[number - 1] if number else why[key]["rule"]
            yield {
                "message_id": message,
                "rule": rule,
                "merged_id": key,
                "role": row["role"],
                "reason": f"{names[key]} is counsel: {why[key]['reason']}" + _WEAKLY.get(rule, ""),
            }


def _claims(connection: Connection) -> Iterator[dict[str, Any]]:
    mail, bodies = schema.messages, schema.texts
    rows = connection.execute(
        select(mail.c.id, mail.c.subject, bodies.c.body, bodies.c.segments)
        .join_from(mail, bodies)
        .where(
            or_(
                *(like(bodies.c.body, word) for word in _CLAIMED),
                *(like(mail.c.subject, word) for word in _CLAIMED),
            )
        )
        .order_by(mail.c.id)
        .execution_options(yield_per=500)
    )
    for key, subject, body, segments in rows:
        texts = [("subject", subject)]
        texts += [
            ("text", body[s:e][:_LONGEST_TEXT]) for role, s, e in segments if role == Role.AUTHORED
        ]
        for where, text in texts:
            words = privilege_words(text)
            if words:
                yield {
                    "message_id": key, "rule": "words", "merged_id": None, "role": "",
                    "reason": f"its {where} says “{words}”",
                }  # fmt: skip
                break
