"""A skops file in a form that depends on its content alone.

skops names its members after memory addresses or at random and stamps them with the time: the same
model would give another file each time.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

_SCHEMA = "schema.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)


def make_canonical(file: Path) -> None:
    """Rewrite a skops file: members numbered in the order of the schema, no times, compressed."""
    with zipfile.ZipFile(file) as old:
        schema = json.loads(old.read(_SCHEMA))
        numbers: dict[int, int] = {}
        members: dict[str, str] = {}
        _rename(schema, numbers, members)
        contents = [(new, old.read(name)) for name, new in members.items()]
    contents.append((_SCHEMA, json.dumps(schema, indent=1).encode()))
    with zipfile.ZipFile(file, "w") as new_file:
        for name, content in contents:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            new_file.writestr(entry, content, compresslevel=9)


def _rename(node: Any, numbers: dict[int, int], members: dict[str, str]) -> None:
    if isinstance(node, list):
        for part in node:
            _rename(part, numbers, members)
    elif isinstance(node, dict):
        if node.get("__loader__") == "JsonNode":
            # Whether two equal numbers are one object is chance; nothing depends on it.
            node.pop("__id__", None)
        elif isinstance(node.get("__id__"), int):
            node["__id__"] = numbers.setdefault(node["__id__"], len(numbers) + 1)
        name = node.get("file")
        if isinstance(name, str):
            ending = Path(name).suffix
            node["file"] = members.setdefault(name, f"{len(members) + 1}{ending}")
        for key, part in node.items():
            if isinstance(part, dict | list) and key != "file":
                _rename(part, numbers, members)
