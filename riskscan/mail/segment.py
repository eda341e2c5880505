"""Segmentation of a body: who wrote which lines.

Every line of a body gets one role. Lines are the unit because that is how clients compose mail:
history is put below a separator, an attribution or a header block, or behind ``>``.
"""

from __future__ import annotations

from typing import Final

from riskscan.mail.footers import boilerplate, is_rule, may_hold_boilerplate
from riskscan.mail.markers import (
    LINE_LIMIT,
    VERBS,
    attribution_start,
    field_of,
    header_block,
    is_groupwise,
    is_history,
    notes_block,
    notes_column,
    notes_line,
    notes_table,
    opens_attribution,
    separator_of,
    traces_end,
)
from riskscan.mail.message import Role, Segment
from riskscan.mail.pgp import PGP, unarmored
from riskscan.mail.prose import said_line
from riskscan.mail.signature import (
    is_attachment,
    is_contact_block,
    is_device_line,
    signature_start,
    tells_who,
)

_A: Final = Role.AUTHORED
_Q: Final = Role.QUOTED
_F: Final = Role.FORWARDED
_HISTORY: Final = (_Q, _F)
_REMARKS: Final = ("fyi", "fyr", "see below", "please see below", "f.y.i")
_INDENT: Final = " \t\xa0\r\f\v"
_MARKS: Final = ">-_=*—–"
_SIGNATURE_MARK: Final = "-—_ \t\xa0"


def segment(body: str) -> list[Segment]:
    """Segments of ``body``: whole lines, from 0 to its length, without gap or overlap.

    Rules, where readers could differ:

    - After a separator, a header block or a Lotus Notes head everything is history, unless the
      history is marked with ``>``: then unmarked lines between and below are authored.
    - History is forwarded when its marker says so, or when nothing but a short remark such as
      "FYI" stands above it; what is nested in it stays forwarded.
    - A closing or a bare name is authored; see signature.py for what is signature. A sentence that
      somebody says, or a postscript, ends a signature; nothing but a signature is authored.
    - Boilerplate is a disclaimer only where its text would be authored; in history it is history.
    - A blank line goes with the line above it.
    - OpenPGP's lines are signature, or the history that they stand in.
    """
    if not body:
        return []
    lines = body.split("\n")
    roles = _signed(body, lines) if PGP in body else _roles(lines)
    return _segments(lines, roles, len(body))


def _roles(lines: list[str]) -> list[Role]:
    roles = _history(lines)
    _footers(lines, roles)
    _content(lines, roles)
    return roles


def _signed(body: str, lines: list[str]) -> list[Role]:
    """The roles as they are without OpenPGP's lines; these are of the history that they are in."""
    read = unarmored(body)
    roles = [Role.SIGNATURE] * len(lines)
    at, before = 0, _A
    kept = read.text.split("\n") if read.lines else []
    for place, role in zip(read.lines, _roles(kept), strict=True):
        if before in _HISTORY and role is before:
            roles[at:place] = [before] * (place - at)
        roles[place] = before = role
        at = place + 1
    if before in _HISTORY:
        roles[at:] = [before] * (len(lines) - at)
    return roles


def _segments(lines: list[str], roles: list[Role], length: int) -> list[Segment]:
    first = next((i for i, line in enumerate(lines) if line and not line.isspace()), 0)
    previous = roles[first]
    found: list[Segment] = []
    start = at = 0
    for line, role in zip(lines, roles, strict=True):
        if role is not previous and line and not line.isspace():
            if at > start:
                found.append(Segment(previous, start, at))
            start, previous = at, role
        at += len(line) + 1
    if length > start:
        found.append(Segment(previous, start, length))
    return found


def _history(lines: list[str]) -> list[Role]:
    """Roles authored, quoted and forwarded."""
    roles = [_A] * len(lines)
    count = len(lines)
    floor = 0
    traces = 0  # the end of the last run of trace fields that was looked at
    quoting = False
    i = 0
    while i < count:
        line = lines[i]
        mark = line[:1]
        if mark in _INDENT:
            mark = line[:LINE_LIMIT].lstrip()[:1]
        if not mark or (mark not in _MARKS and ":" not in line):
            i += 1
            continue
        head = line[:LINE_LIMIT]
        if mark == ">" and not _escaped_from(lines, i):
            if is_groupwise(head):
                _fill(roles, i, count, _history_role(lines, roles, i))
                break
            roles[i] = _Q
            quoting = True
            if i > floor and roles[i - 1] is _A and opens_attribution(lines[i - 1]):
                roles[i - 1] = _Q
            i += 1
            continue
        field = field_of(head)
        if field == "trace":
            if i < traces:
                i += 1
                continue
            traces = traces_end(lines, i)
        start, end, role = _marker(lines, i, floor, head, field)
        if start >= 0:
            below = _next_text(lines, end)
            inline = role != "forwarded" and below < count and _is_quote(lines[below])
            if inline or (role == "weak"):
                if not inline:
                    i += 1
                    continue
                _fill(roles, start, end, _Q)
                floor = i = max(end, i + 1)
                quoting = True
                continue
            _fill(
                roles,
                start,
                count,
                _F if role == "forwarded" else _history_role(lines, roles, start),
            )
            break
        i += 1
    if quoting:
        _wrapped_tails(lines, roles)
        _attached(lines, roles)
        _signed_quotes(lines, roles)
        if not any(r is _A and s and not s.isspace() for r, s in zip(roles, lines, strict=True)):
            roles = [_F] * count
    return roles


