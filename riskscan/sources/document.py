"""The documents of a load file to events: native mail as it is, families, the rest composed."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from riskscan.mail.message import ALL_CUSTODIANS
from riskscan.mail.ownhead import without_own_head
from riskscan.mail.told import Told, ToldText
from riskscan.sources.compose import File, compose
from riskscan.sources.fields import BadRow, Named, Note, Row
from riskscan.sources.item import Event, Item, LimitError, NotRead, SourceError
from riskscan.sources.moments import DayOrder, sent, written
from riskscan.sources.names import tree_names
from riskscan.sources.reading import Blob, Reader, Reading
from riskscan.sources.rowfiles import Native, RowFiles
from riskscan.sources.rows import (
    Held,
    base_name,
    file_of,
    files_told,
    folder_of,
    headers_of,
    is_mail_row,
    is_picture,
    people_in,
    people_left_out,
    type_of,
)
from riskscan.sources.unreadable import Run

Rows = Callable[[Reading, Blob], Iterator[Row | BadRow | Note]]

# What vendors print above a text.
_PRINTED = (
    "from", "sender name", "to", "cc", "bcc", "subject", "title", "attachment names",
)  # fmt: skip
_NUMBER = re.compile(r"[^()\x00-\x1f]{1,100}")
_NOTHING_TOLD = "the row tells nothing: no native, text or field"
_NO_BYTES = hashlib.sha256(b"").hexdigest()
_UNIQUE = 16  # characters
_FAMILY_MAX = 5_000  # rows
_PEOPLE_MAX = 2_000  # characters
_CUSTODIANS_MAX = 100


def documents(kind: str, rows: Rows) -> Reader:
    """The reader of a load file whose rows ``rows`` tells; ``kind`` is the items' format."""

    def read(reading: Reading, blob: Blob) -> Iterator[Event]:
        try:
            yield from _Documents(reading, blob, kind).events(rows(reading, blob))
        except SourceError as error:
            yield from reading.stopped(blob.origin, error, before="not read on: ")

    return read


