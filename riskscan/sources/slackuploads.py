"""The files that slackdump saves beside a Slack export's channels: ``__uploads/ID/NAME``.

https://github.com/rusq/slackdump writes them so, as Mattermost's import takes them. Slack's own
exports hold no files. A post names its files by their ids.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from riskscan.sources.compose import File
from riskscan.sources.names import shown
from riskscan.sources.stream import opened_file
from riskscan.sources.whatsappmedia import Media, Opened

FOLDER = "__uploads"
_FILES_MAX = 1_000  # of one post
_TIMES = 20  # posts that one file is attached to: a file that many name costs as often its size
_IDS_MAX = 1_000_000
_QUOTED = re.compile(rb'"([\w-]{1,100})"', re.ASCII)


@dataclass(slots=True)
class Uploads:
    """The files beside an export's channels by their ids, and which of them posts have named."""

    files: dict[str, Media] = field(default_factory=dict)
    used: Counter[str] = field(default_factory=Counter)

    def add(self, identity: str, name: str, opened: Opened) -> None:
        """A file that lies in the folder of an id."""
        if identity in self.files or len(self.files) < _IDS_MAX:
            self.files.setdefault(identity, Media()).files[name] = opened

    def add_folder(self, folder: Path) -> None:
        """The files in a folder ``__uploads`` on disk, links left out; none where it is no such."""
        if folder.is_symlink():
            return
        for identity in _listed(folder):
            if (folder / identity).is_symlink():
                continue
            for name in _listed(folder / identity):
                path = folder / identity / name
                if path.is_file() and not path.is_symlink():
                    self.add(identity, shown(name), partial(opened_file, path))

    def named(self, raw: Mapping[str, Any]) -> tuple[list[str], list[str]]:
        """The ids of the files that a post names and that are there, and what is said of them."""
        several = raw.get("files")
        ids: list[str] = []
        said: list[str] = []
        for one in several[:_FILES_MAX] if isinstance(several, list) else [raw.get("file")]:
            identity = one.get("id") if isinstance(one, dict) else None
            if not isinstance(identity, str) or identity not in self.files or identity in ids:
                continue
            self.used[identity] += 1
            if self.used[identity] <= _TIMES:
                ids.append(identity)
            else:
                said.append(f"the file {identity} is attached to {_TIMES} posts before this one")
        return ids, said

    def read(self, ids: list[str], limit: int) -> tuple[tuple[File, ...], tuple[str, ...]]:
        """Files by their ids, of ``limit`` bytes together, and why some are lost.

        Raises LimitError.
        """
        files: list[File] = []
        lost: list[str] = []
        for identity in ids:
            for name in self.files[identity].files:
                found, wrong = self.files[identity].file(name, limit)
                limit -= sum(len(one.data) for one in found)
                files += found
                lost += wrong
        return tuple(files), tuple(lost)

    def is_read(self, identity: str, name: str) -> bool:
        """Whether a file is attached to a post that names the id of its folder."""
        return identity in self.used and name in self.files[identity].files

    def named_in(self, day: bytes) -> list[tuple[str, str, Opened]]:
        """The files, by id and name, whose ids stand in a file of posts, whoever names them."""
        ids = {found.decode() for found in _QUOTED.findall(day)} if self.files else set()
        return [
            (identity, name, opened)
            for identity in sorted(ids & self.files.keys())
            for name, opened in sorted(self.files[identity].files.items())
        ]


def identity_of(path: str) -> str:
    """The id of the file at a path of an archive, "" for one that lies elsewhere."""
    parts = path.replace("\\", "/").split("/")
    return parts[-2] if len(parts) > 2 and parts[-3] == FOLDER else ""


def _listed(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder), key=os.fsencode)  # noqa: PTH208 (names, not paths)
    except OSError:
        return []