def _marker(lines: list[str], i: int, floor: int, head: str, field: str) -> tuple[int, int, str]:
    """Start and end line of a history marker found at line ``i``, and quoted/forwarded/weak.

    ``head`` is what is looked at of the line, and ``field`` the one that it sets.
    """
    text = head.strip()
    if not text:
        return -1, -1, ""
    if text[0] in _MARKS or text[-1] in ":.":
        role = separator_of(text)
        if role:
            return i, _after_block(lines, i + 1), role
    if ":" in head:
        if text[0].isdigit() and len(text) < 60:
            start, end = notes_table(lines, i, floor)
            if start >= 0:
                return start, end, "quoted"
        if field in {"from", "date", "subject", "trace"}:
            block = header_block(lines, i, field, least=3)
            if block is not None and is_history(block):
                return _above(lines, i, floor), block.end, "quoted"
        elif field == "to":
            start = notes_block(lines, i, floor)
            if start >= 0:
                return start, i + 1, "quoted"
        if "To:" in head and not field:
            if notes_line(head):
                return i, i + 1, "quoted"
            start = notes_column(lines, i, floor)
            if start >= 0:
                return start, i + 1, "quoted"
        if text[-1] in ":>" or text.endswith(VERBS):
            start, sure = attribution_start(lines, i, floor)
            if start >= 0:
                return start, i + 1, "quoted" if sure else "weak"
    return -1, -1, ""


def _after_block(lines: list[str], i: int) -> int:
    at = _next_text(lines, i)
    if at < len(lines) and at - i < 4 and not _is_quote(lines[at]):
        block = header_block(lines, at)
        if block is not None:
            return block.end
    return i


def _above(lines: list[str], i: int, floor: int) -> int:
    """Takes in the rule that Outlook draws above ``From:`` and the company Notes puts there."""
    at = i - 1
    while at >= floor and i - at < 3 and not lines[at].strip():
        at -= 1
    if at < floor or at < 0:
        return i
    text = lines[at][:LINE_LIMIT].strip()
    if len(text) > 4 and not text.strip("_-= "):
        return at
    if lines[at].startswith("\t") and lines[i].startswith("\t") and len(text) < 60:
        return at
    return i


def _history_role(lines: list[str], roles: list[Role], start: int) -> Role:
    """Forwarded when at most a remark of the kind "FYI" was written above line ``start``."""
    above = [i for i in range(start) if roles[i] is _A and lines[i].strip()]
    if not above:
        return _F
    if len(above) < 24:
        signed = _signatures(lines, above[0], above[-1] + 1, _next_text(lines, 0))
        above = [i for i in above if not any(first <= i < stop for first, stop in signed)]
    if not above:
        return _F
    if len(above) <= 2:
        text = " ".join(lines[i].strip() for i in above)[:LINE_LIMIT].lower()
        if len(text) < 60 and text.startswith(_REMARKS):
            return _F
    return _Q


def _escaped_from(lines: list[str], i: int) -> bool:
    """A lone ``>From `` is an mbox's escape, not a quote."""
    return lines[i].startswith(">From ") and not (
        (i + 1 < len(lines) and lines[i + 1].startswith(">"))
        or (i > 0 and lines[i - 1].startswith(">"))
    )


def _is_quote(line: str) -> bool:
    return line[:LINE_LIMIT].lstrip()[:1] == ">"


def _next_text(lines: list[str], i: int) -> int:
    while i < len(lines) and not lines[i].strip():
        i += 1
    return i


def _fill(roles: list[Role], start: int, end: int, role: Role) -> None:
    roles[start:end] = [role] * (end - start)


def _wrapped_tails(lines: list[str], roles: list[Role]) -> None:
    """Gives back to the quote what wrapping broke off a ``>`` line."""
    count = len(lines)
    for i in range(1, count):
        line = lines[i]
        if roles[i] is not _A or roles[i - 1] is not _Q or not line or line.isspace():
            continue
        above = lines[i - 1][:LINE_LIMIT].rstrip()
        text = line[:LINE_LIMIT].strip()
        if not text or not above:
            continue
        if i + 1 < count and roles[i + 1] is _Q:
            below = lines[i + 1][:LINE_LIMIT].lstrip("> \t")
            cut = below[:1].islower() and text[-1] not in ".!?:"
            if cut or is_rule(text) or is_rule(below) or _is_link(text):
                roles[i] = _Q
                continue
        if not above.strip("> \t"):
            continue
        first = text.split(None, 1)[0]
        ended = above[-1] in ".!?:" and text[:1].isupper()
        if len(above) > 50 and len(above) + len(first) > 66 and not ended:
            roles[i] = _Q


