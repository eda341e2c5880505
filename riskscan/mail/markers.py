"""How mail clients mark history: separators, attributions and header blocks.

Everything here looks at single lines (cut to ``LINE_LIMIT`` characters) or at a bounded number
of neighbouring lines, so that no hostile body makes it more than linear.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

LINE_LIMIT: Final = 400
"""Characters of a line that any pattern gets to see."""

BLOCK_LIMIT: Final = 400
"""Lines that a header block may span: recipient lists of hundreds of names are real."""

_KEYS_BY_FIELD: Final = {
    "from": "from von de da van från fra od lähettäjä от от_кого nadawca feladó kimden"
    " gönderen expéditeur remitente mittente afzender avsändare author auteur 发件人 寄件者"
    " 差出人 보낸사람",
    "date": "sent date gesendet datum envoyé envoyé_le date_d'envoi enviado enviado_el"
    " enviado_em enviada_em enviada fecha data inviato data_invio verzonden skickat sendt dato"
    " wysłano wysłane lähetetty päivämäärä päiväys odesláno отправлено дата elküldve dátum"
    " gönderildi tarih sent_at date_sent 发送时间 日期 寄件日期 送信日時 日時 message_du",
    "to": "to an à a para aan till til do vastaanottaja кому komu adresat címzett kime"
    " destinataire destinatario destinatário ontvanger mottagare 收件人 宛先 받는사람",
    "cc": "cc c.c. bcc kopie copie copia cópia kopia kopi копия kopio másolatot_kap bilgi"
    " ccn cci copie_à 抄送",
    "subject": "subject betreff objet asunto oggetto onderwerp assunto thema ämne emne temat aihe"
    " předmět predmet тема tárgy konu subj sujet 主题 主旨 件名 제목",
    "other": "importance priority reply-to reply_to attachments attachment anlagen anhang"
    " pièces_jointes sent_by sensitivity organization wichtigkeit importanza prioridad"
    " newsgroups please_respond_to categories",
    "trace": "message-id x-mailer mime-version content-type content-transfer-encoding"
    " content-length content-disposition return-path received full-name x-sender"
    " x-apparently-to x-originating-ip x-track delivered-to references in-reply-to",
}
_KEYS: Final = {
    key.replace("_", " "): field for field, keys in _KEYS_BY_FIELD.items() for key in keys.split()
}

_ORIGINAL: Final = (
    r"origin(?:al|eel|ale)\s+(?:message|appointment|e-?mail|meeting|mail|nachricht|bericht)"
    r"|reply\s+separator|(?:ursprüngliche|original)\s*nachricht|message\s+d['’]origine"
    r"|message\s+original|mensaje\s+original|mensaje\s+de\s+origen|messaggio\s+originale"
    r"|oorspronkelijk\s+bericht|mensagem\s+original|ursprungligt\s+meddelande"
    r"|oprindelig\s+meddelelse|oprindelig\s+besked|opprinnelig\s+melding|alkuperäinen\s+viesti"
    r"|původní\s+zpráva|wiadomość\s+oryginalna|oryginalna\s+wiadomość|исходное\s+сообщение"
    r"|orijinal\s+mesaj|eredeti\s+üzenet|原始邮件|original\s+email"
)
_FORWARD: Final = (
    r"forwarded\s+(?:message|by|e-?mail|mail|from|letter)|forward(?:ed)?\s+header|forward(?:ed)?"
    r"|(?:begin|start\s+of)\s+forwarded\s+message|inline\s+attachment\s+follows"
    r"|weitergeleitete\s+nachricht|weitergeleitet\s+von|message\s+transféré|transféré\s+par"
    r"|message\s+transmis|mensaje\s+reenviado|reenviado\s+por|remitido\s+por"
    r"|messaggio\s+inoltrato|inoltrato\s+da|doorgestuurd\s+(?:bericht|door)"
    r"|mensagem\s+encaminhada|encaminhado\s+por|vidarebefordrat\s+(?:meddelande|av)"
    r"|videresendt\s+(?:melding|meddelelse|besked|av|af)|edelleenlähetetty\s+viesti"
    r"|välitetty\s+viesti|přeposlaná\s+zpráva|wiadomość\s+przekazana"
    r"|пересылаемое\s+сообщение|пересланное\s+сообщение|转发的邮件"
)
_SEPARATOR = re.compile(rf"(?:(?P<fwd>{_FORWARD})|(?P<orig>{_ORIGINAL}))\b", re.IGNORECASE)
_RULE: Final = "-_=—–"
_BARE_FORWARD = re.compile(
    r"(?:begin forwarded message|anfang der weitergeleiteten (?:nachricht|e-?mail)"
    r"|début du message (?:réexpédié|transféré)|inicio del mensaje reenviado"
    r"|inizio messaggio inoltrato|begin doorgestuurd bericht|início da mensagem (?:re)?encaminhada"
    r"|vidarebefordrat brev|start på videresendt (?:besked|melding)"
    r"|note: forwarded message attached)\s*[:.]\s*$",
    re.IGNORECASE,
)
VERBS: Final = (
    "wrote",
    "writes",
    "schrieb",
    "a écrit",
    "escribió",
    "escribio",
    "ha scritto",
    "schreef",
    "geschreven",
    "escreveu",
    "skrev",
    "kirjoitti",
    "napisał",
    "napsal",
    "írta",
    "yazdı",
    "написал",
    "пишет",
    "viết",
    "写道",
)
_OPENING = re.compile(
    r"(?:-{1,4}\s*)?(?:on|am|le|el|il|op|em|den|dne|dnia|w dniu|at|a|på|pe|no dia|in data"
    r"|in a message dated|in article|vào|tarihinde|в|от|"
    r"(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim|pe|la|su|ma|ti|ke|to|пн|вт|ср|чт|пт|сб|вс)[a-zé]{0,8}"
    r"\.?,?|\d{1,4})(?:\s|[,.:/-])",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"\d{1,4}[/.\-]\d{1,2}[/.\-]\d{2,4}|\d{1,2}[:.h]\d{2}|\b(?:19|20)\d\d\b|\d{4}年"
    r"|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?\s+\d{1,2}\b",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\d{1,2}[:.]\d{2}")
_ADDRESS = re.compile(r"[^\s@<>]@[^\s@<>]|<mailto:")
_NOTES_DATE = re.compile(
    r"\d{1,4}[/.\-]\d{1,2}[/.\-]\d{2,4},?\s+\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s*[ap]\.?m\b)?"
    r"|^\s*\d{1,2}:\d{2}(?::\d{2})?\s*(?:[ap]m)?\s*$"
    r"|\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2,4}\s*$",
    re.IGNORECASE,
)
_GROUPWISE = re.compile(r">>> .{1,200}(?:\d{1,2}:\d{2}|[AP]M).{0,40}>>>\s*$")
_QUOTING = re.compile(r"Quoting .{2,120}:$")


class Block(NamedTuple):
    """A header block: lines ``start`` to ``end`` (end exclusive) and the fields found in it."""

    start: int
    end: int
    fields: tuple[str, ...]


def field_of(line: str) -> str:
    """The field that a header line sets: from, date, to, cc, subject, other, trace, or ``""``."""
    colon = line.find(":", 0, 31)
    if colon <= 0:
        return ""
    return _KEYS.get(line[:colon].strip(" \t*>\xa0\u200b").lower(), "")


def separator_of(line: str) -> str:
    """``forwarded`` or ``quoted`` when the line is a client's separator, else an empty string."""
    text = line[:LINE_LIMIT].strip(" \t>*\xa0")
    if text[:1] in _RULE and text[:1]:
        core = text.strip("-_=—– \t")
        found = _SEPARATOR.match(core)
        if found is not None and (len(text) - len(core) > 2 or len(core) < 40):
            return "forwarded" if found["fwd"] else "quoted"
        if len(text) - len(core) > 6 and core.endswith(":") and _has_verb(core[-20:]):
            # Notes in a browser: "-----Jane Doe <jane@x.example> wrote:-----"
            return "quoted"
        if len(text) - len(core) > 6 and opens_attribution(core):
            return "quoted"
        return ""
    if _BARE_FORWARD.match(text):
        return "forwarded"
    return ""