class _Documents:
    """One pass over the documents of one load file."""

    def __init__(self, reading: Reading, blob: Blob, kind: str) -> None:
        self._reading = reading
        self._volume = blob.volume
        self._depth = blob.depth
        self._kind = kind
        self._by = "the table" if kind in ("csv", "jsonl") else "the load file"
        self._source = blob.origin.source
        self._files = RowFiles(reading, blob)
        self._order = DayOrder(blob.volume.look.days if blob.volume is not None else None)
        self._custodian = tree_names(blob.origin)[0]
        self._noted: set[str] = set()

    def events(self, rows: Iterable[Row | BadRow | Note]) -> Iterator[Event]:
        """Yield the events of all rows; raises LimitError."""
        family = _Members()
        whole = _in_runs(self._order.ahead(iter(rows)))
        while True:
            try:
                row = next(whole, None)
            except Exception:
                # The file ends badly: what was read of it before is none the worse for that.
                yield from self._family(family.rows)
                raise
            if row is None:
                break
            if isinstance(row, Row) and (strange := self._strange(row)):
                yield from self._passed(strange)
            if isinstance(row, Note):
                told = NotRead(self._source, "header", row.reason, 0, "", lost=row.lost)
                yield from self._passed([told])
            elif isinstance(row, BadRow):
                yield from self._family(family.rows)
                family = _Members()
                told = NotRead(self._source, row.place, row.reason, row.size, row.sha256, lost=True)
                yield from self._passed([told])
            elif len(family.rows) < _FAMILY_MAX and family.has(row):
                family.add(row)
            else:
                yield from self._family(family.rows)
                family = _Members()
                family.add(row)
        yield from self._family(family.rows)

    def _strange(self, row: Row) -> list[NotRead]:
        """What is said, once, of columns that are called as ours and hold something else."""
        found = []
        for name, known in (("state", row.state), ("medium", row.medium)):
            if row.get(name) and not known and name not in self._noted:
                self._noted.add(name)
                why = f"a column is called as that of the {name} of messages, and tells others: "
                found.append(self._files.lost(row, "", f"{why}{row.get(name)[:100]}"))
        return [replace(one, lost=False) for one in found]

    def _passed(self, events: Iterable[Event]) -> Iterator[Event]:
        for event in events:
            if not self._reading.passes():
                yield event

    def _family(self, family: list[Row]) -> Iterator[Event]:
        if not family:
            return
        parent, *children = family
        native = self._files.of(parent)
        if native.many:
            yield from self._container(parent, native)
            for child in children:
                yield from self._family([_alone(child)])
        elif native.mail is not None:
            mail = [e for e in native.mail if isinstance(e, Item)]
            held = Held(mail[0].data) if children and len(mail) == 1 else None
            inside: list[tuple[Row, str]] = []
            apart: list[Row] = []
            for child in children:
                found = self._held(child, held) if held is not None else None
                if found is not None:
                    inside.append((child, "" if found[1] else found[0]))
                elif child.get("role") == "alternative" and not child.get("native path"):
                    # The body in another form, as a production before this one had it.
                    inside.append((child, ""))
                else:
                    apart.append(child)
            yield from self._passed(self._own(parent, native, inside))
            for child in apart:
                yield from self._family([_alone(child, parent.get("id"))])
        else:
            yield from self._passed(self._composed(parent, native, children))

    def _container(self, row: Row, native: Native) -> Iterator[Event]:
        """The messages of a mailbox or archive that is the native of a row; raises LimitError."""
        assert self._volume is not None
        try:
            with self._volume.open(native.key) as (origin, stream):
                for event in self._reading.read(Blob(origin, stream, self._depth + 1)):
                    if isinstance(event, Item) and row.get("custodian"):
                        event = replace(event, custodian=row.get("custodian"))
                    yield event
        except LimitError:
            raise
        except SourceError as error:
            native.missing.append(
                self._files.lost(row, native.path, f"the native of this row: {error}")
            )
        yield from self._passed(native.missing)

    # families

    def _held(self, child: Row, held: Held) -> tuple[str, bool] | None:
        """What the parent's own mail holds of a child, as ``Held.take`` has it."""
        native = self._files.of(child, attached=True)
        mail = [e.data for e in native.mail or () if isinstance(e, Item)]
        return held.take(child, native.data, mail[0] if len(mail) == 1 else None)

    def _own(self, row: Row, native: Native, inside: list[tuple[Row, str]]) -> list[Event]:
        """The events of a row whose native is mail; ``inside``: what it holds of its children."""
        defects = (
            *native.defects, *people_left_out(row), *_apart(row), *self._custodians(row),
        )  # fmt: skip
        place = _place(row, inside[-1][0] if inside else row, native.path)
        custodian = row.get("custodian") or self._custodian
        lost = list(native.missing)
        told: Told | None = self._told(row, native, inside, lost)
        events: list[Event] = []
        for event in native.mail or ():
            if isinstance(event, Item):
                event = replace(
                    event,
                    source=self._source,
                    format=self._kind,
                    place=place,
                    custodian=custodian,
                    folder=folder_of(row, native.path),
                    medium=row.medium or event.medium,
                    conversation=self._thread(row) or event.conversation,
                    defects=(*event.defects, *defects),
                    told=told,
                    state=row.state or event.state,
                )
                told = None
            elif isinstance(event, NotRead):
                event = replace(event, source=self._source, place=place)
            events.append(event)
        return events + lost

    def _told(
        self, row: Row, native: Native, inside: list[tuple[Row, str]], lost: list[NotRead]
    ) -> Told | None:
        """What the rows tell of a native mail; what they name and is not there goes to ``lost``."""
        texts: list[ToldText] = []
        if native.text.strip():
            texts.append(ToldText(_name_of(row, native), native.text, body=True))
        for child, digest in inside:
            found = Native()
            self._files.text(child, found)
            lost += found.missing
            if found.text.strip():
                texts.append(ToldText(_name_of(child, found), found.text, digest))
        when, unsure = sent(row, self._order) if row.get("date") else (None, [])
        return Told(self._by, tuple(texts), tuple(people_in(row)), when, tuple(unsure))

    def _only_told(
        self, row: Row, files: list[File], lost: list[NotRead], children: int
    ) -> list[Named]:
        """The attachments that a row names and nothing of the export holds."""
        told = files_told(row)
        if children >= len(told):
            return []
        have = Counter(file.name.casefold() for file in files)
        have.update(base_name(one.place.split(" ", 2)[-1]).casefold() for one in lost)
        absent = []
        for one in told:
            name = base_name(one.name).casefold()
            if have[name] > 0:
                have[name] -= 1
            else:
                absent.append(one)
        return absent

    def _thread(self, row: Row) -> str:
        """The key of a row's thread; a short one is a number that other load files have, too."""
        thread = row.conversation
        if not thread:
            return ""
        return f"{self._kind}:{thread if len(thread) >= _UNIQUE else f'{self._source}/{thread}'}"

    def _attached_mail(self, row: Row, native: Native) -> tuple[File, list[str]]:
        """A message that is attached to another one and has no native mail: made of its row."""
        when, unsure = sent(row, self._order)
        headers = headers_of(row, when)
        files = [file_of(row, native.path, native.data, mail=False)] if native.data else []
        data = compose(headers, text=_bare(row, native.text, when is not None), files=files)
        return File(_name_of(row, native), data, "message/rfc822"), [*unsure, *people_left_out(row)]

    def _senders(self, row: Row) -> tuple[str, ...]:
        """What is said of those behind the first sender."""
        more = [one.address or one.name for kind, one in people_in(row) if kind == "from"][1:]
        return (f"senders that {self._by} tells, too: {', '.join(more[:20])}",) if more else ()

    def _custodians(self, row: Row) -> tuple[str, ...]:
        """What is said of the others who held a document that the vendor kept once."""
        everybody = row.all_custodians()
        if known := "; ".join(everybody[:_CUSTODIANS_MAX]):
            told = f"{ALL_CUSTODIANS}{' '.join(known.split())}"
            if (more := len(everybody) - _CUSTODIANS_MAX) <= 0:
                return (told,)
            first = f"{len(everybody):,} custodians: the first {_CUSTODIANS_MAX} are kept"
            return told, f"{first}, {more:,} left out"
        others = row.get("custodians")
        if not others or others == row.get("custodian"):
            return ()
        told = f"custodians that {self._by} tells: {' '.join(others[:_PEOPLE_MAX].split())}"
        if len(others) <= _PEOPLE_MAX:
            return (told,)
        return told, (
            f"{len(others):,} characters of custodians: the first {_PEOPLE_MAX:,} are kept"
        )

    def _composed(self, row: Row, native: Native, children: list[Row]) -> list[Event]:
        """The events of a document without native mail: a message of its fields and files."""
        lost = list(native.missing)
        when, unsure = sent(row, self._order)
        files: list[File] = []
        texts: list[ToldText] = []
        if native.data is not None:
            files.append(file_of(row, native.path, native.data, mail=False))
        for path in row.listed("attachments"):
            files += self._files.attachment(row, path, lost)
        for child in children:
            inner = self._files.of(child, attached=True)
            lost += inner.missing
            unsure += [f"{one} ({_name_of(child, inner)})" for one in inner.defects]
            if inner.mail is None and is_mail_row(child):
                made, doubts = self._attached_mail(child, inner)
                files.append(made)
                unsure += doubts
                continue
            if inner.data is not None:
                files.append(file_of(child, inner.path, inner.data, mail=inner.mail is not None))
            if inner.text and (inner.data is None or is_picture(inner.path)):
                files.append(_text_file(child, inner))
            elif inner.data is not None and inner.text.strip():
                digest = "" if inner.mail is not None else hashlib.sha256(inner.data).hexdigest()
                texts.append(ToldText(_name_of(child, inner), inner.text, digest))
        headers = headers_of(row, when)
        text: str | None = _bare(row, native.text, when is not None, children)
        if native.data is not None and not is_picture(native.path) and not is_mail_row(row):
            text = None
            if native.text.strip():
                digest = hashlib.sha256(native.data).hexdigest()
                texts.insert(0, ToldText(_name_of(row, native), native.text, digest))
        html = row.values.get("html") or None
        if not headers and not text and not html and not files and not row.files:
            if not lost:
                lost = [self._files.lost(row, "", _NOTHING_TOLD)]
            return list(lost)
        for one in self._only_told(row, files, lost, len(children)):
            files.append(_absent(row, one, self._by, self._source))
            texts.append(ToldText(one.name, one.text, _NO_BYTES))
        files += map(_unread, lost)
        data = compose(headers, text=text, html=html, files=files)
        path = native.path if native.data is not None else ""
        place = _place(row, children[-1] if children else row, path)
        item = Item(
            source=self._source,
            format=self._kind,
            place=place,
            custodian=row.get("custodian") or self._custodian,
            folder=folder_of(row, native.path),
            data=data,
            medium=row.medium or "mail",
            conversation=self._thread(row),
            native_sha256=hashlib.sha256(native.data).hexdigest() if native.data else "",
            native_size=len(native.data or b""),
            defects=(
                *native.defects,
                *unsure,
                *people_left_out(row),
                *self._senders(row),
                *_apart(row),
                *self._custodians(row),
            ),
            told=Told(self._by, tuple(texts), date_header=written(row)),
            state=row.state,
        )
        return [item, *lost]


