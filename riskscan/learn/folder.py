"""Writing a model folder: nobody ever sees half of one, and nothing but a model is replaced."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riskscan.detect import encoder
from riskscan.detect.description import DESCRIPTION
from riskscan.detect.model import ESTIMATOR
from riskscan.learn import seen
from riskscan.learn.errors import DataError

LICENCE = "minilm_licence.txt"
"""Of what the encoder was made of; it goes with every copy."""

CARD = "README.md"
PLOTS = ("precision_recall.svg", "effort.svg", "calibration.svg")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of model folder: the file that describes it, a key in that, all names it may hold."""

    mark: str
    key: str
    names: frozenset[str]


DETECTOR = Kind(
    DESCRIPTION,
    "fingerprint",
    frozenset((DESCRIPTION, ESTIMATOR, CARD, seen.FILE, *encoder.FILES, *PLOTS, LICENCE)),
)
PIPELINE = Kind(
    "meta.json",
    "pipeline",
    frozenset(
        (
            "meta.json", "config.cfg", "training.cfg", "tokenizer", "vocab", CARD,
            "word_vectors_licence.txt",
        )
    ),
)  # fmt: skip


def check_target(folder: Path, kind: Kind = DETECTOR) -> None:
    """Raise DataError for a place that holds anything else than a model of this kind."""
    if folder.exists() and not folder.is_dir():
        raise DataError(f"'{folder}' is a file: name a folder for the model.")
    held = sorted(one.name for one in folder.iterdir()) if folder.is_dir() else []
    told = _described(folder / kind.mark)
    if held and kind.key not in told:
        raise DataError(f"The folder '{folder}' holds other files and no model: name a new folder.")
    # The components of a pipeline have folders of their names.
    parts = told.get(kind.key)
    known = kind.names.union(map(str, parts if isinstance(parts, list) else ()))
    for name in held:
        if name not in known:
            raise DataError(
                f"The folder '{folder}' holds '{name}' beside a model, and would be replaced: name "
                "a new folder."
            )


def _described(mark: Path) -> dict[str, Any]:
    try:
        told = json.loads(mark.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


@contextmanager
def replacing_folder(folder: Path, kind: Kind = DETECTOR) -> Iterator[Path]:
    """A draft beside ``folder`` that takes its place at the end, or is removed on a fault.

    Raises DataError, before anything is done, where no folder can be made.
    """
    check_target(folder, kind)
    place = folder.resolve()
    # In a container the number of a process that was killed comes again.
    mark = secrets.token_hex(4)
    draft = place.with_name(f".{place.name}.{mark}.draft")
    former = place.with_name(f".{place.name}.{mark}.former")
    new = [one for one in place.parents if not one.exists()]
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        draft.mkdir()
    except OSError as error:
        raise DataError(f"The folder '{folder}' cannot be made: {error.strerror}.") from error
    try:
        yield draft
        if place.exists():
            check_target(folder, kind)
            place.rename(former)
        draft.rename(place)
    finally:
        if not place.exists() and former.exists():
            former.rename(place)
        shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(former, ignore_errors=True)
        for one in new if not place.exists() else ():
            if one.is_dir() and not any(one.iterdir()):
                one.rmdir()