def header_block(
    lines: list[str], at: int, first: str | None = None, least: int = 1
) -> Block | None:
    """The header block that begins at line ``at``, if it has ``least`` fields or more.

    ``first`` is what ``field_of`` says of the line, where that is known. Blocks whose field names
    are in capitals are memo heads that people type, not history.
    """
    first = field_of(lines[at]) if first is None else first
    if first not in _FIRST:
        return None
    fields = [first]
    last = at
    gap = 0
    stop = min(len(lines), at + BLOCK_LIMIT)
    for i in range(at + 1, stop):
        line = lines[i]
        if not line or line.isspace():
            gap += 1
            if gap > 1:
                break
            continue
        field = field_of(line)
        if field:
            if field in fields and field not in _REPEATED:
                break
            fields.append(field)
            last = i
        elif gap or fields[-1] == "subject":
            break
        gap = 0
    if len(fields) < least:
        return None
    name = lines[at].split(":", 1)[0].strip(" \t*>")
    if name.isupper() and len(name) > 1:
        return None
    end = last + 1
    if fields[-1] != "subject":
        # wrapped recipients of the last field belong to the block
        while end < stop and lines[end].strip() and not field_of(lines[end]):
            end += 1
    return Block(at, end, tuple(fields))


_FIRST = frozenset({"from", "date", "subject", "to", "trace"})
_REPEATED = frozenset({"cc", "other", "trace"})


