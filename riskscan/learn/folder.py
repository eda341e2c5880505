"""Writing a model folder: nobody ever sees half of one, and no other folder is overwritten."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from riskscan.detect.description import DESCRIPTION
from riskscan.learn.errors import DataError


def check_target(folder: Path, mark: str = DESCRIPTION) -> None:
    """Raise DataError for a place that holds something else than a model, told by file ``mark``."""
    if folder.exists() and not folder.is_dir():
        raise DataError(f"'{folder}' is a file: name a folder for the model.")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / mark).is_file():
        raise DataError(f"The folder '{folder}' holds other files and no model: name a new folder.")


@contextmanager
def replacing_folder(folder: Path, mark: str = DESCRIPTION) -> Iterator[Path]:
    """A draft beside ``folder`` that takes its place at the end, or is removed on a fault."""
    check_target(folder, mark)
    folder.parent.mkdir(parents=True, exist_ok=True)
    place = folder.resolve()
    draft = place.with_name(f".{place.name}.{os.getpid()}.draft")
    former = place.with_name(f".{place.name}.{os.getpid()}.former")
    draft.mkdir()
    try:
        yield draft
        if place.exists():
            place.rename(former)
        draft.rename(place)
    finally:
        if not place.exists() and former.exists():
            former.rename(place)
        shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(former, ignore_errors=True)
