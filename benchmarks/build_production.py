"""The sample production: a Concordance volume as a vendor delivers it, in Windows-1252.

Messages with attachments or HTML have their native; of the others there are fields and text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

Story = dict[str, Any]

# Whose mail lies in it: copies alone.
PRODUCED = "k.wagemaker@hp-lines.example"
VOLUME = "HPL001"
_FIELDS = (
    "BEGBATES", "ENDBATES", "BEGATTACH", "ENDATTACH", "PARENTID", "CUSTODIAN", "FROM", "TO", "CC",
    "SUBJECT", "DATESENT", "TIMESENT", "TIMEZONE", "MESSAGEID", "FILENAME", "NATIVELINK",
    "TEXTPATH",
)  # fmt: skip


def production(
    box: Iterable[tuple[Story, bytes]], message_id: Callable[[Story], str]
) -> dict[str, bytes]:
    """The files of the volume by their paths."""
    files: dict[str, bytes] = {}
    rows: list[dict[str, str]] = []
    for story, raw in box:
        attached = story.get("attachments") or []
        first, last = len(rows) + 1, len(rows) + 1 + len(attached)
        family = {"BEGATTACH": _bates(first), "ENDATTACH": _bates(last)} if attached else {}
        row = {"BEGBATES": _bates(first), "CUSTODIAN": "Wagemaker, Kees", **family}
        if attached or story.get("html") or not story["body"]:
            row["NATIVELINK"] = _put(files, "NATIVES", f"{_bates(first)}.eml", raw)
        else:
            row |= _fields(story, message_id(story))
            text = story["body"].replace("\n", "\r\n").encode("utf-8-sig")
            row["TEXTPATH"] = _put(files, "TEXT", f"{_bates(first)}.txt", text)
        rows.append(row)
        for file in attached:
            number = _bates(len(rows) + 1)
            inner = {"BEGBATES": number, "PARENTID": _bates(first), "FILENAME": file["name"]}
            text = file["text"].encode("utf-8-sig")
            inner["TEXTPATH"] = _put(files, "TEXT", f"{number}.txt", text)
            rows.append(inner | family)
    header = dict(zip(_FIELDS, _FIELDS, strict=True))
    for row in rows:
        row["ENDBATES"] = row["BEGBATES"]
    text = "".join(
        "\x14".join(f"þ{row.get(name, '')}þ" for name in _FIELDS) + "\r\n"
        for row in [header, *rows]
    )
    return {f"{VOLUME}/DATA/{VOLUME}.dat": text.encode("cp1252"), **files}


def in_windows_1252(story: Story) -> bool:
    """Whether the load file's charset holds what it tells of a story."""
    told = [story["subject"], story["from"], *story["to"], *(story.get("cc") or [])]
    return " ".join(told).encode("cp1252", "ignore").decode("cp1252") == " ".join(told)


def _bates(number: int) -> str:
    return f"HPL{number:06}"


def _put(files: dict[str, bytes], kind: str, name: str, content: bytes) -> str:
    files[f"{VOLUME}/{kind}/001/{name}"] = content
    return f"\\{VOLUME}\\{kind}\\001\\{name}"


def _fields(story: Story, message_id: str) -> dict[str, str]:
    when = datetime.fromisoformat(story["date"]).astimezone(UTC)
    return {
        "FROM": story["from"],
        "TO": "; ".join(story["to"]),
        "CC": "; ".join(story.get("cc") or []),
        "SUBJECT": story["subject"],
        "DATESENT": f"{when:%m/%d/%Y}",
        "TIMESENT": f"{when:%H:%M:%S}",
        "TIMEZONE": "UTC",
        "MESSAGEID": message_id,
    }
