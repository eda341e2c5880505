"""Counsel among the people of a case, and hints that a message may be privileged.

A hint says why it is there and is never a decision: who takes part, by which rule they are counsel,
or which words of the authored text claim privilege.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
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
from riskscan.stages.sightings import Appearances

_PEOPLE = ("PERSON", "MAILBOX")
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
    connection: Connection, entries: Mapping[str, bool], rows: dict[str, Any]
) -> dict[str, Iterable[dict[str, Any]]]:
    """The rows of ``counsel`` and ``privilege_hints``, from the rows that merging made.

    The hints are read from the case as they are gone through, one time.

    ``entries``: what a user's list says: addresses, domains, names or firms, and whether they are.
    """
    people = {row["id"]: row for row in rows["merged"] if row["label"] in _PEOPLE}
    forms: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for form in rows["merged_forms"]:
        if form["merged_id"] in people and form["kind"] != "named":
            forms[form["merged_id"]].append(form)
    reasons: dict[int, dict[str, tuple[str, int | None]]] = defaultdict(dict)
    denied = set()
    given = {fold(entry.lstrip("@")): yes for entry, yes in entries.items()}
    for key, person in people.items():
        for rule, reason, message, yes in _of(person, forms[key], given):
            if yes:
                reasons[key].setdefault(rule, (reason, message))
            else:
                denied.add(key)
    owner = {f["form"]: k for k, some in forms.items() for f in some if f["kind"] == "address"}
    for address, reason, message in _signatures(connection):
        key = owner.get(address)
        if key is not None and key in people:
            reasons[key].setdefault("signature", (reason, message))
    for key, reason, message in _titled(connection, people, rows["merged_forms"]):
        reasons[key].setdefault("title", (reason, message))
    made = [
        {"merged_id": key, "rule": rule, "reason": reason, "message_id": message}
        for key in sorted(reasons)
        if key not in denied
        for rule, (reason, message) in sorted(
            reasons[key].items(), key=lambda item: _STRENGTH.index(item[0])
        )[:_MOST_REASONS]
    ]
    weak = _weak(connection, made, owner)
    hints = chain(_taking_part(made, people, rows["appearances"], weak), _claims(connection))
    return {"counsel": made, "privilege_hints": hints}


def _of(
    person: dict[str, Any], forms: Rows, given: Mapping[str, bool]
) -> Iterator[tuple[str, str, int | None, bool]]:
    """(rule, reason, message, whether counsel) of a person, by list, address and display name."""
    for form in forms:
        text = fold(form["form"])
        candidates = [text]
        if form["kind"] == "address":
            labels = text.rpartition("@")[2].split(".")
            candidates += [".".join(labels[start:]) for start in range(len(labels) - 1)]
        for entry in candidates:
            if entry in given:
                yield "your list", f"your list names {entry}", None, given[entry]
        found = (counsel_by_address if form["kind"] == "address" else counsel_by_name)(form["form"])
        if found:
            yield *found, form["message_id"], True
    if fold(person["name"]) in given:
        yield "your list", f"your list names {person['name']}", None, given[fold(person["name"])]


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


def _titled(
    connection: Connection, people: Mapping[int, Any], forms: Rows
) -> Iterator[tuple[int, str, int]]:
    """(person, reason, message) where a text gives a person, named in full, counsel's title."""
    whose: dict[str, set[int]] = defaultdict(set)
    for form in forms:
        if form["kind"] == "named" and " " in form["form"] and form["merged_id"] in people:
            whose[form["form"]].add(form["merged_id"])
    for text, after, message in titles(connection):
        some = whose.get(" ".join(text.split()), set())
        title = title_after(after)
        if title and len(some) == 1:
            yield next(iter(some)), f"a text names them as “{title}”", message


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


def _weak(connection: Connection, made: Rows, owner: Mapping[str, int]) -> dict[int, str]:
    """Messages in which it says little that counsel takes part, and why.

    What goes to many is no advice in confidence, and neither is what counsel of an organisation
    writes to outsiders alone: the other side, or friends.
    """
    rules: dict[int, set[str]] = defaultdict(set)
    for row in made:
        rules[row["merged_id"]].add(row["rule"])
    domains: dict[int, set[str]] = defaultdict(set)
    for address, key in owner.items():
        domains[key].add(registered(address))
    found = {}
    for message, addresses in correspondents(connection):
        several = set(addresses)
        if len(several) > _MANY:
            found[message] = "many recipients"
            continue
        present = {owner[a] for a in several if a in owner}
        counsel = {key for key in present if key in rules}
        home: set[str] = set().union(*(domains[key] for key in counsel)) - FREE_MAIL
        others = [domains[key] for key in present - counsel]
        others += [{registered(a)} for a in several if a not in owner]
        own = all(rules[key] <= _OF_AN_ORGANISATION for key in counsel)
        if counsel and own and home and others and all(home.isdisjoint(some) for some in others):
            found[message] = "outsiders only"
    return found


def _taking_part(
    made: Rows, people: Mapping[int, Any], appearances: Appearances, weak: Mapping[int, str]
) -> Iterator[dict[str, Any]]:
    why: dict[int, dict[str, Any]] = {}
    for row in made:
        why.setdefault(row["merged_id"], row)
    for row in appearances.of(why):
        counsel = why[row["merged_id"]]
        if row["role"] != "named":
            yield {
                "message_id": row["message_id"],
                "rule": weak.get(row["message_id"], counsel["rule"]),
                "merged_id": row["merged_id"],
                "role": row["role"],
                "reason": f"{people[row['merged_id']]['name']} is counsel: {counsel['reason']}"
                + _WEAKLY.get(weak.get(row["message_id"], ""), ""),
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
