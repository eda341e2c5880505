"""Address headers: mailboxes of RFC 5322 section 3.4, and the display names Lotus exports keep."""

from __future__ import annotations

import re

from riskscan.mail.headers import Headers, decode_raw, decode_words, strict_addresses
from riskscan.mail.message import Address

_MAX_STRICT = 32768  # characters that go through the careful (slow) parser
MAX_ADDRESSES = 10_000  # kept a header; the rest is counted in a defect
_ATEXT = r"[^\s<>()\[\]\\,;:\"@]"
# One plain list item and its comma: addr | <addr> | Name <addr> | "Name" <addr>. Every
# repetition is over a class that excludes what follows it, so matching is linear.
_PLAIN = re.compile(
    rf"\s*(?:({_ATEXT}{{1,320}}@{_ATEXT}{{1,255}})"
    rf"|(?:\"([^\"\\]{{0,500}})\"\s{{0,20}}|([^\"<>()\[\]\\,;:@]{{0,500}}))"
    rf"<\s{{0,20}}({_ATEXT}{{1,320}}@{_ATEXT}{{1,255}})\s{{0,20}}>)\s*(?:,\s*|$)"
)
_LOOSE = r"[^\s<>()\[\]\\,;:\"'@]"
# From the start of a word on: tried at each character, a long word would cost 320 times its length.
_ANYWHERE = re.compile(rf"(?<!{_LOOSE}){_LOOSE}{{1,320}}@{_LOOSE}{{1,255}}")


# An encoded word (RFC 2047) in which marks stand bare that part addresses from each other.
_WORD = re.compile(r"(=\?[^?\s<>@]{1,80}\?[qQ]\?)([^?<>@]{0,500})(\?=)")
_MARKS = re.compile(r"[,;:()\[\]\"\\]")


def _without_marks(word: re.Match[str]) -> str:
    return word[1] + _MARKS.sub(lambda mark: f"={ord(mark[0]):02X}", word[2]) + word[3]


def addresses(values: list[str], hint: str = "") -> tuple[list[Address], list[str]]:
    """All mailboxes of the values of one header, in order, and defects.

    Names are decoded. What is no address but names somebody (as "Mary" in an old Lotus list)
    is kept as an Address without address; an empty group ("undisclosed-recipients:;") is not.
    """
    found: list[Address] = []
    defects: list[str] = []
    left_out = 0
    for value in values:
        if not value.isascii() or "\x1b$" in value:
            # Raw 8-bit bytes, decoded before anything is cut: mail-parser would escape them.
            value = decode_raw(value, hint)
        if "=?" in value:
            value = _WORD.sub(_without_marks, value)
        if value.count('"') % 2 and "\\" not in value and len(value) <= _MAX_STRICT:
            value = _closed(value)
            defects.append("addresses that are not well-formed")
        at = 0
        plain: list[Address] = []
        length = len(value)
        while at < length and len(found) + len(plain) < MAX_ADDRESSES:
            match = _PLAIN.match(value, at)
            if not match:
                break
            bare, quoted, phrase, angle = match.groups()
            name = quoted if quoted is not None else (phrase or "").strip()
            if name:
                name = _name(name, hint)
            plain.append(Address(name, bare or angle))
            at = match.end()
        found += plain
        rest = value[at:].strip()
        if not rest:
            continue
        if len(found) >= MAX_ADDRESSES:
            left_out += _count(rest)
            continue
        if len(rest) > _MAX_STRICT:
            defects.append("address header too long to be read carefully")
            found += [Address("", m.group()) for m in _ANYWHERE.finditer(rest)]
            continue
        read, broken = _read(rest, hint)
        found += read
        if broken:
            defects.append("addresses that are not well-formed")
    left_out += len(found[MAX_ADDRESSES:])
    del found[MAX_ADDRESSES:]
    if left_out:
        defects.append(left_out_of(len(found), left_out))
    people = (Address(_same_as_none(a), _bare(a.address)) for a in found)
    return [one for one in people if one.name or one.address], defects


# A name of which the mark that ends it is missing, and its address.
_UNCLOSED = re.compile(
    r"\"([^\"<>]{0,300}?)\s{0,20}(<[^<>\"\s]{1,320}@[^<>\"\s]{1,255}>)(?=\s*(?:[,;]|$))"
)


