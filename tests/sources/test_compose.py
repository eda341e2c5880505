"""Composed messages: whatever goes in comes out again of the parser, and nothing else does."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from riskscan.mail.invisible import whole_words
from riskscan.mail.parse import parse_message
from riskscan.sources.compose import File, compose, compose_around, date_field, mailbox

# Any text: controls, lone surrogates, directions, line ends, quotes.
TEXTS = st.text(st.characters(exclude_categories=()), max_size=300)
# Encoded words stay as they are, and a reader decodes them: they are tested by themselves.
PLAIN = TEXTS.filter(lambda text: "=?" not in text)
ADDRESSES = st.from_regex(
    r"[a-z0-9_+-]{1,20}(\.[a-z0-9]{1,9})?@[a-z0-9][a-z0-9-]{0,20}\.example", fullmatch=True
)
INJECTIONS = ("\r\nBcc: eve@evil.example\r\n\r\nbody", "\nX: y", "\r\r", "\0\x0b\x0c\x1c\x85\u2028")


def seen(text: str) -> str:
    """A header's text as the parser gives it: blanks for controls, U+FFFD for lone halves."""
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return " ".join("".join(" " if ord(c) < 32 or ord(c) == 127 else c for c in text).split(" "))


def words(text: str) -> list[str]:
    """Only the words count: runs of blanks are one blank in a header."""
    return seen(text).split()


@settings(max_examples=100, deadline=None)
@given(PLAIN)
def test_any_subject_is_read_back(subject: str) -> None:
    message = parse_message(compose([("Subject", subject)], text="x"))
    assert words(message.subject) == words(whole_words(subject))
    assert message.body.strip() == "x"


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=5), TEXTS)
def test_no_field_smuggles_another_one_in(headers: list[tuple[str, str]], text: str) -> None:
    given_names = {name.strip().lower() for name, _ in headers}
    data = compose([*headers, ("Subject", "kept")], text="body" + text)
    message = parse_message(data)
    if "subject" not in given_names:
        assert message.subject == "kept"
    if not given_names & {"bcc", "cc"}:
        assert message.bcc == message.cc == []
    assert message.body.startswith("body")
    assert not message.attachments


@pytest.mark.parametrize("poison", INJECTIONS)
def test_line_ends_in_any_place_stay_where_they_are(poison: str) -> None:
    data = compose(
        [
            ("From", mailbox(f"Ada{poison}", f"ada@ferry.example{poison}")),
            (f"X-Any{poison}", f"value{poison}"),
            ("Subject", f"tides{poison}"),
        ],
        text="the body",
        files=[File(f"a{poison}.txt", b"file", f"text/plain{poison}", f"id{poison}")],
    )
    message = parse_message(data)
    assert message.bcc == []
    assert message.subject.startswith("tides")
    assert message.body.strip() == "the body"
    assert [a.size for a in message.attachments] == [4]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(PLAIN.map(lambda t: t[:80]), ADDRESSES), min_size=1, max_size=4))
def test_any_names_and_addresses_are_read_back(people: list[tuple[str, str]]) -> None:
    value = ", ".join(mailbox(name, address) for name, address in people)
    message = parse_message(compose([("From", mailbox(*people[0])), ("To", value)], text="x"))
    assert [a.address for a in message.to] == [address for _, address in people]
    assert message.sender is not None
    assert message.sender.address == people[0][1]
    for read, (name, address) in zip(message.to, people, strict=True):
        # The parser takes quotes round a whole name for Outlook's, and an address for no name.
        if name.strip("'\"<> ") not in ("", address) and not set("'\"") & {name[:1], name[-1:]}:
            assert words(read.name)[:1] == words(name)[:1]


def test_names_with_commas_quotes_and_other_scripts_are_read_back() -> None:
    names = ['Lindqvist, "Bo"', "Jörg, Ärger <x@y.example>", "山田 太郎", "a\\b", "Ng; (CFO)"]
    value = ", ".join(mailbox(name, f"p{i}@ferry.example") for i, name in enumerate(names))
    assert [a.name for a in parse_message(compose([("To", value)])).to] == names


def test_names_in_raw_address_fields_are_encoded_and_addresses_are_not() -> None:
    value = '"Jörg, Ä" <joerg@ferry.example>, Bö Lind <bö@fähre.example>, ada@ferry.example'
    data = compose([("To", value)], text="x")
    assert [(a.name, a.address) for a in parse_message(data).to] == [
        ("Jörg, Ä", "joerg@ferry.example"),
        ("Bö Lind", "bö@fähre.example"),
        ("", "ada@ferry.example"),
    ]


def test_an_exchange_address_keeps_its_blanks_and_its_name() -> None:
    address = "/O=HARBOUR WORKS/OU=FIRST GROUP (X)/CN=RECIPIENTS/CN=ADA, B"
    message = parse_message(compose([("From", mailbox("Lind, Ada", address))], text="x"))
    assert message.sender is not None
    assert (message.sender.name, message.sender.address) == ("Lind, Ada", address)


