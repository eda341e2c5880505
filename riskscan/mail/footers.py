"""Boilerplate under a message: confidentiality notices, legal data, virus and list footers, ads."""

from __future__ import annotations

import re
from typing import Final

from riskscan.mail.markers import LINE_LIMIT
from riskscan.mail.prose import is_postscript, own_lines, said_line, speaks
from riskscan.mail.signature import is_attachment

# These head a lawyer's mail as often as they stand in a notice: alone they make none.
_HEADINGS: Final = (
    "legally privileged",
    "and privileged",
    "privileged and",
    "privileged material",
    "attorney-client priv",
    "attorney/client priv",
    "work product",
    "private and confidential",
    "confidential information",
    "is confidential",
    "are confidential",
    "be confidential",
)
_CLAUSES: Final = (
    *_HEADINGS,
    "transmitted by e-mail will",
    "e-mail transmission cannot be guaranteed",
    "reserves the right to monitor",
    "regarding privacy and confidentiality",
    "intended recipient",
    "named recipient",
    "is the property of",
    "intended only for",
    "intended solely for",
    "solely for the use of",
    "for the sole use of",
    "for the exclusive use of",
    "for the use of the individual",
    "for the use of the addressee",
    "strictly prohibited",
    "strictly forbidden",
    "expressly prohibited",
    "may contain confidential",
    "contain privileged",
    "contains privileged",
    "in error",
    "by mistake",
    "notify the sender",
    "notify us",
    "contact the sender",
    "advise the sender",
    "delete the message",
    "delete all copies",
    "delete this message",
    "delete this e-mail",
    "delete this email",
    "delete it from your",
    "delete the material",
    "delete all",
    "destroy all copies",
    "dissemination",
    "unauthorized use",
    "unauthorised use",
    "presence of computer viruses",
    "scanned for viruses",
    "checked for viruses",
    "virus-free",
    "virus free",
    "free of virus",
    "viruses",
    "mailsweeper",
    "views expressed",
    "opinions expressed",
    "do not necessarily",
    "does not necessarily",
    "registered in england",
    "registered office",
    "registered number",
    "company number",
    "company registration",
    "authorised and regulated",
    "regulated by",
    "vat no",
    "registered trademark",
    "registered service mark",
    "all rights reserved",
    "amtsgericht",
    "handelsregister",
    "geschäftsführer",
    "registergericht",
    "no liability",
    "not accept liability",
    "accepts no",
    "offer to sell",
    "not an offer",
    "as brokers only",
    "as agents only",
    "e&oe",
    "subject to the general conditions",
    "subject to our general",
    "terms and conditions of",
    "shall not be liable",
    "is general and is not",
    "not a confirmation of",
    "does not constitute",
    "solicitation of",
    "past performance",
    "circular 230",
    "tax penalties",
    "binding and enforceable contract",
    "vertrauliche",
    "rechtlich geschützte",
    "irrtümlich",
    "vernichten",
    "confidentiel",
    "destinataire",
    "par erreur",
    "assurer l'integrite",
    "assurer l'intégrité",
    "destinatario",
    "confidencial",
    "por error",
    "riservat",
    "vertrouwelijk",
    "geadresseerde",
)
_OPENING = re.compile(
    r"(?:this|the|any)\s+(?:e-?mail|message|communication|transmission|transmittal|electronic"
    r"|information\s+(?:contained|transmitted|in\s+this)|document|facsimile|content|preceding|inform)"
    r"|the\s+contents?\s+of\s+this|confidential|notice\b|disclaimer|important\b|privileged|warning"
    r"|legal\s+notice|note:|please\s+note|statement\s+of|internet\s+e-?mail|e-?mail\s+confid|if\s+you"
    r"|unless\s+(?:expressly|otherwise)|\*?\s*(?:diese|ce\s+m|ce\s+c|este\s|esta\s|questo\s|dit\s)"
    r"|caution|pursuant|to\s+(?:ensure|comply)|irs\s|information\s+(?:in|contained)|dette\s|detta\s"
    r"|nothing\s+in\s+this|the\s+sender|sender\s|all\s+e-?mail|for\s+your\s+information,\s+this"
    r"|(?:\w+\s+){1,4}(?:is\s+)?(?:registered|authorised|regulated)|registered|sitz\b|amtsgericht",
    re.IGNORECASE,
)
_SENTENCE = re.compile(
    r"[.!:/] (?=(?:this|the contents? of this|any|diese|ce |cette|este|esta|questo|dit|deze)\b)"
)
_NOTICES: Final = (
    "do you yahoo!?",
    "your use of yahoo! groups",
    "yahoo! groups sponsor",
    "get your free",
    "get your private, free",
    "get free email",
    "get free e-mail",
    "get more from the web",
    "explorer.msn.com",
    "msn messenger: click here",
    "msn photos is the easiest",
    "msn hotmail",
    "www.hotmail.com",
    "join the world",
    "send and receive hotmail",
    "chat with friends online",
    "free download of msn",
    "mailman/listinfo",
    "change your subscription",
    "to unsubscribe",
    "to subscribe",
    "unsubscribe instructions",
    "unsubscribing",
    "to end your membership",
    "click here to unsubscribe",
    "please click here to unsub",
    "currently subscribed",
    "to modify your subscription",
    "no longer wish to receive",
    "not wish to receive",
    "not interested in receiving",
    "rather not receive",
    "stop receiving",
    "subscription information",
    "remove yourself",
    "unsubscribe via",
    "or unsubscribe",
    "wish to unsubscribe",
    "like to unsubscribe",
    "free eudora web-mail",
    "received this email because",
    "received this mail because",
    "email has been sent to",
    "unsubscribe from",
    "unsubscribe:",
    "be removed from all of our",
    "be removed from future",
    "be removed from our",
    "be removed from the e-mail",
    "be removed from the email",
    "be removed from the list",
    "be removed from the mailing",
    "be removed from this",
    "remove yourself from",
    "to change your subscription",
    "manage your subscription",
    "this message was sent to",
    "this email was sent to",
    "mailing list\nhttp",
    "outgoing mail is certified virus free",
    "checked by avg",
    "has been scanned",
    "has been swept",
    "has been checked for",
    "virus-free. www.",
    "consider the environment",
    "think before you print",
    "yahoo.com/info/terms",
    "express yourself with",
    "free voicemail",
    "juno.com/get",
    "www.juno.com",
    "this sf.net email is sponsored",
    "because you subscribed",
    "attorney advertising",
    "prior results do not guarantee",
    "manage preferences",
    "manage your preferences",
    "manage email preferences",
    "update your preferences",
    "email preferences",
    "view this email in your browser",
    "vom newsletter abmelden",
    "newsletter abbestellen",
    "se désabonner",
    "se désinscrire",
    "afmelden voor",
    "darse de baja",
    "cancellarti",
    "cancelar inscrição",
)


