"""Properties that hold for any MIME tree: no author's word is lost, and a message can be remade."""

from __future__ import annotations

import base64
import html
import quopri
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskscan.mail.message import Address, Message
from riskscan.mail.parse import parse_message
from riskscan.sources.compose import compose, date_field, mailbox

CHARSETS = ("utf-8", "us-ascii", "iso-8859-1", "windows-1252", "koi8-r", "shift_jis", "utf-16")
# What stands around the words of an author; none of it has a marker.
OTHERS = {
    "quoted": "On Mon, 2 Nov 2026 at 09:59, Bo <bo@ferry.example> wrote:\n> The crane is\n> old.",
    "bottom": "> The crane is\n> old.",
    "original": (
        "-----Original Message-----\nFrom: Bo Ferry\nSent: Monday, 2 November 2026 09:59\n"
        "To: Ada Quay\nSubject: Crane\n\nThe crane is old."
    ),
    "forwarded": (
        "---------- Forwarded message ---------\nFrom: Bo <bo@ferry.example>\nDate: 2 Nov 2026\n"
        "Subject: Crane\nTo: Ada <ada@ferry.example>\n\nThe crane is old."
    ),
    "signature": "-- \nAda Quay\nHarbour Office\n+44 20 7946 0991",
    "phone": "Sent from my iPhone",
    "notice": (
        "This e-mail is confidential and intended solely for the use of the addressee. If you have "
        "received it in error, please notify the sender and delete it."
    ),
    "signed": (
        "-----BEGIN PGP SIGNATURE-----\n\niQEzBAEBCAAdFiEE0mock\n=aB3d\n-----END PGP SIGNATURE-----"
    ),
    "secret": "-----BEGIN PGP MESSAGE-----\n\niQEzBAEBCAAd\n=aB3d\n-----END PGP MESSAGE-----",
    "rule": "_" * 30,
    "empty": "",
}
BLOCKS = st.lists(st.sampled_from(["authored", "authored", *OTHERS]), min_size=1, max_size=5)


@dataclass
class Tree:
    """A MIME part: ``kind`` is a subtype of multipart, "rfc822", "plain" or "html"."""

    kind: str
    blocks: list[str] = field(default_factory=list)
    charset: str = "utf-8"
    encoding: str = "8bit"
    named: bool = False
    children: list[Tree] = field(default_factory=list)


LEAF = st.builds(
    Tree,
    kind=st.sampled_from(["plain", "plain", "html"]),
    blocks=BLOCKS,
    charset=st.sampled_from(CHARSETS),
    encoding=st.sampled_from(["8bit", "quoted-printable", "base64"]),
    named=st.booleans(),
)


