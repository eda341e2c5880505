"""Lines of checksum files: what md5sum, sha1sum and sha256sum write, BSD lines, and CSV."""

from __future__ import annotations

import re

KINDS = {32: "md5", 40: "sha1", 64: "sha256"}
"""Kind of a hash by its length in hex digits."""
_HEX = r"(?P<hash>[0-9A-Fa-f]{64}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{32})"
_NAME = r"(?P<name>[^\r\n]{1,4096}?)"
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        rf"{_HEX}(?:[ \t]{{1,8}}\*?|[,;]){_NAME}",
        rf"(?:MD5|SHA1|SHA256|SHA-1|SHA-256) ?\({_NAME}\) {{0,3}}= {{0,3}}{_HEX}",
        rf"{_NAME}(?:[ \t]{{1,8}}|[,;:][ \t]{{0,8}}){_HEX}",
    )
)
_LINE_MAX = 8192


def is_checksums(head: bytes) -> bool:
    """Whether a file starts as a list of checksums: each whole line has a hash and a name."""
    whole = head.rpartition(b"\n")[0] if len(head) >= 8192 else head
    given = [line for line in whole.decode("utf-8", "replace").splitlines() if line.strip()]
    return bool(given) and all(
        entry(line) is not None or (number == 0 and len(given) > 1 and len(line) < 200)
        for number, line in enumerate(given)
    )


def entry(line: str) -> tuple[str, str] | None:
    """Hash (lower case) and file name of one line, or None."""
    line = line.strip("\ufeff \t\r\n")
    if len(line) > _LINE_MAX:
        return None
    for shape in _SHAPES:
        if found := shape.fullmatch(line):
            return found["hash"].lower(), found["name"].strip().strip('"')
    return None