def traces_end(lines: list[str], at: int) -> int:
    """The line behind a run of trace fields that begins at line ``at``.

    A header block that begins further down in it has the same fields behind the run.
    """
    gap = False
    stop = min(len(lines), at + BLOCK_LIMIT)
    for i in range(at, stop):
        blank = not lines[i] or lines[i].isspace()
        field = "" if blank else field_of(lines[i])
        if field not in {"", "cc", "other", "trace"} or (gap and not field):
            return i
        gap = blank
    return stop


def is_history(block: Block) -> bool:
    """Whether the fields are those of a quoted message (sender first, then two more)."""
    have = set(block.fields)
    if "from" not in have or block.fields[0] == "to":
        return False
    return len(have & {"date", "to", "subject"}) >= 2


def notes_start(lines: list[str], at: int, floor: int) -> int:
    """First line of the Lotus Notes head above the ``To:`` line ``at``; -1 when there is none.

    Notes writes name, date and time above ``To:``, on one line or on several (sometimes each
    of them three times), with ``Sent by:`` or ``Please respond to`` between, and sometimes the
    company above the name.
    """
    i = at - 1
    blanks = 0
    while i >= floor and blanks < 4 and not lines[i].strip():
        i -= 1
        blanks += 1
    start = -1
    dated = False
    names: set[str] = set()
    while i >= floor and at - i < 16:
        line = lines[i][:LINE_LIMIT]
        text = line.strip()
        lowered = text.lower()
        if not text:
            # only "Sent by:", "From:" and a name above a bare date stand apart from the rest
            above = lines[i - 1][:LINE_LIMIT] if i > floor else ""
            apart = not above.strip() or field_of(above) == "from" or _dated(lines, i - 1, floor)
            if dated:
                apart = not names and _is_name(above.strip()) and _blank(lines, i - 2, floor)
            if blanks < 6 and apart:
                blanks += 1
                i -= 1
                continue
            break
        date = _NOTES_DATE.search(text)
        if field_of(line) == "from":
            start, dated = i, True
            names.add(text)
        elif lowered.startswith(("sent by:", "please respond to")):
            start = i
        elif date is not None and len(text) < 160:
            start, dated = i, True
            if date.start() > 3 and not text.startswith("<"):
                names.add(text)
        elif start < 0 and i < at - 1:
            break
        elif _is_name(text) and (not names or text in names or _dated(lines, i - 1, floor)):
            start = i
            names.add(text)
        else:
            break
        i -= 1
    if not dated and not any("@" in name for name in names):
        return -1
    return _company(lines, start, floor)


def _dated(lines: list[str], i: int, floor: int) -> bool:
    return i >= floor and _NOTES_DATE.search(lines[i][:LINE_LIMIT]) is not None


def _blank(lines: list[str], i: int, floor: int) -> bool:
    return i < floor or not lines[i].strip()


def _company(lines: list[str], start: int, floor: int) -> int:
    """Takes in the company that Notes puts, indented like it, above an indented name."""
    i = start - 1
    if i > floor and lines[start].startswith("\t") and not lines[i].strip():
        line = lines[i - 1]
        if line.startswith("\t") and 0 < len(line.strip()) < 60:
            return i - 1
    return start


def _is_name(text: str) -> bool:
    return (0 < len(text) < 100 and not text.endswith((".", "!", "?", ",", ":"))) or "@" in text[
        -40:
    ]


def notes_block(lines: list[str], at: int, floor: int) -> int:
    """First line of a Lotus Notes head whose ``To:`` is line ``at``; -1 when it is none."""
    block = header_block(lines, at)
    if block is None or "from" in block.fields or "subject" not in block.fields:
        return -1
    start = notes_start(lines, at, floor)
    if start < 0 and "cc" in block.fields:
        # pasted without its name and date
        return at
    return start


def notes_line(line: str) -> bool:
    """Whether a whole Notes head was put on one line (name, date, ``To:``, ``cc:``)."""
    head = line[:LINE_LIMIT]
    to = head.find("To:")
    return (
        to > 12
        and ("cc:" in head or "Subject:" in head)
        and _NOTES_DATE.search(head[:to].strip()) is not None
    )