def around(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    """Multiparts of what ``inner`` makes, and messages."""
    several = st.builds(
        Tree,
        kind=st.sampled_from(["mixed", "alternative", "related", "signed", "report", "x-odd"]),
        children=st.lists(inner, min_size=1, max_size=3),
    )
    whole = st.builds(
        Tree, kind=st.just("rfc822"), children=st.lists(inner, min_size=1, max_size=1)
    )
    digest = st.builds(
        Tree, kind=st.just("digest"), children=st.lists(whole, min_size=1, max_size=2)
    )
    return several | whole | digest


TREES = st.recursive(LEAF, around, max_leaves=6)


def words(number: int) -> tuple[str, str]:
    """A marker and a paragraph of nobody else's words with it."""
    marker = f"zq{number}vex"
    own = " ".join(f"w{number}{letter}o" for letter in "abcdefg")
    return marker, f"Please {marker} hide the {own} tonight."


def written(tree: Tree, numbers: Iterator[int], markers: list[str]) -> bytes:
    """The part with its header; the markers of its authors are added to ``markers``."""
    number = next(numbers)
    if tree.kind in ("plain", "html"):
        return leaf(tree, numbers, markers)
    if tree.kind == "rfc822":
        inner = written(tree.children[0], numbers, markers)
        head = f"From: bo@ferry.example\nSubject: inner {number}\nMIME-Version: 1.0\n"
        return b"Content-Type: message/rfc822\n\n" + head.encode() + inner
    edge = f"=_{number}_edge"
    signed = tree.kind == "signed"
    children = tree.children[:1] if signed else tree.children
    parts = [written(child, numbers, markers) for child in children]
    if signed:
        parts.append(b"Content-Type: application/pgp-signature\n\nmock\n")
    body = b"".join(b"--%s\n%s\n" % (edge.encode(), part) for part in parts)
    head = f'Content-Type: multipart/{tree.kind}; boundary="{edge}"\n\n'
    return head.encode() + body + f"--{edge}--\n".encode()


def leaf(tree: Tree, numbers: Iterator[int], markers: list[str]) -> bytes:
    said = []
    for block in tree.blocks:
        if block == "authored":
            marker, text = words(next(numbers))
            markers.append(marker)
            said.append(text)
        else:
            said.append(OTHERS[block])
    text = "\n\n".join(said) + "\n"
    if tree.kind == "html":
        paragraphs = "".join(
            f"<p>{html.escape(one)}</p>".replace("\n", "<br>\n") for one in text.split("\n\n")
        )
        text = f"<html><body>{paragraphs}</body></html>\n"
    data = text.encode(tree.charset)
    encoding = "base64" if tree.charset == "utf-16" else tree.encoding
    if encoding == "base64":
        data = base64.encodebytes(data)
    elif encoding == "quoted-printable":
        data = quopri.encodestring(data)
    name = f"Content-Disposition: attachment; filename=n{next(numbers)}.txt\n" if tree.named else ""
    head = (
        f"Content-Type: text/{tree.kind}; charset={tree.charset}\n{name}"
        f"Content-Transfer-Encoding: {encoding}\n\n"
    )
    return head.encode() + data


def texts(message: Message) -> str:
    """All that can be read of a message and of those in it."""
    own = [message.body, *(attachment.text for attachment in message.attachments)]
    return "\n".join([*own, *map(texts, message.embedded)])


def check_cover(message: Message) -> None:
    at = 0
    for part in message.segments:
        assert part.start == at < part.end
        at = part.end
    assert at == len(message.body)
    for inner in message.embedded:
        check_cover(inner)


QUIET = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@QUIET
@given(TREES)
def test_no_author_is_lost_in_any_tree(tree: Tree) -> None:
    markers: list[str] = []
    top = b"From: ada@ferry.example\nSubject: Crane\nMIME-Version: 1.0\n"
    message = parse_message(top + written(tree, count(), markers))
    found = texts(message)
    assert [marker for marker in markers if marker not in found] == []
    check_cover(message)


NAMES = st.text("abc ÄßéЖ中", max_size=12).map(str.strip)
PEOPLE = st.builds(
    Address, NAMES, st.from_regex(r"[a-z]{1,8}(\.[a-z]{1,8})?@[a-z]{1,8}\.example", fullmatch=True)
)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)


@QUIET
@given(
    st.text("abc :,()Äß—中Ж", max_size=60), PEOPLE, st.lists(PEOPLE, max_size=4), PEOPLE, MOMENTS
)
def test_what_is_composed_is_read_back(
    subject: str, sender: Address, to: list[Address], cc: Address, moment: datetime
) -> None:
    def again(message: Message) -> Message:
        people = {"From": [message.sender or sender], "To": message.to, "Cc": message.cc}
        heads = [
            (name, ", ".join(mailbox(one.name, one.address) for one in some))
            for name, some in people.items()
            if some
        ]
        date = message.date or moment
        heads += [("Subject", message.subject), ("Date", date_field(date))]
        return parse_message(compose(heads, text="The crane is old."))

    first = again(Message(subject=subject, sender=sender, to=to, cc=[cc], date=moment))
    assert (first.date, first.subject.split()) == (moment, subject.split())
    assert [one.address for one in (first.sender, *first.to, *first.cc) if one] == [
        one.address for one in (sender, *to, cc)
    ]
    second = again(first)
    for name in ("date", "subject", "sender", "to", "cc", "content_hash", "body", "segments"):
        assert getattr(second, name) == getattr(first, name)