_DEPTH: Final = 100
_MARKS: Final = "-—– \t\xa0"
_FRAME: Final = " \t*<>[]_-\"'(|\xa0"


def is_rule(line: str) -> bool:
    """Whether a line is a drawn rule (``*****``, ``_____``), four signs or more."""
    text = line[:LINE_LIMIT].strip()
    if len(text) < 4:
        return False
    if text[0].isalnum() or text[-1].isalnum():
        return False
    return not text.strip("*_=~#+-. |:/\\<>") or text.count("*") > 20 or text.count("_") > 20


def may_hold_boilerplate(lowered: str) -> bool:
    """Cheap test on a lower-case body: could any footer be in it?"""
    return any(map(lowered.__contains__, _GATE))


_LISTED: Final = ("subscri", "remove", "receiv", "membership")
_GATE: Final = (
    "confid",
    "recipient",
    "prohibited",
    "in error",
    "virus",
    "unsubscribe",
    "removed from",
    "listinfo",
    "right to monitor",
    "remove yourself",
    "yahoo",
    "hotmail",
    "msn",
    "juno",
    "free email",
    "free e-mail",
    "your free",
    "privileged",
    "registered",
    "regulated",
    "views expressed",
    "opinions expressed",
    "property of",
    "amtsgericht",
    "vertraulich",
    "destinata",
    "vertrouwelijk",
    "riservat",
    "environment",
    "scanned",
    "swept",
    "receiving this",
    "you received",
    "sent to you",
    "subscription",
    "sponsor",
    "liability",
    "mailing list",
    "circular 230",
    "was sent to",
    "not an offer",
    "liable",
    "brokers only",
    "agents only",
    "does not constitute",
    "attorney advert",
    "prior results",
    "preferences",
    "in your browser",
    "newsletter ab",
    "désabonner",
    "désinscrire",
    "afmelden",
    "darse de baja",
    "cancellarti",
    "cancelar insc",
    "past performance",
    "express yourself",
)


