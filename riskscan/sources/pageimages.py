"""Lists of page images beside a load file: Opticon .opt, IPRO .lfp, Summation .dii.

They name a picture for each page of a production's documents, whose words are in the load file's
texts and natives. None of the three has a standard: this is what vendors write and take.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from riskscan.sources.item import NotRead, SourceError
from riskscan.sources.lines import codec_of, lines
from riskscan.sources.names import Origin
from riskscan.sources.stream import FileStream, Hashing, Stream, open_file, peek
from riskscan.sources.volume import FolderVolume

ENDINGS = (".opt", ".lfp", ".dii")
_LINE_MAX = 10_000  # characters
_PAGES_MAX = 20_000_000
_HEAD = 8 * 1024
_OPT = re.compile(
    r"[^,\r\n]{1,200},[^,\r\n]{0,200},[^,\r\n]{1,1000}\.\w{2,5},[YyNn]?,[^\r\n]{0,200}"
)
_LFP = re.compile(
    r"IM,[^,\r\n]{1,200},([^,\r\n]{0,5}),[^,\r\n]{0,20},@?([^;\r\n]{0,200});([^;\r\n]{0,1000});([^;\r\n]{1,255})"
)
_DII_START = re.compile(r"@(?:T|C\s{1,5}BEGDOC#?)\s{1,5}(\S{1,200})", re.I)
_DII_FOLDER = re.compile(r"@D\s{1,5}(?:@[IV]\\?)?(.{0,1000})", re.I)
_PICTURE = re.compile(r"[^\r\n\"<>|?*]{1,1000}\.(?:tiff?|jpe?g|png|pdf|bmp|gif)", re.I)


_PICTURES = (b"II*\0", b"MM\0*", b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"%PDF-")


class Page(NamedTuple):
    """A picture: the document that it is a page of, its path as the list has it."""

    document: str
    path: str


def pages(stream: Stream, name: str) -> Iterator[Page]:
    """The pages that a list names; none where it is no such list. Raises SourceError."""
    head, stream = peek(stream, _HEAD)
    ending = name.casefold()[-4:]
    told = {".opt": _opticon, ".lfp": _ipro, ".dii": _summation}.get(ending)
    if told is None:
        return
    texts = (line.text.strip() for line in lines(stream, *codec_of(head), _LINE_MAX))
    for number, page in enumerate(told(texts)):
        if number >= _PAGES_MAX:
            raise SourceError(f"a list of more than {_PAGES_MAX:,} pages")
        yield page


def _opticon(texts: Iterator[str]) -> Iterator[Page]:
    """``PAGE,VOLUME,PATH,Y,,,COUNT``; Y where a document begins."""
    document = ""
    for text in texts:
        if not _OPT.fullmatch(text):
            continue
        page, _, path, begins = text.split(",", 4)[:4]
        if begins.upper() == "Y" or not document:
            document = page.strip()
        yield Page(document, path.strip())


def _ipro(texts: Iterator[str]) -> Iterator[Page]:
    """``IM,PAGE,D,0,@VOLUME;FOLDER;FILE;TYPE``; D where a document begins, C where one's part."""
    document = ""
    for text in texts:
        match = _LFP.match(text)
        if match is None:
            continue
        if match[1].strip().upper() in ("D", "C", "S") or not document:
            document = text.split(",", 2)[1].strip()
        volume, folder, file = match[2], match[3], match[4]
        yield Page(document, "/".join(p for p in (volume, folder, file) if p))


def _summation(texts: Iterator[str]) -> Iterator[Page]:
    """``@T DOCUMENT``, ``@D @I\\FOLDER\\``, then a file a line."""
    document = folder = ""
    for text in texts:
        if match := _DII_START.match(text):
            document, folder = match[1], ""
        elif match := _DII_FOLDER.match(text):
            folder = match[1].strip()
        elif document and not text.startswith("@") and _PICTURE.fullmatch(text):
            yield Page(document, f"{folder}/{text}" if folder else text)


def page_list(
    path: Path, origin: Origin, top: Path, read: Collection[str]
) -> tuple[NotRead, set[str]] | None:
    """What is to be said of a list of page images, and the pictures on disk that it names.

    ``read`` are the numbers of the documents that a load file has with their words; pictures of
    others are lost. None where the file is no such list.
    """
    volume = FolderVolume(top, path.parent, origin)
    found: set[str] = set()
    documents: set[str] = set()
    unread: dict[str, int] = {}
    gone = 0
    try:
        with open_file(path) as file:
            hashing = Hashing(FileStream(file))
            for page in pages(hashing, path.name):
                documents.add(page.document)
                key = _find(volume, page.path)
                gone += not key
                if key and _is_picture(key):
                    found.add(key)
                if page.document not in read:
                    unread[page.document] = unread.get(page.document, 0) + 1
            hashing.drain()
    except SourceError:
        return None  # the walk meets it again, and tells it
    if not documents:
        return None
    words = f"a list of page images: {len(found):,} pictures of {len(documents):,} documents"
    if gone:
        words += f", {gone:,} more are not there"
    if unread:
        first = ", ".join(list(unread)[:5])
        words += (
            f"; {sum(unread.values()):,} are not read and need OCR, of {len(unread):,} documents "
            f"that no load file has with a text or a native: {first}"
        )
    told = NotRead(origin.source, "", words, hashing.size, hashing.sha256, lost=bool(unread))
    return told, found


def _is_picture(path: str) -> bool:
    """Whether a file is what a list of page images may name: its name alone hides no mail."""
    try:
        with open_file(Path(path)) as file:
            return file.read(8).startswith(_PICTURES)
    except (SourceError, OSError):
        return False


def _find(volume: FolderVolume, path: str) -> str:
    try:
        return volume.find(path)
    except SourceError:
        return ""
