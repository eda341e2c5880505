"""Sentence spans of mail text, found without a model: fast, linear, and sure about line breaks.

Mail is not prose: lines are hard-wrapped or not, greetings, list items, table rows and headings
end without a full stop, and signatures are stacks of short lines. The splitter looks only at
places where a sentence may end (a line break, or closing punctuation) and decides each one from
a bounded window around it, so the cost is linear in the text whatever the text is.
"""

from __future__ import annotations

import re

# A run longer than this without an end is cut at a word, so that one hostile paragraph
# does not become one sentence of a megabyte.
MAX_SENTENCE = 600
# A line at least this long may have been broken by the mail program and not by its writer.
_WRAPPED = 46
# The usual place of hard wrapping; a break is one by wrapping when the next word did not fit.
_WIDTH = 65

_WORDS_NEVER_LAST = (
    "mr mrs ms dr prof rev hon sen rep gov gen col capt lt sgt messrs mssrs st vs v eg ie cf viz "
    "no nos art arts sec secs sect fig figs para paras vol pp ch approx est ext tel attn dept "
    "incl excl fr re acct amt inv ref resp max min avg op ed eds al ss bros"
)
# These close a sentence often enough: the next word decides.
_WORDS_SOMETIMES_LAST = (
    "inc co corp ltd llc llp lp plc jr sr esq etc bldg ave blvd rd ste apt hwy mt ft oz lb lbs "
    "hr hrs wk wks yr yrs mo mos mi dist div intl natl assn assoc govt mgmt mtg mgr dir pres vp "
    "cir ct ctr univ jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur "
    "thurs fri sat sun am pm us uk eu ny tx ca dc usa ph phd ba ma md cal calif tex mass conn "
    "penn colo fla ill ariz wash mich minn supp"
)
_NEVER = frozenset(_WORDS_NEVER_LAST.split())
_SOMETIMES = frozenset(_WORDS_SOMETIMES_LAST.split())
# "Inc. The" starts a sentence, "Inc. Class" does not.
_STARTERS_TEXT = (
    "a after all also although am an and any are as at because before both but by can could did "
    "do does during each finally first for from further had has have he her here his how "
    "however i if in is it its just last let may maybe meanwhile might moreover my next no not "
    "note now on once one only otherwise our per perhaps please quite shall she should since so "
    "some sorry still such thank thanks that the their then there therefore these they this "
    "those though thus to today tomorrow under unless until was we well were what when where "
    "whether which while who why will with would yes yesterday yet you your"
)
_STARTERS = frozenset(_STARTERS_TEXT.split())
# Capitalised words that begin a new sentence after a name or a number without a full stop
# ("Greta Holt These look fine", as mail reads when its line breaks were lost).
_OPENERS_TEXT = (
    "Also Are As Attached Can Could Did Do Following Get Good Have Here Hope How I If In Is It "
    "I'll I'm I've Just Let My Our Per Please See Sorry Thank Thanks The There These They This "
    "Those We What When Why Would You Your He She"
)
_OPENERS = _OPENERS_TEXT.split()
# Where a sentence may end. One character class picks the places, so that the search runs at
# the speed of a scan; look-behinds then tell the cases apart. No run is read twice.
_CANDIDATE = re.compile(
    "[" + r"\n.!?\u2026\-=*#~_(0-9" + "".join(sorted({word[0] for word in _OPENERS})) + "](?:"
    r"(?<=\n)\s*"  # line break with all white space that follows
    r"|(?<=[.!?\u2026])(?<![.!?\u2026]{2})[.!?\u2026]*[\"')\]\u201d\u2019*]{0,4}(?=\s|[A-Z\"(])"
    r"|(?<=[A-Z0-9a-z>)] [A-Z])(?:"
    + "|".join(rf"(?<={word[0]}){word[1:]}" for word in _OPENERS)
    + r")(?= [a-z])"
    r"|(?<=\s[-=*#~])[-=*#~]{4,}(?=\s)|(?<=\s_)_{19,}(?=\s)"
    r"|(?<=[a-zA-Z>] \d)\d?/\d{1,2}/\d{2,4},? \d{1,2}:\d\d(?::\d\d)?(?: [AP]M)?(?=\s)"
    r"|(?<= -) [\w.-]{1,60}(?<=\.(?:doc|xls|pdf|ppt|htm|txt|zip|jpg|gif|rtf))"
    r"|(?<= \d)\d?\) (?=[A-Z])|(?<= \()\d\) (?=[A-Z]))"
)
_LIST_ITEM = re.compile(
    r"(?:>\s?){0,3}(?:[-*\u2022\u00b7\u2013\u2014+o~=#]{1,3}[ \t]|[-*_=#~]{2,}|\(?\d{1,3}[.)][ \t]"
    r"|\(?[A-Za-z][.)][ \t]|\(?[ivx]{1,4}[.)][ \t]|[\u2022\u00b7\u25cf\u25aa]|\d{1,2}[).])"
)
_GREETING = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|greetings|all|team|folks|guys|"
    r"ladies|gentlemen|everyone|everybody|(?:[A-Z](?>[\w'.-]{0,20})[ ,/&]{0,3}){1,5}(?:and )?)"
    r"[^.!?;]{0,40}[,:;!-]{1,2}$",
    re.IGNORECASE,
)
_COLUMNS = re.compile(r"\S(?:\t| {3,})[ \t]*\S")
_CLOSING = re.compile(
    r"(?:thanks|thank you|thx|regards|best|sincerely|cheers|yours|love|many thanks|take care|"
    r"cordially|respectfully|(?:kind|best|warm|warmest) (?:regards|wishes)|talk to you|see you)\b",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"\s*(?:(?:thanks|thank you|thx|regards|best regards|kind regards|kindest regards|sincerely|"
    r"many thanks|cheers|best wishes)(?-i:,? (?=[A-Z][a-z]+(?:$|[\s,]))(?!(?:I|The|For|To)\b))"
    r"|(?!\w+ly\b|(?:but|anyway|and|so|yes|no|now|well|also|again|yet|then|ok|okay|oh|however)\b)"
    r"(?:dear |hi |hello |hey )?(?-i:(?:All|Team|Folks|Everyone|[A-Z][a-z]{1,12}))"
    r"(?: ?[:!] | - |, )(?=(?-i:(?:" + "|".join(_OPENERS) + r")\b)))",
    re.IGNORECASE,
)
_WORD_AFTER = re.compile(r"[\s\"'(\[\u201c\u2018*_]{0,8}([\w'\u2019]{1,24})")
_SPACES = re.compile(r"\s*")
_JOINING_TEXT = (
    "a an and are as at be been but by for from had has have if in into is my not of on or our "
    "that the their this to was were which who will with would your "
)
_JOINING = frozenset(_JOINING_TEXT.split())


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return the ``(start, end)`` offsets of the sentences of ``text``, in order.

    Spans are trimmed of white space, do not overlap and cover every character that is not
    white space. None is longer than `MAX_SENTENCE` characters. Runs in linear time.
    """
    spans: list[tuple[int, int]] = []
    start = 0  # of the sentence being read
    line = 0  # start of the line being read
    wrapped = False  # the line before this one ended by wrapping
    for match in _CANDIDATE.finditer(text):
        at, after = match.span()
        mark = text[at]
        if mark == "\n":
            if text.find("\n", at + 1, after) >= 0:
                cut, wrapped = True, False
            else:
                cut, wrapped = _ends_line(text, line, at, after, wrapped)
            line = after
        elif mark in ".!?\u2026":
            cut = _ends_sentence(text, start, at, after)
        elif mark.isalpha():
            cut = False
            if _ends_unmarked(text, start, at):
                start = _add_opening(text, start, at, spans)
                _add(text, start, at, spans)
                start = at
        elif mark.isdigit() and text[after - 1] != " ":
            # The stamp of a forwarded note stands alone, its writer's name before it.
            cut = at - start < 80
            if cut and not text.endswith(("on ", "at "), start, at):
                _add(text, start, at, spans)
                start = at
        else:
            _add(text, start, at, spans)
            start = at
            cut = mark in "-=*#~_" and text[at + 1] == mark
        if cut:
            start = _add_opening(text, start, after, spans)
            _add(text, start, after, spans)
            start = after
    start = _add_opening(text, start, len(text), spans)
    _add(text, start, len(text), spans)
    return spans


def _add(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> None:
    """Append the trimmed span, cut at words where it is too long."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    while end - start > MAX_SENTENCE:
        limit = start + MAX_SENTENCE
        cut = max(text.rfind(" ", start, limit), text.rfind("\n", start, limit))
        if cut <= start:
            cut = limit
        spans.append((start, start + len(text[start:cut].rstrip())))
        start = cut + _SPACES.match(text, cut).end() - cut  # type: ignore[union-attr]
    if start < end:
        spans.append((start, end))