def _flat(lines: list[str], start: int, end: int) -> str:
    return " ".join([line[:LINE_LIMIT].strip(_FRAME) for line in lines[start:end]]).lower()


def _paragraphs(lines: list[str], start: int, end: int) -> list[tuple[int, int]]:
    """Runs of lines between blank lines and rules; a rule is a run of its own."""
    runs: list[tuple[int, int]] = []
    begin = -1
    for i in range(start, end):
        line = lines[i]
        blank = not line or line.isspace()
        ruled = not blank and is_rule(line)
        if (blank or ruled) and begin >= 0:
            runs.append((begin, i))
            begin = -1
        if ruled:
            runs.append((i, i + 1))
        elif not blank and begin < 0:
            begin = i
    if begin >= 0:
        runs.append((begin, end))
    return runs


def boilerplate(
    lines: list[str], start: int, end: int, *, top: bool = False
) -> tuple[list[tuple[int, int]], list[int]]:
    """The runs of lines (start, end exclusive) within the given lines that are boilerplate.

    Beside them the lines at which somebody begins to say something among those of a notice.

    A paragraph is boilerplate when it opens like a notice and holds a clause of one, when it
    holds three clauses, or when it holds an advertising or list footer in the last part of the
    text. Rules drawn around a notice, and what stands between them, go with it. Only the last
    ``_DEPTH`` lines are looked at. ``top``: the lines begin the message, and what its first
    paragraph says is taken for somebody's own words unless two clauses of a notice stand in it.
    Lines among those of a notice on which somebody says something are none.
    """
    top = top and end - start <= _DEPTH
    start = max(start, end - _DEPTH)
    flat = _flat(lines, start, end)
    clauses = [clause for clause in _CLAUSES if clause in flat]
    notices = [notice for notice in _NOTICES if notice in flat]
    if not clauses and not notices:
        return [], []
    runs = _paragraphs(lines, start, end)
    texts = [_flat(lines, begin, min(stop, begin + 60)) for begin, stop in runs]
    found: list[tuple[int, int]] = []
    said: list[int] = []
    index = 0
    while index < len(runs):
        begin, stop = runs[index]
        late = index >= len(runs) - 8
        at = -1
        opens = top and not any(text.strip() for text in texts[:index])
        held = [clause for clause in clauses if clause in texts[index]]
        true = sum([clause not in _HEADINGS for clause in held])
        score = len(held) if true > (1 if opens else 0) else 0
        if score:
            at = _notice_start(lines, begin, stop, score, clauses)
            if at < 0 and score == 2 and index == len(runs) - 1 and index and stop - begin <= 8:
                at = begin
        if (
            at < 0
            and late
            and stop - begin <= 16
            and any([notice in texts[index] for notice in notices])
        ):
            at = begin
            # in a long paragraph, or one of unwrapped lines, only the line that says so
            long = stop - begin > 12 or any([len(line) > 100 for line in lines[begin : stop - 1]])
            if long or opens:
                at = next(
                    k
                    for k in range(begin, stop)
                    if k + 1 == stop or any(n in lines[k].lower() for n in notices)
                )
            if opens and (at == begin or len(lines[at]) > 100):
                at = -1
        if at < 0:
            index += 1
            continue
        first = at
        last = index
        if index and at == begin and is_rule(lines[runs[index - 1][0]]):
            above = index - 1
            last = _frame_end(lines, runs, index)
            while above and is_rule(lines[runs[above - 1][0]]) and not texts[above].strip():
                above -= 1
            first = runs[above][0]
        first = _short_rule(lines, start, first)
        last = _follow(lines, runs, texts, last, (*clauses, *notices))
        kept, begins = _without_own(lines, [(first, runs[index][1]), *runs[index + 1 : last + 1]])
        found += kept
        said += begins
        index = last + 1
    return found, said


