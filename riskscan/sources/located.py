"""Which file beside a load file a row means: what stands at its path, or what that must be.

Vendors leave endings and folders out, and name the disk of the machine that a production was made
on. No other file is taken than one beside the load file (volume.py).
"""

from __future__ import annotations

from riskscan.sources.item import SourceError
from riskscan.sources.volume import Volume, parts_of

ENTIRE, NATIVE, TEXT, ATTACHMENT = "entire", "native", "text", "attachment"
"""What a path is of; ``ENTIRE`` for one that stands in a column with a use of its own, too."""
_TEXT_FOLDERS = ("text", "txt", "ocr", "extracted")


def located(volume: Volume, path: str, kind: str) -> str:
    """The key in ``volume`` of the file that a row names, "" where it is not there.

    As ``Volume.find``; but for ``ENTIRE`` also what lies at the end of a longer path, of a text
    what has the ending .txt besides, and the only file of the name, in whatever folder.
    Raises SourceError for a path that leads out of the export, and for a name of several files.
    """
    if found := volume.find(path):
        return found
    if kind == ENTIRE:
        return ""
    parts = parts_of(path)
    if not parts:
        return ""
    forms = [parts]
    if kind == TEXT and "." not in parts[-1][-5:]:
        forms.append([*parts[:-1], f"{parts[-1]}.txt"])
    for form in forms:
        for drop in range(len(form) - 1):
            if found := volume.find("/".join(form[drop:])):
                return found
    for form in forms:
        if found := _only(volume.named(form[-1]), form[-1], kind):
            return found
    return ""


def by_name(path: str, key: str) -> bool:
    """Whether a file was found by its name alone, in another folder than the path tells."""
    told, found = parts_of(path)[-2:-1], key.replace("\\", "/").split("/")[-2:-1]
    return bool(told) and [p.casefold() for p in told] != [p.casefold() for p in found]


def _only(keys: list[str], name: str, kind: str) -> str:
    """The only one of several files of one name that can be of a kind."""
    if len(keys) > 1:
        texts = [key for key in keys if _is_text(key)]
        keys = texts if kind == TEXT else [key for key in keys if key not in texts]
        if len(keys) != 1:
            raise SourceError(f"not there; files called {name} lie in several folders")
    return keys[0] if keys else ""


def _is_text(key: str) -> bool:
    folders = key.replace("\\", "/").casefold().split("/")[:-1]
    return any(folder.startswith(_TEXT_FOLDERS) for folder in folders[-4:])
