"""The fields of a production's load file, and the small file that selects and renames them."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from riskscan.export.family import Document
from riskscan.mail.dates import parse_date
from riskscan.sources.peoplelists import listed_person

Value = str | list[str]
DATE_FORMAT = "%Y-%m-%d %H:%M:%S"
_RECEIVED = re.compile(rb"^received:[^\n]{0,2000}(?:\n[ \t][^\n]{0,2000}){0,50}", re.I | re.M)
_BLANK = re.compile(rb"\n\r?\n")
_HEAD_MAX = 64 * 1024


class FieldsError(ValueError):
    """A file of fields that cannot be used; the text is a sentence for the user."""


@dataclass(slots=True, frozen=True)
class At:
    """What a field is computed of: a document, its family, and how dates are to be written."""

    document: Document
    family: Sequence[Document]
    date_format: str

    @property
    def mail(self) -> Document | None:
        """The document, when it is a message: an attachment has no sender of its own."""
        return self.document if self.document.is_mail else None

    def date(self, moment: datetime | None) -> str:
        """A moment as the load file has it."""
        return moment.strftime(self.date_format) if moment else ""


def _range(at: At, last: bool) -> str:
    return at.family[-1 if last else 0].number if len(at.family) > 1 else ""


def _parent(at: At) -> str:
    return at.family[at.document.parent].number if at.document.parent >= 0 else ""


def _sent(at: At) -> str:
    date = at.mail and at.mail.record["date"]
    return at.date(datetime.fromisoformat(date)) if date else ""


def _received(at: At) -> str:
    """The date of the topmost Received header, which the last server wrote."""
    if at.mail is None or at.mail.mail is None:
        return ""
    match = _RECEIVED.search(at.mail.mail, 0, _HEAD_MAX)
    blank = _BLANK.search(at.mail.mail, 0, _HEAD_MAX)
    if match is None or (blank is not None and blank.start() < match.start()):
        return ""
    value = b" ".join(match[0].split()).decode("utf-8", "replace")
    found, _ = parse_date(value.rpartition(";")[2].strip())
    return at.date(found)


def _mail(name: str) -> Callable[[At], str]:
    return lambda at: str(at.mail.record[name] or "") if at.mail else ""


def _people(kind: str) -> Callable[[At], list[str]]:
    def told(at: At) -> list[str]:
        people = at.mail.record["recipients"] if at.mail else []
        return [listed_person(p["name"], p["address"]) for p in people if p["kind"] == kind]

    return told


def _sender(at: At) -> str:
    if at.mail is None:
        return ""
    return listed_person(at.mail.record["sender_name"], at.mail.record["sender"])


def _names(at: At) -> list[str]:
    place = next(i for i, d in enumerate(at.family) if d is at.document)
    return [d.name or f"{d.number}{d.ending}" for d in at.family if d.parent == place]


def _hash(name: str) -> Callable[[At], str]:
    def value(at: At) -> str:
        data = at.document.data
        return (
            hashlib.new(name, data, usedforsecurity=False).hexdigest() if data is not None else ""
        )

    return value


def _score(at: At) -> str:
    score = at.mail.record["score"] if at.mail else None
    return "" if score is None else f"{score:.4f}"


def _inclusive(at: At) -> str:
    told = at.mail.record["inclusive"] if at.mail else None
    return "" if told is None else "Y" if told else "N"


def _findings(at: At) -> list[str]:
    """The sentences that voice a signal; the best one of a message that is not flagged is none."""
    if at.mail is None or not at.mail.record["flagged"]:
        return []
    return [f"{f['signal']}: {' '.join(f['text'].split())}" for f in at.mail.record["findings"]]


def _notes(at: At) -> list[str]:
    """What reading noted beyond the fields; of a message also what became of its copies."""
    noted = list(at.document.unread)
    if at.mail is not None:
        record = at.mail.record
        noted += record["defects"]
        noted += [
            f"copy of {c['custodian']}: {c['state']}" for c in record["duplicates"] if c["state"]
        ]
    return noted


FIELDS: dict[str, Callable[[At], Value]] = {
    "DOCID": lambda at: at.document.number,
    "BEGDOC": lambda at: at.document.number,
    "ENDDOC": lambda at: at.document.number,
    "BEGATTACH": lambda at: _range(at, last=False),
    "ENDATTACH": lambda at: _range(at, last=True),
    "PARENTID": _parent,
    "ATTACHIDS": lambda at: list(at.document.children),
    "DOCTYPE": lambda at: "message" if at.mail else "attachment",
    "ATTACHROLE": lambda at: at.document.role,
    "CUSTODIAN": lambda at: at.document.record["custodians"][0],
    "ALLCUSTODIANS": lambda at: list(at.document.record["custodians"]),
    "FROM": _sender,
    "TO": _people("to"),
    "CC": _people("cc"),
    "BCC": _people("bcc"),
    "SUBJECT": _mail("subject"),
    "DATESENT": _sent,
    "DATERECEIVED": _received,
    "TIMEZONE": lambda at: "UTC" if at.mail else "",
    "HASATTACH": lambda at: "Y" if _names(at) else "N",
    "ATTACHNAMES": _names,
    "FILENAME": lambda at: at.document.name,
    "FOLDER": lambda at: at.document.record["folder"],
    "MEDIUM": _mail("medium"),
    "STATE": _mail("state"),
    "MESSAGEID": _mail("message_id"),
    "INREPLYTO": lambda at: list(at.mail.in_reply_to) if at.mail else [],
    "REFERENCES": lambda at: list(at.mail.references) if at.mail else [],
    "EDRM_MIH": _mail("mih"),
    "MD5HASH": _hash("md5"),
    "SHA256HASH": _hash("sha256"),
    "THREADID": _mail("thread_id"),
    "SOURCEDOCID": _mail("control_number"),
    "INCLUSIVE": _inclusive,
    "NEARDUP": _mail("near_group"),
    "RISKSCORE": _score,
    "SIGNALS": lambda at: list(at.mail.record["signals"]) if at.mail else [],
    "FINDINGS": _findings,
    "NATIVETYPE": lambda at: at.document.native,
    "NATIVEPATH": lambda at: at.document.native_path,
    "TEXTPATH": lambda at: at.document.text_path,
    "PROCESSINGNOTES": _notes,
}  # fmt: skip
# Offered only when the case's records have them.
_FROM_RECORD = {"INCLUSIVE": "inclusive", "NEARDUP": "near_group"}


@dataclass(slots=True, frozen=True)
class Profile:
    """Which fields a load file has, in order, each as (field, name in the load file)."""

    columns: tuple[tuple[str, str], ...]
    date_format: str = DATE_FORMAT

    def values(self, document: Document, family: Sequence[Document]) -> list[Value]:
        """A document's values in the order of the columns."""
        at = At(document, family, self.date_format)
        return [FIELDS[field](at) for field, _ in self.columns]