def _closed(value: str) -> str:
    """A list of mailboxes in which each name that begins with a quotation mark ends with one."""
    kept: list[str] = []
    at = 0
    while (mark := value.find('"', at)) >= 0:
        end = value.find('"', mark + 1)
        kept.append(value[at:mark])
        open_name = _UNCLOSED.match(value, mark)
        if open_name and not mark < end < open_name.end():
            kept.append(f'"{open_name[1]}" {open_name[2]}')
            at = open_name.end()
        elif end < 0:
            at = mark + 1
        else:
            kept.append(value[mark : end + 1])
            at = end + 1
    return "".join(kept) + value[at:]


def _read(value: str, hint: str, within: bool = False) -> tuple[list[Address], bool]:
    """The mailboxes of a list in order; was one not well-formed?

    ``within``: the list is the text of an encoded word, and is not decoded once more.
    """
    pairs, lost = strict_addresses(value)
    if not lost:
        return [Address(_name(name, hint), address) for name, address in pairs], False
    placed: list[tuple[int, list[Address]]] = []
    kept: list[str] = []  # the list, with blanks where the broken items are
    broken = False
    at = 0
    for item in lost:
        begin = max(value.find(item, at), at)
        kept += value[at:begin], " " * len(item)
        at = begin + len(item)
        mended = [a for one in _apart(item) for a in _lenient(one, hint, within)]
        placed.append((begin, mended))
        broken = broken or bool(mended)
    rest = "".join(kept) + value[at:]
    at = 0
    for name, address in pairs:
        # Blanks beside the "@" are not in the address.
        begin = max(rest.find(address, at), rest.find(address.partition("@")[0], at))
        at = max(begin, at)
        placed.append((at, [Address(_name(name, hint), address)]))
    placed.sort(key=lambda one: one[0])
    return [address for _, some in placed for address in some], broken


def left_out_of(kept: int, left_out: int) -> str:
    """The defect that says how many addresses a header had, and how many of them are kept."""
    return (
        f"{kept + left_out:,} addresses in a header: the first {kept:,} are kept, "
        f"{left_out:,} left out"
    )


def _count(value: str) -> int:
    """How many addresses a list has: exactly, where its items are plain."""
    at = number = 0
    while match := _PLAIN.match(value, at):
        at = match.end()
        number += 1
    return number + sum(1 for _ in _ANYWHERE.finditer(value, at))


def _name(text: str, hint: str) -> str:
    text = decode_words(text.strip(), hint)
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1].strip()  # 'Name' and "'Name'" are Outlook's
    return text[:500]


def _bare(address: str) -> str:
    """The address as text that UTF-8 can carry, without the quotes that Outlook puts round it."""
    if not address.isascii() or "=?" in address:
        address = decode_words(address)
    address = address.strip()
    if len(address) > 1 and address[0] == address[-1] and address[0] in "'\"":
        address = address[1:-1].strip()
    if address[:7].lower() == "mailto:" and len(address) > 7:
        address = address[7:]
    return address[:600]


def _same_as_none(address: Address) -> str:
    return "" if address.name.strip("'<>") == address.address else address.name


# A mailbox without the comma that should follow it.
_NEXT = re.compile(r"[^<>,]{0,500}<[^<>@]{1,320}@[^<>@]{1,255}>")


def _apart(item: str) -> list[str]:
    """The mailboxes of a list item that nothing but blanks parts, if it is no more than those."""
    found = _NEXT.findall(item)
    return found if len(found) > 1 and "".join(found) == item else [item]


