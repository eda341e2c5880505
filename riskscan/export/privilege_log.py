"""The privilege log: what is withheld, and on which ground, without giving it away.

Fed. R. Civ. P. 26(b)(5)(A): who withholds a document as privileged must expressly make the claim,
and describe its nature so that others can assess the claim "without revealing information itself
privileged or protected". So every line is made of metadata and of the reviewer's decision; no word
of a body, an attachment or its name is in it, of a subject only on request.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from riskscan.case import schema
from riskscan.case.decisions import current_of
from riskscan.case.people import present
from riskscan.case.read import Case, Record
from riskscan.case.selection import (
    Selection,
    decided_messages,
    members,
    privileged_messages,
    withheld,
)
from riskscan.case.selection import families as selected_families
from riskscan.export.family import Document, families, person
from riskscan.export.log_sheets import write_sheets
from riskscan.export.log_terms import (
    ATTORNEY_CLIENT,
    NOT_STATED,
    LogTerms,
    bases,
    count,
    file_kind,
    topic,
)
from riskscan.export.production import Numbering, ProductionError, read_about
from riskscan.export.report_words import SHOWN_ROLE

COLUMNS = (
    "Control Number", "Family", "Attached To", "Date", "From", "To", "CC", "BCC",
    "Document Type", "Privilege Basis", "Description", "Status", "Custodian",
)  # fmt: skip
HINT = "Hint, not decided"
WITH_FAMILY = "None claimed: withheld with its family"
# The asterisk of counsel, before an address or at the end.
_COUNSEL = re.compile(r"\*(?: <|$)")
_NUMBERING = Numbering("PRIV", 1, 5)


@dataclass(slots=True)
class Line:
    """One line of the log; ``basis`` are the privileges claimed."""

    number: str
    family: str = ""
    parent: str = ""
    date: str = ""
    people: dict[str, list[str]] = field(default_factory=dict)
    kind: str = ""
    basis: list[str] = field(default_factory=list)
    description: str = ""
    status: str = ""
    custodians: list[str] = field(default_factory=list)
    thread: str = ""
    files: int = 0

    def cells(self) -> list[str]:
        """The cells in the order of ``COLUMNS``."""
        people = ["; ".join(self.people.get(kind, ())) for kind in ("from", "to", "cc", "bcc")]
        return [
            self.number, self.family, self.parent, self.date, *people, self.kind,
            "; ".join(self.basis), self.description, self.status, "; ".join(self.custodians),
        ]  # fmt: skip


@dataclass(slots=True)
class Written:
    """What was logged: lines, and documents by what is claimed for them."""

    lines: int = 0
    documents: int = 0
    not_stated: int = 0
    with_family: int = 0
    hints: int = 0
    undecided: int = 0
    without_counsel: int = 0

    def notes(self) -> list[str]:
        """What a person should know, in sentences."""
        told = [f"{count(self.documents, 'document')} logged"]
        if self.not_stated:
            told.append(
                f"{count(self.not_stated, 'document')} without a basis: no reviewer's note tells "
                "it (attorney-client, work product). --basis states one for all of these"
            )
        if self.without_counsel:
            told.append(
                f"{count(self.without_counsel, 'message')} claimed as attorney-client in which "
                "nobody takes part who is marked as counsel: look at them, or name counsel "
                "(riskscan entities --counsel)"
            )
        if self.with_family:
            told.append(
                f"{count(self.with_family, 'document')} withheld only because a document of the "
                "same family is privileged: nothing is claimed for these"
            )
        if self.hints:
            told.append(f"{count(self.hints, 'document')} are hints that nobody decided on")
        elif self.undecided:
            told.append(
                f"{count(self.undecided, 'message')} only hint at privilege and are not logged: "
                "nobody decided on them (--hints lists them)"
            )
        return told


class _Log:
    def __init__(self, case: Case, connection: Connection, terms: LogTerms) -> None:
        self.case, self.connection, self.terms = case, connection, terms
        self.counsel: set[int] = set()
        self.hinted: dict[int, list[str]] = {}
        if present(connection):
            self.counsel = set(connection.execute(select(schema.counsel.c.merged_id)).scalars())
            self.hinted = self._hints()
        self.privileged = privileged_messages(connection)
        self.written = Written()
        self.named: dict[str, str] = {}

    def _hints(self) -> dict[int, list[str]]:
        """Why messages that nobody decided on may be privileged, without words of their texts."""
        table = schema.privilege_hints
        decided = decided_messages(self.connection)
        found: dict[int, list[str]] = {}
        rows = self.connection.execute(
            select(table.c.message_id, table.c.rule).order_by(table.c.id)
        )
        for key, rule in rows:
            why = "its text claims privilege" if rule == "words" else "counsel takes part"
            if key not in decided and why not in found.setdefault(key, []):
                found[key].append(why)
        return {key: why for key, why in found.items() if why}

    def chosen(self, selection: Selection) -> dict[int, dict[int, str]]:
        """The messages that stand alone to be logged, with numbers by place if any."""
        if self.terms.production is not None:
            return _of_production(self.terms.production)
        every = selected_families(self.connection, replace(selection, privileged=True, collapse=()))
        held = withheld(self.connection)
        tops = {key for key in every if key in held}
        inside = members(self.connection, set(every) - tops)
        hinted = {inside[key] for key in self.hinted if key in inside}
        self.written.undecided = len(hinted)
        if self.terms.hints:
            tops |= hinted
        return {key: {} for key in sorted(tops)}

    def lines(self, tops: dict[int, dict[int, str]], numbering: Numbering) -> Iterator[Line]:
        """A line a document, families together."""
        at = 0
        for family in families(self.case, list(tops)):
            given = tops[family[0].record["id"]]
            if given and len(given) != len(family):
                raise ProductionError(
                    "The production was made of another state of this case: make it anew."
                )
            for place, document in enumerate(family):
                document.number = given[place] if given else numbering.number(at + place)
            at += len(family)
            yield from self._family(family)

    def _family(self, family: Sequence[Document]) -> Iterator[Line]:
        ids = sorted({d.record["id"] for d in family})
        entries = [e for e in current_of(self.connection, ids) if e.privileged]
        notes: dict[int, list[str]] = {key: [] for key in ids}
        for entry in entries:
            notes[entry.message].append(entry.note)
        chats = set(
            self.connection.execute(
                select(schema.messages.c.id).where(
                    schema.messages.c.id.in_(ids), schema.messages.c.medium == "chat"
                )
            ).scalars()
        )
        whole = f"{family[0].number} to {family[-1].number}" if len(family) > 1 else ""
        for place, document in enumerate(family):
            key = document.record["id"]
            line = Line(
                document.number, whole,
                family[document.parent].number if document.parent >= 0 else "",
                custodians=document.record["custodians"],
                thread=family[0].record["thread_id"] or f"message {family[0].record['id']}",
            )  # fmt: skip
            self._claim(line, key, notes[key], bool(entries))
            line.files = sum(d.parent == place and d.role != SHOWN_ROLE for d in family)
            self._describe(line, document, key in chats)
            self.written.documents += 1
            yield line

    def _claim(self, line: Line, key: int, notes: list[str], decided: bool) -> None:
        if key in self.privileged:
            line.basis = bases(notes, self.terms.basis)
            line.status = "Withheld in full"
            self.written.not_stated += NOT_STATED in line.basis
        elif decided:
            line.basis, line.status = [WITH_FAMILY], "Withheld with its family"
            self.written.with_family += 1
        else:
            why = self.hinted.get(key)
            line.basis = [f"{HINT}: {', '.join(why)}" if why else f"{HINT}: of its family"]
            line.status = f"Not withheld ({HINT.lower()})"
            self.written.hints += 1

    def _describe(self, line: Line, document: Document, chat: bool) -> None:
        record = document.record
        about = topic(line.basis)
        if not document.is_mail:
            line.kind = f"Attachment ({file_kind(document.ending)})"
            line.description = _sentence(f"Attachment to {line.parent}", about)
            return
        line.kind = "Chat message" if chat else "Email"
        line.date = _moment(record["date"])
        line.people = {
            "from": [
                self._person(record["sender_merged_id"], record["sender_name"], record["sender"])
            ],
            **{kind: self._recipients(record, kind) for kind in ("to", "cc", "bcc")},
        }
        named = any(_COUNSEL.search(p) for several in line.people.values() for p in several)
        self.written.without_counsel += ATTORNEY_CLIENT in line.basis and not named
        line.description = _sentence(
            f"{line.kind}{self._roles(record)}",
            f"with {count(line.files, 'attachment')}" if line.files else "",
            about,
        )
        if self.terms.describe_with == "subject" and record["subject"]:
            line.description += f"; subject: “{' '.join(record['subject'].split())}”"

    def _roles(self, record: Record) -> str:
        """ " from counsel to 3 recipients": who of them is counsel, and how many they are."""
        counsel = self.counsel
        sender = " from counsel" if record["sender_merged_id"] in counsel else ""
        to = [p for p in record["recipients"] if p["kind"] == "to"]
        others = [p for p in record["recipients"] if p["kind"] != "to"]
        told = sender
        if to:
            told += f" to {_among(to, counsel)}"
        if others:
            told += f"{',' if to else ''} copied to {_among(others, counsel)}"
        return told

    def _recipients(self, record: Record, kind: str) -> list[str]:
        return [
            self._person(p["merged_id"], p["name"], p["address"])
            for p in record["recipients"]
            if p["kind"] == kind
        ]

    def _person(self, merged: int | None, name: str, address: str) -> str:
        """A person as ``Name* <address>``, the asterisk for counsel."""
        shown = person(name, address)
        if merged is None or merged not in self.counsel:
            return shown
        self.named[person(name, address)] = address.rpartition("@")[2]
        if name and name != address:
            return f"{name}* <{address}>" if address else f"{name}*"
        return f"{address}*"


def _among(people: Sequence[dict[str, Any]], counsel: set[int]) -> str:
    lawyers = sum(p["merged_id"] in counsel for p in people)
    others = len(people) - lawyers
    told = ["counsel" if lawyers == 1 else f"{lawyers} counsel"] if lawyers else []
    if others:
        told.append(count(others, "other") if lawyers else count(others, "recipient"))
    return " and ".join(told)


def _sentence(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _moment(date: str | None) -> str:
    return f"{date[:10]} {date[11:16]} UTC" if date else ""


def _of_production(folder: Path) -> dict[int, dict[int, str]]:
    """The slip sheets of a production: numbers by place, by the message that stands alone."""
    told = read_about(folder).get("withheld_documents")
    found: dict[int, dict[int, str]] = {}
    try:
        for one in told if isinstance(told, list) else []:
            found.setdefault(int(one["message"]), {})[int(one["place"])] = str(one["number"])
    except (TypeError, ValueError, KeyError) as error:
        raise ProductionError(f"'{folder}' does not tell its slip sheets as it should.") from error
    if not found:
        raise ProductionError(
            f"'{folder}' has no slip sheets: it was made without --privileged placeholder."
        )
    return {key: found[key] for key in sorted(found)}


def by_thread(lines: Sequence[Line]) -> Iterator[Line]:
    """One line a thread, in the order of their first documents."""
    order: dict[str, int] = {}
    for line in lines:
        order.setdefault(line.thread, len(order))
    for _, some in groupby(sorted(lines, key=lambda one: order[one.thread]), lambda o: o.thread):
        yield _thread(list(some))


def _thread(lines: list[Line]) -> Line:
    dates = sorted(line.date for line in lines if line.date)
    mails = [line for line in lines if not line.kind.startswith("Attachment")]
    basis = list(dict.fromkeys(b for line in lines for b in line.basis))
    people = {
        kind: list(dict.fromkeys(p for line in lines for p in line.people.get(kind, ())))
        for kind in ("from", "to", "cc", "bcc")
    }
    files = len(lines) - len(mails)
    return Line(
        ", ".join(_ranges([line.number for line in lines])),
        date=dates[0]
        if len(set(dates)) == 1
        else " to ".join((dates[0], dates[-1]))
        if dates
        else "",
        people=people,
        kind="Thread" if len(mails) > 1 else mails[0].kind,
        basis=basis,
        description=_told(mails, people, files, basis),
        status="; ".join(dict.fromkeys(line.status for line in lines)),
        custodians=list(dict.fromkeys(c for line in lines for c in line.custodians)),
    )


def _told(
    mails: Sequence[Line], people: Mapping[str, list[str]], files: int, basis: Sequence[str]
) -> str:
    """What a thread is: of a single message what its own line says."""
    if len(mails) == 1:
        return mails[0].description
    counsel = any(_COUNSEL.search(p) for several in people.values() for p in several)
    subjects = dict.fromkeys(m.description.partition("; ")[2] for m in mails)
    told = _sentence(
        f"Thread of {count(len(mails), 'message')}{' with counsel' if counsel else ''}",
        f"with {count(files, 'attachment')}" if files else "",
        topic(basis),
    )
    return "; ".join([told, *(s for s in subjects if s)])


def _ranges(numbers: Sequence[str]) -> list[str]:
    """Control numbers with runs written as "A0001 to A0004"."""
    runs: list[list[str]] = []
    for number in numbers:
        last = runs[-1][-1] if runs else ""
        if last and len(last) == len(number) and _follows(last, number):
            runs[-1].append(number)
        else:
            runs.append([number])
    return [run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]


def _follows(one: str, other: str) -> bool:
    digits = len(other) - len(other.rstrip("0123456789"))
    cut = len(other) - digits
    return bool(digits) and one[:cut] == other[:cut] and int(other[cut:]) == int(one[cut:]) + 1


def write_log(
    case: Case, file: Path, selection: Selection, terms: LogTerms, numbering: Numbering | None
) -> Written:
    """Write the log of the selected families to a .csv or .xlsx file (replaced when complete).

    Without a ``production`` the documents get numbers of their own. Raises ProductionError.
    """
    if file.suffix.lower() not in (".csv", ".xlsx"):
        raise ProductionError(f"A privilege log is a .csv or .xlsx file, not '{file.name}'.")
    with case.connect() as connection:
        log = _Log(case, connection, terms)
        lines = list(log.lines(log.chosen(selection), numbering or _NUMBERING))
    shown = list(by_thread(lines)) if terms.by == "thread" else lines
    write_sheets(file, list(COLUMNS), [line.cells() for line in shown], sorted(log.named.items()))
    log.written.lines = len(shown)
    return log.written
