"""Mark unlabelled mail from what is known for free: headers, address styles, legal forms.

A teacher (an earlier model) marks the rest. Where header knowledge and teacher disagree, the
header wins: the display names of X-From, X-To and X-cc say who the people of a mailbox are.
Where it passes over a well-known firm, or takes it for a place or a person, the list wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from mailboxes import Mail
from spacy.language import Language
from spacy.tokens import Doc, Span, Token

from riskscan.language import gazetteer, lexicon
from riskscan.language.component import rule_matches

_FULL_NAME = re.compile(
    r"[A-Z][\w'-]+(?: [A-Z]\.?)?(?: (?:de|van|von|del|la))?(?: [A-Z][\w'-]+){1,2}"
)
_NO_NAME = re.compile(
    r"\b(?:Enron|Team|Group|Office|Center|Services?|Energy|Power|Desk|News|Help|Support|Department|"
    r"Trading|Corp|Inc|Legal|Risk|Operations|Management|Resources|System|Market|Online|Committee|"
    r"Company|The|Of|All|Employees|University|Association|Report|Conference)\b",
    re.IGNORECASE,
)
_NOTES = re.compile(
    r"((?:[A-Z][\w'-]+|[A-Z]\.?)(?:[ \n]+(?:[A-Z]\.?|de|del|van|[A-Z][\w'-]+)){1,3})"
    r"(/[\w&]+(?:/[\w& ]+?){0,4}(?:@[\w ]{1,24}?)?|[ ]?@[ ]?[A-Z]{3}\w*)(?=[,;\n)>]|\s*$|"
    r"\s+on\b|  )",
    re.MULTILINE,
)
_HEADER = re.compile(
    r"^[ \t>]*(?:From|To|Cc|CC|cc|Sent by|Bcc):.*(?:\n(?![ \t>]*(?:\w+:|\n)).+){0,12}",
    re.MULTILINE,
)
_LAST_FIRST = re.compile(
    r"([A-Z][\w'-]+(?: (?:Jr\.?|III|II|Sr\.))?,[ \n][A-Z][\w'-]+(?: [A-Z]\.?)?)"
    r"(?=;|[ \t]*\n|[ \t]*$|[ \t]*[\"'<(\[])"
)
_NAMES = frozenset(("PERSON", "ORG", "LOC"))
_AS_ORG = {"REGULATOR": "ORG", "COURT": "ORG"}
# Words that are firms, and often something else.
_NOT_SURELY = frozenset(
    ["apple", "continental", "domino", "dow", "eol", "isda", "mit", "oracle", "virgin"]
)
_FIRMS = (lexicon.FIRMS - lexicon.SURNAMES - lexicon.GIVEN_NAMES - lexicon.PLACES) - (
    gazetteer.PLACES | gazetteer.GIVEN_NAMES | _NOT_SURELY
)


def names_of(mail: Mail) -> set[str]:
    """Return the full names that the headers of ``mail`` give."""
    found: set[str] = set()
    for field in ("x-from", "x-to", "x-cc"):
        value = re.sub(r"<[^>]*>|\([^)]*\)|\"", "", mail.headers.get(field, ""))
        for part in re.split(r"\s*;\s*|,\s+(?=[A-Z][\w'-]+(?: [A-Z]\.?)? [A-Z])", value):
            name = re.split(r"[@/]", part)[0].strip(" '")
            if name.count(", ") == 1:
                name = " ".join(reversed(name.split(", ")))
            if _FULL_NAME.fullmatch(name) and not _NO_NAME.search(name):
                found.add(name)
    return found


def silver(teacher: Language, mails: Iterable[Mail], known: set[str]) -> Iterator[Doc]:
    """Yield ``mails`` marked; ``known`` are full names from the headers of all mailboxes."""
    pairs = ((mail.body, mail) for mail in mails)
    for doc, mail in teacher.pipe(pairs, as_tuples=True, batch_size=64):
        sure, tails = _sure(doc.text, known | names_of(mail))
        outside = _places(doc, tails)
        taken: set[int] = set()
        spans: list[Span] = []
        for start, end, label in sure:
            _take(
                doc.char_span(start, end, label=label, alignment_mode="expand"),
                taken,
                spans,
            )
        for token in doc:
            if token.lower_ in _FIRMS and token.text[0].isupper() and _alone(token):
                _take(doc[token.i : token.i + 1], taken, spans, "ORG")
        for span in doc.ents:
            # What the teacher's rules mark is no name to the network.
            if span.label_ in _NAMES and outside.isdisjoint(range(span.start, span.end)):
                _take(span, taken, spans)
        doc.set_ents(sorted(spans, key=lambda span: span.start))
        yield doc


def agreed(teacher: Language, docs: Sequence[Doc]) -> Iterator[Doc]:
    """Yield ``docs``, of other corpora, with the names on which corpus and teacher agree.

    Where they differ, a corpus may mean another thing by a place or an organisation: unknown.
    """
    vocab = teacher.vocab
    plain = [Doc(vocab, [t.text for t in d], [bool(t.whitespace_) for t in d]) for d in docs]
    for doc, read in zip(docs, teacher.pipe(plain, batch_size=64), strict=True):
        theirs = {(e.start, e.end, e.label_) for e in doc.ents}
        ours = {(e.start, e.end, _AS_ORG.get(e.label_, e.label_)) for e in read.ents}
        ours = {mark for mark in ours if mark[2] in _NAMES}
        taken = {place for start, end, _ in theirs & ours for place in range(start, end)}
        doubted = {place for start, end, _ in theirs ^ ours for place in range(start, end)}
        copy = Doc(doc.vocab, [t.text for t in doc], [bool(t.whitespace_) for t in doc])
        copy.set_ents(
            [Span(copy, start, end, label=label) for start, end, label in sorted(theirs & ours)],
            missing=[copy[place : place + 1] for place in sorted(doubted - taken)],
        )
        yield copy


def _sure(text: str, names: set[str]) -> tuple[list[tuple[int, int, str]], list[tuple[int, int]]]:
    """Return marks that need no teacher, and the tails of addresses, which are no names."""
    found: list[tuple[int, int, str]] = []
    tails: list[tuple[int, int]] = []
    for match in _NOTES.finditer(text):
        found.append((match.start(1), match.end(1), "PERSON"))
        tails.append(match.span(2))
    for header in _HEADER.finditer(text):
        for match in _LAST_FIRST.finditer(header.group()):
            start = header.start() + match.start(1)
            found.append((start, start + len(match.group(1)), "PERSON"))
    for match in _FULL_NAME.finditer(text):
        if match.group() in names:
            found.append((match.start(), match.end(), "PERSON"))
    firsts = {name.split()[0] for name in names}
    for match in re.finditer(r"^[ \t]*([A-Z][a-z]+)[ \t]*[,:-]?[ \t]*$", text, re.MULTILINE):
        if match.group(1) in firsts:
            found.append((match.start(1), match.end(1), "PERSON"))
    for start, end, label in rule_matches(text):
        if label in ("ORG", "REGULATOR"):
            found.append((start, end, "ORG"))
    return found, tails


def _places(doc: Doc, spans: Iterable[tuple[int, int]]) -> set[int]:
    taken: set[int] = set()
    for start, end in spans:
        span = doc.char_span(start, end, alignment_mode="expand")
        if span is not None:
            taken.update(range(span.start, span.end))
    return taken


def _alone(token: Token) -> bool:
    """Whether the words beside ``token`` are no part of its name."""
    doc, at = token.doc, token.i
    beside = [doc[place] for place in (at - 1, at + 1) if 0 <= place < len(doc)]
    return not any(word.text[0].isupper() or word.text in "-&/@'" for word in beside)


def _take(span: Span | None, taken: set[int], spans: list[Span], label: str = "") -> None:
    if span is not None and taken.isdisjoint(range(span.start, span.end)):
        taken.update(range(span.start, span.end))
        spans.append(Span(span.doc, span.start, span.end, label=label or span.label_))
