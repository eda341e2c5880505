"""The relationships between the parts of an Office Open XML package (ECMA-376 part 2)."""

from __future__ import annotations

import posixpath

from riskscan.mail.documents.package import Events, Package, local, values


class _Relations(Events):
    def __init__(self) -> None:
        self.found: list[tuple[str, str, str]] = []

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        own = values(attrs)
        if local(tag) == "Relationship" and own.get("TargetMode") != "External":
            kind = own.get("Type", "").rpartition("/")[2]
            self.found.append((own.get("Id", ""), kind, own.get("Target", "")))


def related(package: Package, part: str) -> list[tuple[str, str, str]]:
    """What a part refers to inside its package: (id, kind, name of the other part)."""
    folder, _, name = part.rpartition("/")
    place = f"{folder}/_rels/{name}.rels"
    if place not in package:
        return []
    target = _Relations()
    package.parse(place, target)
    found = []
    for key, kind, other in target.found:
        whole = posixpath.normpath(posixpath.join("/", folder, other)).lstrip("/")
        if whole in package:
            found.append((key, kind, whole))
    return found
