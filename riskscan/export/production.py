"""A production on disk: control numbers, folders of natives and text, a manifest of hashes."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import riskscan
from riskscan.export.family import COMPOSED, WITHHELD, Document

MANIFEST = "manifest.sha256"
ABOUT = "production.json"
_IN_A_FOLDER = 1_000


class ProductionError(ValueError):
    """A production cannot be made; the text is a sentence for the user."""


@dataclass(slots=True, frozen=True)
class Numbering:
    """How documents are numbered: ``prefix`` and a number from ``start`` with ``digits``."""

    prefix: str = "DOC"
    start: int = 1
    digits: int = 7

    def __post_init__(self) -> None:
        allowed = set("-_.")
        if not all(c.isascii() and (c.isalnum() or c in allowed) for c in self.prefix):
            raise ProductionError(
                f"The prefix '{self.prefix}' may hold letters, digits, '-', '_' and '.' only."
            )
        if self.prefix.startswith(".") or len(self.prefix) > 50:
            raise ProductionError(f"The prefix '{self.prefix}' is too long or starts with a dot.")
        if self.start < 0 or not 1 <= self.digits <= 18:
            raise ProductionError("Numbers start at 0 or later, and have 1 to 18 digits.")

    def number(self, place: int) -> str:
        """The control number of the document at ``place`` (from 0); raises ProductionError."""
        text = f"{self.start + place:0{self.digits}}"
        if len(text) > self.digits:
            raise ProductionError(f"There are more documents than {self.digits} digits can number.")
        return f"{self.prefix}{text}"


def after(productions: Sequence[Path]) -> Numbering:
    """The numbering that goes on where earlier productions ended; raises ProductionError."""
    told = [_numbers(folder) for folder in productions]
    last = max(told, key=lambda one: one.start)
    for folder, one in zip(productions, told, strict=True):
        if (one.prefix, one.digits) != (last.prefix, last.digits):
            raise ProductionError(
                f"'{folder}' is numbered {one.prefix} with {one.digits} digits, another one "
                f"{last.prefix} with {last.digits}: they are not one sequence."
            )
    return last


def _numbers(folder: Path) -> Numbering:
    told = read_about(folder)
    prefix, digits, following = told.get("prefix"), told.get("digits"), told.get("next")
    if not (isinstance(prefix, str) and isinstance(digits, int) and isinstance(following, int)):
        raise ProductionError(f"{ABOUT} in '{folder}' does not tell how it is numbered.")
    return Numbering(prefix, following, digits)


def read_about(folder: Path) -> dict[str, object]:
    """What ``production.json`` of a production tells; raises ProductionError."""
    try:
        data = (folder / ABOUT).read_bytes()
    except OSError as error:
        raise ProductionError(f"'{folder}' is no production: {ABOUT} cannot be read.") from error
    return about_of(data, str(folder))


def about_of(data: bytes, name: str) -> dict[str, object]:
    """What the bytes of a ``production.json`` tell; ``name`` is for the ProductionError."""
    try:
        told = json.loads(data)
    except ValueError as error:
        raise ProductionError(f"'{name}' is no production: {ABOUT} cannot be read.") from error
    if not isinstance(told, dict) or "riskscan production" not in told:
        raise ProductionError(f"'{name}' is no production of riskscan.")
    return told


class Production:
    """Files of a production, written once each, hashed as they are written."""

    def __init__(self, folder: Path, numbering: Numbering) -> None:
        self.folder = folder
        self._numbering = numbering
        self._manifest: BinaryIO | None = None
        self.files = 0
        self.documents = 0
        self.families = 0
        self.composed = 0
        self.without_native = 0
        self.withheld = 0

    def __enter__(self) -> Production:
        self._manifest = (self.folder / MANIFEST).open("wb")
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._manifest is not None:
            self._manifest.close()

    def write(self, path: str, data: bytes) -> None:
        """Write a file at a path relative to the production, with ``/``."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("xb") as stream:
            stream.write(data)
        self.listed(path, hashlib.sha256(data).hexdigest())

    def listed(self, path: str, sha256: str) -> None:
        """Put a file that was written otherwise into the manifest."""
        assert self._manifest is not None
        self._manifest.write(f"{sha256}  {path}\n".encode())
        self.files += 1

    @contextmanager
    def stream(self, path: str) -> Iterator[HashedFile]:
        """A file to be written piece by piece."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("xb") as raw:
            hashed = HashedFile(raw)
            yield hashed
        self.listed(path, hashed.sha256)

    def number(self, family: Sequence[Document]) -> None:
        """Give a family its numbers, and write its natives and texts; raises ProductionError."""
        for document in family:
            document.number = self._numbering.number(self.documents)
            if document.native == WITHHELD:
                document.text = f"{document.number}\n\n{document.text}\n"
                self.withheld += 1
            self._files(document)
            self.documents += 1
        for document in family[1:]:
            family[document.parent].children.append(document.number)
        self.families += 1

    def _files(self, document: Document) -> None:
        part = f"{self.documents // _IN_A_FOLDER + 1:04}"
        if document.data is not None:
            path = f"NATIVES/{part}/{document.number}{document.ending}"
            self.write(path, document.data)
            document.native_path = path.replace("/", "\\")
            self.composed += document.native == COMPOSED
        elif document.native != WITHHELD:
            self.without_native += 1
        path = f"TEXT/{part}/{document.number}.txt"
        self.write(path, document.text.encode("utf-8", "replace"))
        document.text_path = path.replace("/", "\\")

    def about(self, more: dict[str, object]) -> dict[str, object]:
        """Write what was produced and how into ``production.json``, and return it."""
        told: dict[str, object] = {
            "riskscan production": 1,
            "riskscan": riskscan.__version__,
            "files": self.files + 1,
            "documents": self.documents,
            "families": self.families,
            "first": self._numbering.number(0) if self.documents else None,
            "last": self._numbering.number(self.documents - 1) if self.documents else None,
            "prefix": self._numbering.prefix,
            "digits": self._numbering.digits,
            "next": self._numbering.start + self.documents,
            "natives_composed": self.composed,
            "without_native": self.without_native,
            "slip_sheets": self.withheld,
            **more,
        }
        self.write(ABOUT, (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode())
        return told


class HashedFile:
    """A file that hashes what is written to it."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self._hash = hashlib.sha256()

    def write(self, data: bytes) -> None:
        """Append bytes."""
        self._raw.write(data)
        self._hash.update(data)

    @property
    def sha256(self) -> str:
        """The hash (hex) of all that was written."""
        return self._hash.hexdigest()


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A draft beside ``folder`` that takes its place at the end, or is removed on a fault.

    Raises ProductionError when there is something already: what was delivered is not replaced.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ProductionError(f"There is something in '{folder}' already: name a new folder.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = folder.with_name(f".{folder.name}.{os.getpid()}.draft")
    draft.mkdir()
    try:
        yield draft
        if folder.exists():
            folder.rmdir()
        draft.rename(folder)
    finally:
        if draft.exists():
            shutil.rmtree(draft)