def _is_link(text: str) -> bool:
    return text.startswith(("http://", "https://")) and " " not in text


def _signed_quotes(lines: list[str], roles: list[Role]) -> None:
    """A short ``>`` run below authored text that is a contact block: some clients mark it so."""
    i = 0
    while i < len(lines):
        if roles[i] is not _Q or not _is_quote(lines[i]):
            i += 1
            continue
        end = i
        while end < len(lines) and roles[end] is _Q:
            end += 1
        alone = i and roles[i - 1] is _A and end - i <= 12
        if alone and not opens_attribution(lines[i - 1]):
            bare = [line[:LINE_LIMIT].lstrip("> \t") for line in lines[i:end]]
            bare += [s for s in lines[end : end + 8] if s.strip()][: 8 if end - i < 3 else 0]
            if is_contact_block(bare):
                _fill(roles, i, end, Role.SIGNATURE)
        i = end


def _attached(lines: list[str], roles: list[Role]) -> None:
    """Gives the names of attachments below a quote to the quote."""
    last = _A
    for i, line in enumerate(lines):
        if not line or line.isspace():
            continue
        if roles[i] is _A and last is _Q and is_attachment(line):
            roles[i] = _Q
        last = roles[i]


def _footers(lines: list[str], roles: list[Role]) -> None:
    """Signatures and disclaimers within authored runs."""
    top = _next_text(lines, 0)
    for start, end in _runs(lines, roles):
        said: list[int] = []
        lowered = "\n".join(lines[start:end]).lower()
        if may_hold_boilerplate(lowered):
            notices, said = boilerplate(lines, start, end, top=start <= top)
            for first, last in notices:
                _fill(roles, first, last, Role.DISCLAIMER)
        at = start
        while at < end:
            stop = at
            while stop < end and roles[stop] is _A and (stop == at or stop not in said):
                stop += 1
            if stop > at:
                for first, last in _signatures(lines, at, stop, top):
                    for i in range(first, last):
                        if not is_attachment(lines[i]):
                            roles[i] = Role.SIGNATURE
            at = stop + (stop not in said)


def _content(lines: list[str], roles: list[Role]) -> None:
    """What looks like a signature is what a message says when it says nothing else."""
    texts = [i for i, line in enumerate(lines) if line and not line.isspace()]
    if any(roles[i] not in {Role.SIGNATURE, Role.DISCLAIMER} for i in texts):
        return
    for i in texts:
        if roles[i] is Role.SIGNATURE and not _is_marked(lines, i, i + 1):
            roles[i] = _A


def _signatures(lines: list[str], start: int, stop: int, top: int) -> list[tuple[int, int]]:
    """The runs of lines within some authored ones that are signature.

    A signature ends where somebody says something below it, and one at line ``top``, where the
    message begins, with its block.
    """
    found: list[tuple[int, int]] = []
    while start < stop:
        first = signature_start(lines, start, stop)
        end = _signature_end(lines, first, stop, leads=first == top)
        if first < end:
            found.append((first, end))
        start = max(end, first + 1)
    return found


def _is_marked(lines: list[str], first: int, stop: int) -> bool:
    """Whether a signature begins with a mark or a device line, not with a name or a title."""
    return first < stop and (
        not lines[first].strip(_SIGNATURE_MARK) or is_device_line(lines[first])
    )


def _is_bare(lines: list[str], first: int, stop: int) -> bool:
    """Whether no line near a signature's mark tells who the writer is."""
    return is_device_line(lines[first]) or not any(
        [tells_who(line) for line in lines[first : min(stop, first + 8)] if line.strip()]
    )


def _signature_end(lines: list[str], first: int, stop: int, *, leads: bool) -> int:
    """The line at which a signature that begins at line ``first`` ends."""
    marked = _is_marked(lines, first, stop)
    leads = leads and marked
    bare = marked and _is_bare(lines, first, stop)
    at = first
    while at < stop:
        begin = _next_text(lines, at)
        at = begin
        while at < stop and lines[at].strip():
            at += 1
        text = max(begin, first + marked)
        said = said_line(lines, text, at, bare=bare) if text < at else -1
        if said >= 0 and not is_device_line(lines[said]):
            return said
        if leads and any(line.strip(_SIGNATURE_MARK) for line in lines[begin:at]):
            below = _next_text(lines, at)
            leads = below < stop and is_rule(lines[below])
            if not leads:
                return at
    return stop


def _runs(lines: list[str], roles: list[Role]) -> list[tuple[int, int]]:
    """Runs of authored lines, blank lines within and below included."""
    runs: list[tuple[int, int]] = []
    start = -1
    for i, role in enumerate(roles):
        if role is _A:
            if start < 0 and lines[i].strip():
                start = i
        elif start >= 0:
            runs.append((start, i))
            start = -1
    if start >= 0:
        runs.append((start, len(lines)))
    return runs