def _without_own(
    lines: list[str], parts: list[tuple[int, int]]
) -> tuple[list[tuple[int, int]], list[int]]:
    """Paragraphs of a notice but for what somebody says there, and the lines where that begins."""
    kept: list[tuple[int, int]] = []
    begins: list[int] = []
    for begin, stop in parts:
        from_ad, to_ad = _advertisement(lines, begin, stop)
        own = own_lines(lines, begin, from_ad) + own_lines(lines, to_ad, stop)
        if not own:
            kept.append((begin, stop))
            continue
        first = own[0]
        if first > begin and not lines[first - 1].strip(_MARKS):
            first -= 1
        begins.append(first)
        kept += [(begin, first), (own[-1] + 1, stop)]
    return [(first, stop) for first, stop in kept if first < stop], begins


def _advertisement(lines: list[str], begin: int, stop: int) -> tuple[int, int]:
    """The lines of a paragraph from the words of a list's or mail service's sponsor to his link."""
    for i in range(begin, min(stop, begin + _DEPTH)):
        if any([word in lines[i].lower() for word in ("sponsor", "do you yahoo!?")]):
            for k in range(i, min(stop, i + 6)):
                if "http" in lines[k]:
                    return i, k + 1
    return stop, stop


def _short_rule(lines: list[str], start: int, first: int) -> int:
    """Takes in a rule of three signs drawn above a notice."""
    above = first - 1
    while above > start and first - above < 3 and not lines[above].strip():
        above -= 1
    text = lines[above].strip() if above > start else ""
    return above if len(text) > 2 and not text.strip("-_*=~—–") else first


def _frame_end(lines: list[str], runs: list[tuple[int, int]], index: int) -> int:
    """The run with the rule that closes the frame opened before run ``index``."""
    frame = lines[runs[index - 1][0]].strip()[:1]
    for k in range(index + 1, min(len(runs), index + 30)):
        line = lines[runs[k][0]]
        if line.strip()[:1] == frame and is_rule(line):
            return k
    return index


def _notice_start(lines: list[str], begin: int, stop: int, score: int, clauses: list[str]) -> int:
    """The line of a paragraph with ``score`` clauses at which a notice begins, or -1."""
    head = [line[:LINE_LIMIT].strip(_FRAME).lower() for line in lines[begin:stop][:60]]
    for offset, line in enumerate(head):
        if _OPENING.match(line):
            rest = " ".join(head[offset:])
            enough = sum([clause in rest for clause in clauses]) >= (2 if offset else 1)
            if enough and len(rest) > 60:
                return begin + offset
            if offset > 12:
                break
        if len(line) > 60 and offset < 3:
            # the firm's name first, then the notice, in one line
            inner = _SENTENCE.search(line)
            if inner is not None:
                rest = " ".join([line[inner.end() :], *head[offset + 1 :]])
                if sum([clause in rest for clause in clauses]) >= 2:
                    return begin + offset
    return begin if score >= 3 else -1


def _tells_where(text: str) -> bool:
    return any(mark in text for mark in ("http", "www.", "@"))


def _follow(
    lines: list[str],
    runs: list[tuple[int, int]],
    texts: list[str],
    index: int,
    phrases: tuple[str, ...],
) -> int:
    """The last run that still belongs to a notice found in run ``index``."""
    listed = False
    while index + 1 < len(runs):
        begin, stop = runs[index + 1]
        text = texts[index + 1]
        listed = listed or any([word in texts[index] for word in _LISTED])
        closing = index + 2 >= len(runs) and stop - begin <= 2 and _tells_where(text)
        closing = closing and not is_attachment(lines[begin])
        small = listed and len(runs) - index <= 12 and stop - begin <= 10 and "</" not in text
        held = sum([p in text for p in phrases])
        if not (closing or small or held or is_rule(lines[begin])):
            break
        if is_postscript(lines[begin]):
            break
        if not small and (
            speaks(lines, begin, stop) if held else said_line(lines, begin, stop) >= 0
        ):
            break
        index += 1
    return index
