"""Builders for invented load files: Concordance .dat, EDRM XML."""

from __future__ import annotations

from collections.abc import Sequence

Q, S = "\u00fe", "\x14"


def dat(rows: Sequence[Sequence[str]], eol: str = "\r\n") -> str:
    """A .dat of rows, the first the header; nothing is escaped."""
    return "".join(S.join(f"{Q}{value}{Q}" for value in row) + eol for row in rows)


def edrm(documents: str, relationships: str = "", lead: str = "") -> bytes:
    """An EDRM XML file of document elements."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{lead}'
        '<Root DataInterchangeType="Update" MajorVersion="1" MinorVersion="2"><Batch>'
        f"<Documents>{documents}</Documents><Relationships>{relationships}</Relationships>"
        "</Batch></Root>"
    ).encode()
