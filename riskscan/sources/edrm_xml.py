"""EDRM XML (edrm.net, "EDRM XML interchange format" 1.x) as a stream: a document at a time.

Load files are written in it, and what Google Vault and Microsoft 365 tell of their exports. No
document type is accepted, so there are no entities to expand; libxml2 bounds depth and attributes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from riskscan.sources.item import MIB, SourceError
from riskscan.sources.stream import Stream
from riskscan.sources.table import fold

_PIECE = 64 * 1024
_TAGS_MAX = 1_000
_FILES_MAX = 1_000
_DOCUMENT_MAX = 64 * MIB
_RELATED_MAX = 5_000_000
# libxml2 holds a tag or comment whole, and every name for good.
_UNBROKEN_MAX = 32 * MIB
_NAMES_MAX = 10_000
_ENTRY_MAX = 2_000  # characters of an entry of a report
_KEPT = frozenset({"InlineContent", "Custodian", "LocationURI", "TagValue", "Tag"})
_FAMILY = ("attach", "contain", "famil", "parent", "embed")


@dataclass(slots=True)
class Document:
    """One document: tags by name, files (type in lower case, attributes), texts by their element.

    ``native``: the file itself, given in the XML, as its encoding and text; ``encodings``: those
    of ``texts``, where one is told. Tags and files beyond a thousand are left out, and ``cut``
    says so.
    """

    id: str
    tags: list[tuple[str, str]] = field(default_factory=list)
    files: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    custodians: list[str] = field(default_factory=list)
    native: tuple[str, str] | None = None
    encodings: dict[str, str] = field(default_factory=dict)
    cut: bool = False

    def by_name(self) -> dict[str, str]:
        """The tags by folded name; the first of a name counts."""
        found: dict[str, str] = {}
        for name, value in self.tags:
            found.setdefault(fold(name), value)
        return found


class _Refused(Exception):
    """What an EDRM file never has."""


def told(attributes: dict[str, str], *names: str) -> str:
    """The first of some attributes that is there, whatever the case of its name."""
    folded = {name.rpartition("}")[2].casefold(): value for name, value in attributes.items()}
    return next((folded[name] for name in names if name in folded), "")


class _Target:
    """Bounds of what the parser tells, and where it is; nothing of the tree is kept."""

    def __init__(self) -> None:
        self.seen = 0
        self.path: list[str] = []
        self._names: set[str] = set()

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        raise _Refused("it declares a document type")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.seen += 1
        self._names.add(tag)
        self._names.update(attributes)
        if len(self._names) > _NAMES_MAX:
            raise _Refused(f"it has more than {_NAMES_MAX:,} names of elements and attributes")
        name = tag.rpartition("}")[2]
        self.opened(name, self.path[-1] if self.path else "", attributes)
        self.path.append(name)

    def end(self, _tag: str) -> None:
        self.seen += 1
        self.closed(self.path.pop())

    def data(self, text: str) -> None:
        self.seen += 1
        self.text(text)

    def comment(self, _text: str) -> None:
        self.seen += 1

    def close(self) -> None:
        pass

    def opened(self, name: str, above: str, attributes: dict[str, str]) -> None:
        """An element starts inside an element ``above``."""

    def closed(self, name: str) -> None:
        """An element ends."""

    def text(self, text: str) -> None:
        """A piece of text."""


class _Documents(_Target):
    """Collects documents."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[Document] = []
        self._open: Document | None = None
        self._size = 0
        self._file_type = ""
        self._tag = ""
        self._encoding = ""
        self._text: list[str] | None = None
        self._fields: dict[str, str] = {}

    def opened(self, name: str, above: str, attributes: dict[str, str]) -> None:
        if name == "Document" and above in ("Documents", "Batch"):
            # Folders and production sets name documents again, inside other elements.
            self._open = Document(told(attributes, "docid", "id").strip())
            self._size = 0
        elif name == "Field" and above == "Fields" and len(self._fields) < _NAMES_MAX:
            key, shown = told(attributes, "key"), told(attributes, "name", "fieldname")
            if key and shown:
                self._fields[key.casefold()] = shown
        elif self._open is not None:
            self._count(sum(len(k) + len(v) for k, v in attributes.items()))
            self._inside(self._open, name, attributes)

    def _inside(self, document: Document, name: str, attributes: dict[str, str]) -> None:
        if name == "File":
            self._file_type = told(attributes, "filetype").casefold()
        elif name == "ExternalFile":
            if len(document.files) < _FILES_MAX:
                document.files.append((self._file_type, dict(attributes)))
            else:
                document.cut = True
        elif name == "Tag":
            self._tag = told(attributes, "tagname", "name")
            if value := told(attributes, "tagvalue", "value"):
                self._add_tag(document, value)
            else:
                self._text = []
        elif self.path[-1] == "FieldValues":
            # Version 2 names an element for each field.
            named = told(attributes, "name", "fieldname", "key") or name
            self._tag = self._fields.get(named.casefold(), named)
            self._text = [told(attributes, "value")]
        elif name in _KEPT:
            self._encoding = told(attributes, "encoding").casefold()
            self._text = []

    def _add_tag(self, document: Document, value: str) -> None:
        if value.strip():
            if len(document.tags) < _TAGS_MAX:
                document.tags.append((self._tag, value))
            else:
                document.cut = True

    def closed(self, name: str) -> None:
        if self._open is None:
            return
        if self._text is not None and (name in _KEPT or self.path[-1] == "FieldValues"):
            text = "".join(self._text)
            self._text = None
            self._keep(self._open, name, text)
        elif name == "Document":
            self.done.append(self._open)
            self._open = None

    def _keep(self, document: Document, name: str, text: str) -> None:
        if name in ("Tag", "TagValue") or self.path[-1] == "FieldValues":
            self._add_tag(document, text)
        elif name == "InlineContent" and self._file_type not in ("text", ""):
            if self._file_type == "native" and document.native is None:
                document.native = (self._encoding, text)
            else:
                document.cut = True
        else:
            if name not in document.texts and self._encoding:
                document.encodings[name] = self._encoding
            document.texts.setdefault(name, text)
            if name == "Custodian" and (custodian := text.strip()):
                document.custodians.append(custodian)

    def text(self, text: str) -> None:
        if self._text is not None:
            self._count(len(text))
            self._text.append(text)

    def _count(self, size: int) -> None:
        self._size += size
        if self._size > _DOCUMENT_MAX:
            raise _Refused(f"a document of more than {_DOCUMENT_MAX:,} characters")