def offered(record: Mapping[str, object]) -> list[str]:
    """The fields that there are for a case whose records are like ``record``; all without one."""
    return [f for f in FIELDS if not record or _FROM_RECORD.get(f, "id") in record]


def default_profile(fields: Sequence[str]) -> Profile:
    """All fields under their own names."""
    return Profile(tuple((f, f) for f in fields))


def read_profile(file: Path, fields: Sequence[str]) -> Profile:
    """A profile file (TOML): ``fields`` lists or renames them, ``date_format`` is strftime's.

    Raises FieldsError for what is not offered.
    """
    try:
        told = tomllib.loads(file.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FieldsError(f"'{file}' is no TOML: {error}.") from error
    if unknown := sorted(told.keys() - {"fields", "date_format"}):
        raise FieldsError(
            f"'{file}' tells what nothing here goes by: {', '.join(unknown)}. It may tell 'fields' "
            "and 'date_format'."
        )
    chosen = told.get("fields")
    pairs: list[tuple[str, object]]
    if isinstance(chosen, list):
        pairs = [(str(f), f) for f in chosen]
    elif isinstance(chosen, dict):
        pairs = list(chosen.items())
    else:
        raise FieldsError(f"'{file}' has no list or table 'fields'.")
    if unknown := [f for f, _ in pairs if f not in fields]:
        raise FieldsError(
            f"'{file}' names fields that there are not: {', '.join(unknown)}. There are "
            f"{', '.join(fields)}."
        )
    names = [n for _, n in pairs]
    if not pairs or not all(isinstance(n, str) and n.strip() for n in names):
        raise FieldsError(f"'{file}' must give each field a name.")
    if len({str(n) for n in names}) < len(names):
        raise FieldsError(f"'{file}' gives two fields one name.")
    date_format = told.get("date_format", DATE_FORMAT)
    if not isinstance(date_format, str):
        raise FieldsError(f"date_format in '{file}' is no text.")
    return Profile(tuple((f, str(n)) for f, n in pairs), date_format)