def _in_runs(rows: Iterator[Row | BadRow | Note]) -> Iterator[Row | BadRow | Note]:
    """The rows, with those side by side that cannot be read, or tell nothing, as one."""
    run = Run("rows")
    try:
        for row in rows:
            bad = _blank(row) if isinstance(row, Row) else row
            if isinstance(bad, BadRow) and bad.number:
                run.add(str(bad.number), bad.reason, bad.size, bad.sha256)
                if run.full:
                    yield _as_row(run)
                continue
            if run.count:
                yield _as_row(run)
            yield row
    except SourceError:
        if run.count:
            yield _as_row(run)
        raise
    if run.count:
        yield _as_row(run)


def _as_row(run: Run) -> BadRow:
    told = run.take()
    return BadRow(int(told.first), told.reason, told.size, told.sha256, int(told.last))


def _blank(row: Row) -> BadRow | None:
    """A row of which no column that is read holds anything."""
    if row.native is not None or row.files or any(v.strip() for v in row.values.values()):
        return None
    return BadRow(row.number, _NOTHING_TOLD)


class _Members:
    """The rows of a family so far: a parent, and its attachments behind it."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._ids: set[str] = set()
        # What the parent tells, taken out of its cells once.
        self._range = ""
        self._numbers: frozenset[str] = frozenset()
        self._children: frozenset[str] = frozenset()

    def add(self, row: Row) -> None:
        """A row that is in the family; the first is the parent."""
        if not self.rows:
            self._numbers, self._range = row.numbers, row.get("range")
            self._children = frozenset(row.listed("children"))
        self.rows.append(row)
        self._ids |= row.numbers

    def has(self, row: Row) -> bool:
        """Whether a row is an attachment in the family of the rows before it."""
        if not self.rows:
            return False
        own, above = row.numbers, row.get("parent")
        if above in own:
            return False
        if above in self._ids or not own.isdisjoint(self._children):
            return True
        whole = row.get("range")
        if whole and whole == self._range and own != self._numbers and self._starts(whole):
            return True
        first = row.get("family")
        return first in self._numbers and first not in own

    def _starts(self, whole: str) -> bool:
        return any(_starts(whole, number) for number in self._numbers)


def _starts(whole: str, first: str) -> bool:
    """Whether a range of numbers ("A1-A3", "A1 - A3") starts with this one."""
    behind = whole.removeprefix(first).lstrip()
    return bool(first) and behind != whole and behind[:1] in ("-", "–", ";")


def _apart(row: Row) -> tuple[str, ...]:
    """What is said of a row that is attached to one which does not stand before it."""
    if note := row.get("note"):
        return (note,)
    if parent := row.get("apart"):
        return (f"an attachment of {parent[:100]}, whose native does not hold it",)
    own, first, whole = row.numbers, row.get("family"), row.get("range")
    above = row.get("parent") or (first if first not in own else "")
    if not above and whole and own and not any(_starts(whole, number) for number in own):
        above = f"the first of {whole}"
    if not above or above in own:
        return ()
    return (f"an attachment of {above[:100]}, which does not stand before it in the load file",)


def _alone(row: Row, parent: str = "") -> Row:
    """An attachment's row as a document by itself; a Message-ID there is its parent's."""
    told = {"parent": "", "family": "", "range": "", "message id": "", "apart": parent}
    return Row(row.number, row.values | told, row.lists, row.native)


def _unread(lost: NotRead) -> File:
    """What a row names and the export lacks, as an empty attachment that says so.

    It says of which row: nobody knows that what two rows lack is the same.
    """
    word, number, path = (*lost.place.split(" ", 2), "file")[:3]
    return File(base_name(path), b"", unread=f"{lost.reason} ({word} {number} of {lost.source})")


def _absent(row: Row, told: Named, by: str, source: str) -> File:
    """What a row tells of without its bytes, as an empty attachment that says so."""
    digest = f", SHA-256 {told.sha256}" if told.sha256 else ""
    why = f"{by} names it without its bytes{digest} (row {row.number} of {source})"
    return File(told.name, b"", type_of(told.name), unread=why)


def _bare(row: Row, text: str, dated: bool, inside: Iterable[Row] = ()) -> str:
    """The text of a row without the head that repeats its fields, as vendors print it there.

    ``dated``: it has a date; ``inside``: the rows of its attachments.
    """
    subject = row.get("subject") or row.get("title")
    sender = " ".join((row.get("from"), row.get("sender name")))
    if not (sender.strip() or subject):
        return text
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    told = [row.get(name) for name in _PRINTED]
    named = [name for one in inside for name in (one.get("file name"), one.get("id"))]
    bare = without_own_head(plain, sender, subject, " ".join([*told, *named]), dated)
    return text if bare is plain else bare


def _name_of(row: Row, native: Native) -> str:
    return base_name(row.get("file name") or native.path or row.get("id")) or "text"


def _text_file(row: Row, native: Native) -> File:
    """The text of a row's file that is not there, or is a picture, as an attachment."""
    name = row.get("file name") or native.path or row.get("id") or "attachment"
    if native.data is not None or not name.lower().endswith(".txt"):
        name += ".txt"
    return File(name, native.text.encode("utf-8", "replace"), "text/plain")


def _place(row: Row, last: Row, path: str) -> str:
    """Where a document is found again: ``row 4 (REL004) N\\4.eml``; the first row's number."""
    first = row.number
    place = f"row {first}" if first == last.number else f"rows {first}-{last.number}"
    known = _NUMBER.fullmatch(row.get("id"))
    if known or path.startswith("("):
        place += f" ({known[0] if known else ''})"
    return f"{place} {path}".rstrip()