def _add_opening(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> int:
    """Append a greeting or closing that opens the sentence; return where the rest begins."""
    found = _OPENING.match(text, start, min(end, start + 80))
    if not found:
        return start
    _add(text, start, found.end(), spans)
    return found.end()


def _ends_unmarked(text: str, start: int, at: int) -> bool:
    """Say whether a sentence without closing punctuation ends before the opener after ``at``."""
    before = text[max(start, at - 24) : at].split()
    word = before[-1] if before else "I"
    return (
        not word[:1].islower()
        and not word[0].isdigit()
        and word.lower() not in _STARTERS
        and not (len(word) < 3 and word[0].isalpha())
    )


def _ends_line(text: str, line: int, at: int, after: int, wrapped: bool) -> tuple[bool, bool]:
    """Say of a single line break whether a sentence ends there, and whether it is a wrapping."""
    if after >= len(text):
        return True, False
    before = text[line:at] if at - line < 200 else text[at - 200 : at]
    before = before.rstrip()
    if not before:
        return True, False
    following = text[after : after + 80]
    newline = following.find("\n")
    ends = newline >= 0 and newline < 46
    if newline >= 0:
        following = following[:newline]
    if _LIST_ITEM.match(following):
        return True, False
    first = following.split(" ", 1)[0]
    length = at - line
    if ("   " in before or "\t" in before) and _COLUMNS.search(before):
        return True, False
    if ("   " in following or "\t" in following) and _COLUMNS.search(following):
        return True, False
    if length >= _WRAPPED and length + 1 + len(first) > _WIDTH:
        # The next word did not fit: the mail program broke the line, if the writer wraps at all.
        if length > 110:
            return not following[:1].islower(), False
        return False, True
    last = before[-1]
    if following[:1].islower():
        if last in ",:;!" and length < 40 and _GREETING.match(before):
            return True, False
        return length < 25 and not wrapped and not _joins(before), False
    if last == "," and length < 40 and (_GREETING.match(before) or _CLOSING.match(before)):
        return True, False
    return ends or not _joins(before), False


def _joins(line: str) -> bool:
    """Say whether the line ends in a word or mark that a sentence cannot end with."""
    return line[-1] in ",(/&+-" or line.rsplit(None, 1)[-1].lower() in _JOINING


def _ends_sentence(text: str, start: int, at: int, after: int) -> bool:
    """Say of closing punctuation at ``at`` whether it ends the sentence begun at ``start``."""
    mark = text[at]
    if mark == "?" and text[at - 1 : at] == ":":
        return False  # a broken no-break space, not a question
    before = text[max(start, at - 24) : at].rsplit(None, 1)
    word = before[-1].strip("\"'()[]*_<>").lower() if before and not text[at - 1].isspace() else ""
    spaced = after >= len(text) or text[after].isspace()
    if mark == ".":
        dots = after - at > 1 and text[at + 1] == "."
        if dots:
            return spaced and _word_after(text, after)[:1].isupper()
        if not spaced:
            # "done.Please" is two sentences; "greta.Holt@x.com", "U.S.C", "No.3" are not.
            follower = _word_after(text, after)
            return (
                len(word) > 2
                and "." not in word
                and word.isalpha()
                and text[at - 1].islower()
                and len(follower) > 1
                and follower[0].isupper()
                and follower[1:].islower()
                and text[after + len(follower) : after + len(follower) + 1] in (" ", ",", "'")
            )
        bare = word.rstrip(".").replace(".", "")
        if word.isdigit() and at - start <= 3:
            return False  # "1. Do this": the number of a list item
        if bare in _NEVER and not (bare == "no" and after - at > 2):
            if bare == "no":
                return not _word_after(text, after)[:1].isdigit()
            return False
        if len(bare) == 1 and bare.isalpha() and bare != "i":
            return False  # an initial
        if "." in word or bare in _SOMETIMES:
            follower = _word_after(text, after)
            return follower[:1].isupper() and follower.lower().split("'")[0] in _STARTERS
        return True
    # ! and ?
    if not spaced:
        follower = _word_after(text, after)
        return len(follower) > 1 and follower[0].isupper() and text[after] != '"'
    return True


def _word_after(text: str, after: int) -> str:
    found = _WORD_AFTER.match(text, after)
    return found.group(1) if found else ""