def test_a_name_without_address_is_kept() -> None:
    message = parse_message(compose([("To", mailbox("Harbour Office", ""))], text="x"))
    assert [(a.name, a.address) for a in message.to] == [("Harbour Office", "")]
    assert mailbox("", "") == ""


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_any_text_is_read_back(text: str) -> None:
    text = "start " + text
    expected = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    expected = expected.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    assert parse_message(compose([], text=text)).body == whole_words(expected)


def test_html_alone_and_beside_text_is_read() -> None:
    page = "<html><body><p>Gr\u00fc\u00dfe &amp; \u5c71</p></body></html>"
    assert parse_message(compose([], html=page)).body.strip() == "Grüße & 山"
    both = parse_message(compose([], html=page, text="plain"))
    assert (both.body, both.body_format) == ("plain", "plain")


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            PLAIN.map(lambda t: t[:60]),
            st.binary(max_size=400),
            st.sampled_from(
                ["application/pdf", "text/plain", "text/html", "multipart/mixed", "a", "", "x/y z"]
            )
            | TEXTS.filter(lambda t: "message/" not in t),
        ),
        min_size=1,
        max_size=4,
    )
)
@example([(".", b"", "application/pdf"), (" ..", b"1", "text/plain")])
def test_any_files_keep_their_number_bytes_and_names(files: list[tuple[str, bytes, str]]) -> None:
    made = [File(name, data, kind) for name, data, kind in files]
    message = parse_message(compose([], text="x", files=made))
    assert message.body == "x"
    assert [(a.size, a.sha256) for a in message.attachments] == [
        (len(data), hashlib.sha256(data).hexdigest()) for _, data, _ in files
    ]
    for attachment, (name, _, _) in zip(message.attachments, files, strict=True):
        if name.isprintable() and not {"/", "\\"} & set(name):
            # A directory is no name.
            assert attachment.name == ("" if name.strip() in (".", "..") else name.strip())


def test_a_file_name_keeps_its_extension_however_long_it_is() -> None:
    message = parse_message(compose([], text="x", files=[File("ä" * 3000 + ".pdf", b"1")]))
    assert message.attachments[0].name.endswith("ä.pdf")


def test_messages_in_messages_are_read_with_all_they_hold() -> None:
    inner = compose([("Subject", "innermost")], text="deep", files=[File("a.bin", b"\0\r\n\n\xff")])
    for level in range(5):
        subject = f"level {level}"
        inner = compose(
            [("Subject", subject)], text=subject, files=[File("mail", inner, "message/rfc822")]
        )
    message = parse_message(inner)
    for level in (4, 3, 2, 1, 0):
        assert message.subject == f"level {level}"
        (message,) = message.embedded
    assert message.subject == "innermost"
    assert message.attachments[0].sha256 == hashlib.sha256(b"\0\r\n\n\xff").hexdigest()


def test_an_entity_keeps_its_own_structure_and_loses_rival_headers() -> None:
    entity = b"Content-Type: text/html\r\n\r\n<p>signed</p>"
    data = compose_around([("Subject", "s"), ("Content-Type", "text/plain")], entity)
    assert parse_message(data).body.strip() == "signed"
    assert data.count(b"Content-Type") == 1


def test_halves_of_characters_are_joined_or_marked() -> None:
    text = "\ud83d\ude00 \ud83d"
    message = parse_message(compose([("Subject", text)], text=text, files=[File(text, b"")]))
    assert message.subject == message.body == message.attachments[0].name == "😀 \ufffd"


def test_each_encoded_word_is_whole_and_short() -> None:
    data = compose([("Subject", "a渡し船" * 100)], text="x")
    head = data.split(b"\r\nMIME-Version")[0].decode()
    found = re.findall(r"=\?utf-8\?b\?([^?]+)\?=", head)
    assert "".join(base64.b64decode(word).decode() for word in found) == "a渡し船" * 100
    assert max(map(len, head.split("\r\n"))) < 100


def test_a_file_that_calls_itself_multipart_is_not_cut() -> None:
    data = b"--x\nContent-Type: text/plain\n\na\n--x\nContent-Type: text/plain\n\nb\n--x--\n"
    file = File("f", data, "multipart/mixed; boundary=x")
    message = parse_message(compose([], text="x", files=[file]))
    assert [a.sha256 for a in message.attachments] == [hashlib.sha256(data).hexdigest()]


def test_the_same_input_gives_the_same_bytes() -> None:
    def made() -> bytes:
        return compose([("Subject", "ü")], text="t", html="<p>t", files=[File("f", b"1")])

    assert made() == made()


def test_dates_are_read_back_to_the_second() -> None:
    moment = datetime(2021, 3, 4, 5, 6, 7, tzinfo=UTC)
    message = parse_message(compose([("Date", date_field(moment))], text="x"))
    assert message.date == moment
    naive = parse_message(compose([("Date", date_field(moment.replace(tzinfo=None)))], text="x"))
    assert naive.date == moment