def notes_table(lines: list[str], at: int, floor: int) -> tuple[int, int]:
    """Start and end of a Notes head laid out as a table, whose date is line ``at``; or (-1, -1).

    Name and date stand above ``To``, ``cc`` and ``Subject`` without colons, each alone on an
    indented line with its value indented further below.
    """
    text = lines[at].strip()
    date = _NOTES_DATE.search(text)
    if len(text) > 60 or date is None or len(text) - (date.end() - date.start()) > 12:
        return -1, -1
    fields: list[str] = []
    end = at + 1
    blanks = 0
    for i in range(at + 1, min(len(lines), at + BLOCK_LIMIT)):
        line = lines[i]
        if not line or line.isspace():
            blanks += 1
            if blanks > 2:
                break
            continue
        field = ""
        if len(line) < 80 and line[0].isspace():
            field = _KEYS.get(line.strip().lower(), "")
        if field:
            fields.append(field)
        elif not fields or not line[0].isspace() or (blanks and fields[-1] == "subject"):
            break
        blanks = 0
        end = i + 1
    if "to" not in fields or "subject" not in fields:
        return -1, -1
    above = at - 1
    named = above >= floor and len(lines[above].strip()) > 0 and _is_name(lines[above].strip())
    return (above if named else at), end


def notes_column(lines: list[str], at: int, floor: int) -> int:
    """First line of a Notes head laid out in two columns (name left, ``To:`` right); or -1."""
    to = lines[at][:LINE_LIMIT].find("To:")
    if to < 8 or not lines[at][:2].isspace() or not lines[at][to - 2 : to].isspace():
        return -1
    for i in range(at + 1, min(len(lines), at + 60)):
        head = lines[i][:LINE_LIMIT]
        if "To:" in head:
            return -1
        cut = head.find("Subject:")
        if cut < 0:
            cut = head.find("cc:")
        if cut >= 8 and head[cut - 2 : cut].isspace():
            break
    else:
        return -1
    start = at
    blanks = 0
    for i in range(at - 1, max(floor, at - 8) - 1, -1):
        line = lines[i]
        if not line.strip():
            blanks += 1
            if blanks > 1:
                break
        elif line[:8].isspace() or (line.startswith("\t") and len(line) < 60):
            start = i
            blanks = 0
        else:
            break
    return start


def attribution_start(lines: list[str], at: int, floor: int) -> tuple[int, bool]:
    """First line of an attribution ("On … wrote:") that ends at line ``at``, and its certainty.

    Returns (-1, False) when the line ends none. The second value is True when the attribution
    has a date or an address, so that it stands on its own; a bare "Jane wrote:" needs a
    ``>`` line below to count.
    """
    text = _plain(lines[at])
    if len(text) < 3:
        return -1, False
    ends = text[-1] in ":>"
    if not ends and not (text.endswith(VERBS) and _WHEN.search(text) and _ADDRESS.search(text)):
        return -1, False
    if _QUOTING.match(text):
        return at, _ADDRESS.search(text) is not None
    joined, start = text, at
    for back in range(4):
        if _WHEN.search(joined) and _OPENING.match(joined):
            if _has_verb(joined):
                return _wrapped_date(lines, start, floor), True
            if joined[-1] == ":" and _ADDRESS.search(joined) and _CLOCK.search(joined):
                return start, True
        i = start - 1
        if back == 3 or i < floor:
            break
        above = _plain(lines[i])
        if not above or len(above) > 120 or above.endswith((":", "?", "!")):
            break
        joined, start = f"{above} {joined}", i
    if text[-1] == ":" and _has_verb(text[-60:]):
        bare = text.lower().startswith(VERBS) and at - 1 >= floor and lines[at - 1].strip()
        sure = _ADDRESS.search(text) is not None or text.startswith("---")
        return (at - 1 if bare else at), sure
    return -1, False


def opens_attribution(line: str) -> bool:
    """Whether a line right above a quote introduces it, though its end is wrapped or missing."""
    text = _plain(line)
    dated = _WHEN.search(text) is not None and _OPENING.match(text) is not None
    return dated and _has_verb(text)


def _plain(line: str) -> str:
    return line[:LINE_LIMIT].replace("\xa0", " ").strip(" \t*>\r")


def _has_verb(text: str) -> bool:
    lowered = text.lower()
    return any([verb in lowered for verb in VERBS])


def _wrapped_date(lines: list[str], start: int, floor: int) -> int:
    """The line above, if the attribution began there ("On Nov 21, 2014," / "at 10:18,")."""
    if start - 1 < floor:
        return start
    above = _plain(lines[start - 1])
    if len(above) < 60 and above.endswith(",") and _WHEN.search(above) and _OPENING.match(above):
        return start - 1
    return start


def is_groupwise(line: str) -> bool:
    """Whether the line is Novell GroupWise's ``>>> Jane Doe 03/04/02 10:11AM >>>``."""
    head = line[:LINE_LIMIT].rstrip()
    return head.endswith(">>>") and _GROUPWISE.match(head) is not None
