"""Folders on disk, all the way down."""

from __future__ import annotations

import os
from collections.abc import Iterator


def folders_below(top: str) -> Iterator[tuple[str, list[os.DirEntry[str]]]]:
    """Each folder from ``top`` down, and what lies in it but folders, by the bytes of the names.

    No link is followed; a folder that cannot be read is left out, and so is what vanishes.
    """
    # A stack of its own: folders may be nested deeper than Python calls, and os.walk calls itself.
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=lambda e: os.fsencode(e.name))
        except OSError:
            continue
        below: list[str] = []
        beside: list[os.DirEntry[str]] = []
        for entry in listed:
            if _is_folder(entry):
                below.append(entry.path)
            else:
                beside.append(entry)
        waiting.extend(reversed(below))
        yield folder, beside


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def is_file(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a regular file, and no link to one."""
    try:
        return entry.is_file(follow_symlinks=False)
    except OSError:
        return False