def _lenient(item: str, hint: str, within: bool = False) -> list[Address]:
    """The addresses in a list item that RFC 5322 has no reading for; its words if there is none."""
    item = item.strip()
    nobody = _UNDISCLOSED.match(item)
    if (nobody and not _ANYWHERE.search(item, nobody.end())) or _NOBODY.fullmatch(item):
        return []
    if len(item) > _MAX_ITEM:
        found = [Address("", match.group()) for match in _ANYWHERE.finditer(item)]
        return found or [Address(_name(item, hint), "")]
    if "=?" in item and not within and (decoded := _encoded(item, hint)):
        return decoded
    bare = item.strip("<> ")
    if "@" in bare and not any(c in bare for c in ' \t<>"(),;'):
        within_marks = _BRACKETED.fullmatch(bare)
        # "a@b@c", as gateways and Lotus make them
        return [Address("", within_marks[1] if within_marks else bare)]
    left = item.rfind("<")
    right = item.find(">", left)
    if 0 <= left < right and "@" in item[left:right]:
        name, behind = item[:left].strip(_ROUND), item[right:].strip(_ROUND)
        if item[right + 1 : right + 2] == " " and _LETTER.search(behind):
            name = f"{name} {behind}"
        return [Address(_name(name, hint), _squeezed(item[left + 1 : right]))]
    if match := _ARCHIVED.fullmatch(item):
        name, local, host = match["name"] or match["note"] or "", match["local"], match["host"]
        return [Address(_name(name.strip(_ROUND), hint), f"{local}@{host}")]
    if match := _X500.fullmatch(item):
        return [Address(_name(match.group(1).strip(" \"'"), hint), match.group(2).strip())]
    if match := _LOCAL.fullmatch(item) or _COMMENTED.fullmatch(item):
        return [Address(_name(match["name"].strip(" \"'"), hint), match["local"])]
    bare = item.removesuffix("<>").strip(" \"'")
    if _of_notes(bare):
        return [Address(_name(bare, hint), "") if item.endswith("<>") else Address("", bare)]
    return _loose(item, hint)


def _loose(item: str, hint: str) -> list[Address]:
    """The addresses that stand somewhere in an item, and the words round them as a name."""
    matches = list(_ANYWHERE.finditer(item))
    if len(matches) == 1:
        match = matches[0]
        name = _MAILTO.sub("", item[: match.start()]) + item[match.end() :]
        return [Address(_name(_unwrapped(name), hint), match.group().strip("."))]
    name = _name(_unwrapped(_ESCAPED.sub(r"\1", item)), hint)
    if not matches:
        return [Address(name, "")]
    found = list(dict.fromkeys(match.group().strip(".") for match in matches))
    if not _LETTER.search(_ANYWHERE.sub("", item)):
        name = ""  # nothing but addresses
    return [Address(name, found[0]), *(Address("", address) for address in found[1:])]


def _encoded(item: str, hint: str) -> list[Address]:
    """The mailboxes of which the address is in an encoded word, against RFC 2047 section 5."""
    item = item.strip(" \"'")
    if (match := _IN_ANGLES.fullmatch(item)) and "=?" in match[2] and "@" not in match[2]:
        address = decode_words(match[2], hint)
        return [Address(_name(match[1].strip(_ROUND), hint), address)] if "@" in address else []
    if "@" in _ENCODED.sub("", item):
        return []
    decoded = decode_words(item, hint)
    if one := _SURNAME_FIRST.fullmatch(decoded):
        return [Address(_name(one[1].strip(_ROUND), hint), one[2])]
    return _read(decoded, hint, within=True)[0] if "@" in decoded else []


def _unwrapped(text: str) -> str:
    """A name without the marks round it; brackets that belong to it stay."""
    text = text.replace("<>", "")
    text = text.strip(_MARKED if text.count("<") == text.count(">") else f"{_MARKED}<>")
    for pair in ("<>", "()", "[]"):
        text = text.replace(pair, "").strip()
        if text[:1] + text[-1:] == pair:
            text = text[1:-1].strip()
        elif text.count(pair[0]) != text.count(pair[1]):
            text = text.strip(f"{pair} ")
    return text