class _Related(_Target):
    """Collects which document is attached to which."""

    def __init__(self) -> None:
        super().__init__()
        self.parents: dict[str, str] = {}

    def opened(self, name: str, above: str, attributes: dict[str, str]) -> None:
        if name == "Relationship":
            child, parent = told(attributes, "childdocid"), told(attributes, "parentdocid")
            kind = told(attributes, "type", "relationshiptype").casefold()
            # Others say that two are duplicates, or of one thread.
            if kind and not kind.startswith(_FAMILY):
                return
            if child and parent and len(self.parents) < _RELATED_MAX:
                self.parents.setdefault(child, parent)


class _Entries(_Target):
    """Collects what stands in a list: the outermost elements that are no list themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []
        self._depth = 0
        self._words: list[str] = []
        self._size = 0

    def opened(self, name: str, above: str, attributes: dict[str, str]) -> None:
        # Root, Batch, Documents, Errors: what holds others is called so.
        if not self._depth and (not above or name == "Batch" or name.endswith("s")):
            return
        self._depth += 1
        for key, value in attributes.items():
            self._add(f"{key} {value.strip()}" if value.strip() else "")

    def closed(self, name: str) -> None:
        if not self._depth:
            return
        self._depth -= 1
        if not self._depth:
            self.done.append("; ".join(self._words))
            self._words, self._size = [], 0

    def text(self, text: str) -> None:
        if self._depth:
            self._add(" ".join(text.split()))

    def _add(self, words: str) -> None:
        if words and self._size < _ENTRY_MAX:
            self._size += len(words)
            self._words.append(words[:_ENTRY_MAX])


def entries(stream: Stream) -> Iterator[str]:
    """What each entry of a report in XML says: its attributes and texts, cut when they are long.

    Raises SourceError where it cannot go on.
    """
    yield from _collected(stream, _Entries())


def documents(stream: Stream) -> Iterator[Document]:
    """The documents of an EDRM XML stream, in order; raises SourceError where it cannot go on."""
    yield from _collected(stream, _Documents())


def _collected(stream: Stream, target: Any) -> Iterator[Any]:
    """What a target that has ``done`` collects, as it comes; raises SourceError after all of it."""
    try:
        for _ in _pieces(stream, target):
            yield from target.done
            target.done.clear()
    except SourceError:
        yield from target.done
        raise


def parents_in(stream: Stream) -> dict[str, str]:
    """The id of the document that each attached one belongs to, as far as the XML can be read."""
    target = _Related()
    try:
        for _ in _pieces(stream, target):
            pass
    except SourceError:
        pass  # met again by who reads the documents, and told there
    return target.parents


def _pieces(stream: Stream, target: _Target) -> Iterator[None]:
    """Feed the target, with a stop after each piece; raises SourceError where it cannot go on."""
    from lxml import etree

    parser = etree.XMLParser(
        target=target, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    seen = unbroken = 0
    try:
        while data := stream.read(_PIECE):
            parser.feed(data)
            unbroken = unbroken + len(data) if target.seen == seen else 0
            seen = target.seen
            if unbroken > _UNBROKEN_MAX:
                raise _Refused(f"a tag or comment of more than {_UNBROKEN_MAX:,} bytes")
            yield
        parser.close()
    except (_Refused, etree.XMLSyntaxError) as error:
        raise SourceError(f"the XML cannot be read on ({str(error)[:300]})") from error
    yield
