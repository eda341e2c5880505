"""OpenPGP in the text of a message: signed words in the clear, and blocks of ASCII armor.

RFC 9580 section 6.2 (armor) and 7 (the cleartext signature framework). The words of a signed text
are the writer's; what surrounds them, keys and what is encrypted are nobody's. As with S/MIME,
signatures are not verified.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_BEGIN = re.compile(
    r"^-----BEGIN PGP (SIGNED MESSAGE|MESSAGE|SIGNATURE|PUBLIC KEY BLOCK|PRIVATE KEY BLOCK)"
    r"(?:, PART \d{1,4}(?:/\d{1,4})?)?-----[ \t]*$",
    re.M,
)
ENCRYPTED = "encrypted.asc"
"""The name of a block that cannot be read."""
_SIGNED, _CIPHERED = "SIGNED MESSAGE", "MESSAGE"
_HEADER = re.compile(
    r"(?:Version|Comment|MessageID|Hash|Charset|SaltedHash|NotDashEscaped):(?: .*)?"
)
_AS_IT_IS = "NotDashEscaped:"  # of GnuPG
_RADIX_64 = re.compile(r"=?[A-Za-z0-9+/]{1,128}={0,2}")
_END = re.compile(r"-----END PGP [A-Z ]{1,30}(?:, PART \d{1,4}(?:/\d{1,4})?)?-----")
_CHECKSUM = re.compile(r"=[A-Za-z0-9+/]{4}")
_ARMOR_LINE = 40  # characters
_MOST_LEVELS = 4  # signed texts within signed texts
_MOST_FILES = 1_000
PGP = "-----BEGIN PGP "
"""A text without this has no OpenPGP in it."""


@dataclass(slots=True)
class Unarmored:
    """A text without its armor, and the encrypted blocks that stood in it, in order.

    ``lines``: which lines of the text these are; ``left``: there are more such blocks than are
    taken out.
    """

    text: str
    lines: list[int]
    encrypted: list[str] = field(default_factory=list)
    left: bool = False


def unarmored(text: str) -> Unarmored:
    """What a text says without OpenPGP's lines in it; linear in its length.

    What begins like a block and has nothing of one below it is left as it is; so are quoted blocks.
    """
    found = Unarmored(text, list(range(text.count("\n") + 1)))
    for _ in range(_MOST_LEVELS):
        if PGP not in found.text:
            break
        before = found.text
        _take_out(found)
        if found.text == before:
            break
    return found


def _take_out(found: Unarmored) -> None:
    """Take out the blocks, and the lines around signed texts; those inside them come to light."""
    lines = found.text.split("\n")
    kept: list[str] = []
    places: list[int] = []
    signed = escaped = False
    at = 0
    while at < len(lines):
        begin = _BEGIN.match(lines[at])
        if begin and begin[1] == _SIGNED:
            first = at + 1
            at = _behind_headers(lines, first)
            signed, escaped = True, not any(_AS_IT_IS in line for line in lines[first:at])
        elif begin and not found.left and (end := _end(lines, at)):
            if begin[1] == _CIPHERED:
                found.encrypted.append("\n".join(lines[at:end]) + "\n")
                found.left = len(found.encrypted) == _MOST_FILES
            signed = signed and begin[1] != "SIGNATURE"
            at = end
        else:
            line = lines[at]
            kept.append(line[2:] if signed and escaped and line.startswith("- ") else line)
            places.append(found.lines[at])
            at += 1
    found.text = "\n".join(kept)
    found.lines = places


def _behind_headers(lines: list[str], at: int) -> int:
    """Where the armor's header lines from ``at`` on, and the blank one below them, end."""
    if lines[at : at + 1] == [""] and lines[at + 1 : at + 2] and lines[at + 1].startswith("Hash:"):
        at += 1  # programs set blank lines between all
    while at < len(lines) and _HEADER.fullmatch(lines[at].rstrip()):
        at += 1
    return at + 1 if at < len(lines) and not lines[at].strip() else at


def _is_armor(line: str) -> bool:
    """Whether a line of armor's characters is no mere word."""
    return len(line) >= _ARMOR_LINE or not (line.strip() or "x").isalpha()


def _end(lines: list[str], begin: int) -> int:
    """The line behind a block; 0 where nothing of one follows its first line.

    Programs lose its last line, or set blank ones between all of them.
    """
    first = begin + 1
    while first < len(lines) and (
        not lines[first].strip() or _HEADER.fullmatch(lines[first].rstrip())
    ):
        first += 1
    at, gap = first, 0
    while at < len(lines) and (not lines[at].strip() or _RADIX_64.fullmatch(lines[at].strip())):
        gap = gap or (at if not lines[at].strip() else 0)
        at += 1
    if at > first and at < len(lines) and _END.fullmatch(lines[at].strip()):
        return at + 1
    # Without a last line, words below it are not armor, whose lines are long and no words.
    return _armor_end(lines, first, gap or at)


def _armor_end(lines: list[str], first: int, stop: int) -> int:
    """The line behind armor that has lost its last line; 0 where no armor begins at ``first``.

    All its lines are as long as the first, but for one and the checksum (RFC 9580 section 6.1).
    """
    if first >= stop or not _is_armor(lines[first]):
        return 0
    width = len(lines[first].strip())
    at = first + 1
    while at < stop and len(lines[at].strip()) == width:
        at += 1
    if at < stop and not _CHECKSUM.fullmatch(lines[at].strip()) and _is_armor(lines[at]):
        at += 1
    if at < stop and _CHECKSUM.fullmatch(lines[at].strip()):
        at += 1
    return at