# "Smith, Bob <bob@x.example>", all in one encoded word, is one person.
_SURNAME_FIRST = re.compile(
    r"([^<>@;,]{1,200},[^<>@;,]{1,200})<([^<>@\s,;]{1,200}@[^<>@\s,;]{1,300})>"
)
_MAX_ITEM = 4000  # characters of one that are looked at with care
_NOBODY = re.compile(r"[\s\"'<>,;:]*|@(?:[\w-]{1,63}\.)+[\w-]{1,63}")  # a host names nobody
_ROUND = " \"'<>"  # marks round a name
_MARKED = " \"'\t:,;"
_LETTER = re.compile(r"\w")
_ESCAPED = re.compile(r"\\([\"\\])")
_ENCODED = re.compile(r"=\?[^?\s]{1,80}\?[bBqQ]\?[^?]{0,2000}\?=")
_IN_ANGLES = re.compile(r"([^<>]*)<([^<>]*)>")
_MAILTO = re.compile(r"\bmailto:$", re.I)
_BRACKETED = re.compile(r"\[(?:mailto:)?([^\[\]]*)\]", re.I)
# A mailbox of this machine, as programs write theirs: Mail Delivery System <MAILER-DAEMON>.
_LOCAL = re.compile(r"(?P<name>[^<>@]*)<\s*(?P<local>[^<>@\s]{1,320})\s*>")
# RFC 822's way to name it: root (Cron Daemon). "Mary (Legal)" is a name.
_COMMENTED = re.compile(
    r"(?P<local>[a-z0-9._$+-]{1,64}|[A-Z0-9]+[-_.$][A-Z0-9._$-]{1,64}) \((?P<name>[^()]{1,500})\)"
)


def _squeezed(address: str) -> str:
    """Without blanks, but those in the names of Notes and X.500: Ada Quay/NA/Rivers@Rivers."""
    inner = "/" in address or "." not in address.rpartition("@")[2]
    return (" " if inner else "").join(address.split())


_NOTES = re.compile(r"[^<>@,;:\"]{1,320}[ /]([^<>@,;:\"\s/]{1,64})@[\w-]{1,64}")


def _of_notes(text: str) -> bool:
    """Is it a name of Notes: Ada Quay/NA/Rivers@Rivers, Harbour Works Notices@RIVERS?

    Its last word is capital; in "Ada Quay ada@host" a name and an address stand side by side.
    """
    found = _NOTES.fullmatch(text)
    return found is not None and ("/" in text or found[1][0].isupper())


# What Exchange keeps of a colleague: Name </O=…/OU=…/CN=…>. It is an address, and no name.
_X500 = re.compile(r"([^<>]*)<?(/o=[^<>]*)>?", re.I)
# As Mailman writes it into the archives of its lists: ada at ferry.example (Ada Quay).
_ARCHIVED = re.compile(
    rf"(?P<name>[^<>@]{{0,500}}<)?(?P<local>{_ATEXT}{{1,64}}) at "
    rf"(?P<host>{_ATEXT}{{1,250}}\.[A-Za-z0-9-]{{2,63}})"
    r"(?(name)>|(?: \((?P<note>[^()]{0,500})\))?)"
)
# Some servers put their own name behind it.
_UNDISCLOSED = re.compile(
    r"[<\"']*(?:undisclosed|unlisted)[-_. ]?recipients?\b(?:[\"':;]{0,4}@[^\s<>,;]{0,255})?", re.I
)


_EXCHANGE = re.compile(r"([^<>]{0,200})<([^<>]{0,400})>(?:\s{0,8}@\s{0,8}\w{1,40})?\s*(?:,\s*|$)")


def lotus_names(value: str, hint: str = "") -> list[str]:
    """The display names in an X-From, X-To or X-cc header of a Lotus or Enron export.

    They come as "First Last, First Last" or, from Exchange, "Last, First </O=…/CN=…>". A name
    that is only an address is "". The names stand in the order of the addresses.
    """
    value = value[:_MAX_STRICT].strip()
    if not value:
        return []
    if "<" in value:
        names: list[str] = []
        at = 0
        while at < len(value):
            match = _EXCHANGE.match(value, at)
            if match is None:
                return []
            names.append(_person(match.group(1), hint))
            at = match.end()
        return names
    return [_person(item, hint) for item in value.split(",")]


def _person(text: str, hint: str) -> str:
    name = _name(text.strip().strip("\"'").strip(), hint)
    return "" if "@" in name or "/O=" in name.upper() else name


def fill_names(found: list[Address], headers: Headers, name: str) -> list[Address]:
    """Give addresses without a display name those of the Lotus header ``name``, if they match.

    The lists are only believed when they have the same length.
    """
    if name not in headers or not found or all(a.name for a in found):
        return found
    names = lotus_names(headers.raw(name), headers.hint)
    if len(names) != len(found):
        return found
    return [a if a.name else Address(n, a.address) for a, n in zip(found, names, strict=True)]
