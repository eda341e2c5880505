"""OpenPGP blocks in a body were its author's words, and what was encrypted was told by nobody."""

from __future__ import annotations

import time

import pytest

from riskscan.mail.message import Message
from riskscan.mail.parse import parse_message
from riskscan.mail.parts import files_of
from riskscan.sources.compose import File, compose

RADIX = "iQEzBAEBCAAdFiEE0mockmockmockmockmockmockmockmockmockmockmock/+mo\n=aB3d\n"
SIGNATURE = f"-----BEGIN PGP SIGNATURE-----\nVersion: 1\n\n{RADIX}-----END PGP SIGNATURE-----\n"
ENCRYPTED = f"-----BEGIN PGP MESSAGE-----\n\n{RADIX}-----END PGP MESSAGE-----\n"
SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n"


def mail(text: str, files: tuple[File, ...] = ()) -> Message:
    return parse_message(written(text, files))


def written(text: str, files: tuple[File, ...] = ()) -> bytes:
    return compose([("From", "ada@ferry.example")], text=text, files=files)


def listed(message: Message) -> list[tuple[str, str, str]]:
    return [(a.name, a.role.value, a.unread) for a in message.attachments]


def segments(message: Message) -> list[tuple[str, str]]:
    return [(s.role.value, message.body[s.start : s.end]) for s in message.segments]


def test_an_encrypted_block_is_told_and_is_nobodys_words() -> None:
    found = mail(f"Dear Bo,\n\n{ENCRYPTED}\nAda\n")
    assert found.authored.split() == ["Dear", "Bo,", "Ada"]
    assert listed(found) == [("encrypted.asc", "security", "encrypted")]
    assert mail(ENCRYPTED).authored == mail(ENCRYPTED.rstrip()).authored == ""


def test_the_body_is_what_was_sent() -> None:
    for text in (ENCRYPTED, f"{SIGNED}Shred them.\n{SIGNATURE}List footer\n"):
        assert mail(text).body == text


def test_a_signed_text_is_what_was_signed() -> None:
    found = mail(f"{SIGNED}Hide the tables.\n- -----\n- - Shred them.\n{SIGNATURE}List footer\n")
    assert segments(found) == [
        ("signature", SIGNED),
        ("authored", "Hide the tables.\n- -----\n- - Shred them.\n"),
        ("signature", SIGNATURE),
        ("authored", "List footer\n"),
    ]
    assert listed(found) == []


def test_a_text_that_was_not_escaped_stays_so() -> None:
    head = SIGNED.replace("\n\n", "\nNotDashEscaped: You need GnuPG to verify this message\n\n")
    assert mail(f"{head}- Shred them.\n{SIGNATURE}").authored.strip() == "- Shred them."


def test_a_signed_text_in_a_signed_text() -> None:
    inner = f"{SIGNED}Shred them.\n{SIGNATURE}".replace("-----", "- -----", 1)
    inner = inner.replace("\n-----", "\n- -----")
    found = mail(f"{SIGNED}Read this:\n{inner}{SIGNATURE}")
    assert found.authored.splitlines() == ["Read this:", "Shred them."]


def test_a_signature_without_its_end_and_one_with_blank_lines() -> None:
    cut = SIGNATURE.replace("-----END PGP SIGNATURE-----\n", "\n")
    assert mail(f"{SIGNED}Shred them.\n{cut}Ada wrote this.\n").authored.split() == [
        "Shred", "them.", "Ada", "wrote", "this."
    ]  # fmt: skip
    spaced = SIGNATURE.replace("\n", "\n\n")
    assert mail(f"{SIGNED}Shred them.\n{spaced}").authored.strip() == "Shred them."


def test_a_signed_text_that_is_quoted_or_forwarded_is_history() -> None:
    head = "-----Original Message-----\nFrom: Cleo\nSent: Monday\nTo: Bo\nSubject: Tides\n\n"
    text = f"See below.\n\n{head}{SIGNED}Shred them.\n{SIGNATURE}"
    assert segments(mail(text))[0] == ("authored", "See below.\n\n")
    assert len(segments(mail(text))) == 2


@pytest.mark.parametrize(
    "text",
    [
        "How do I read\n-----BEGIN PGP MESSAGE-----\n?\n",
        "> -----BEGIN PGP SIGNATURE-----\n> \n> iQEz\n\nWhat is this?\n",
    ],
)
def test_what_is_no_block_or_is_quoted_stays(text: str) -> None:
    found = mail(text)
    assert found.body == text
    assert found.attachments == []


def test_files_of_text_are_read_in_the_same_way() -> None:
    found = mail(
        "Attached.",
        (
            File("plan.asc", f"Note\n{ENCRYPTED}".encode(), "text/plain"),
            File("words.txt.asc", f"{SIGNED}Shred them.\n{SIGNATURE}".encode()),
            File("plan.txt.asc", SIGNATURE.encode(), "text/plain"),
        ),
    )
    assert [(a.text.strip(), a.unread) for a in found.attachments] == [
        ("Note", "encrypted"), ("Shred them.", ""), ("", "")
    ]  # fmt: skip


def test_the_blocks_can_be_exported() -> None:
    data = written(f"Read this:\n{ENCRYPTED}")
    assert [(f.name, f.data.decode()) for f in files_of(data)] == [("encrypted.asc", ENCRYPTED)]


def test_very_many_blocks_end() -> None:
    began = time.process_time()
    found = mail("-----BEGIN PGP MESSAGE-----\n\naaa1\n" * 20_000)
    assert len(found.attachments) == 1_000
    assert any("PGP blocks" in defect for defect in found.defects)
    mail("-----BEGIN PGP SIGNED MESSAGE-----\n" * 20_000)
    mail("-----BEGIN PGP MESSAGE-----\n" + "\n" * 200_000)
    assert time.process_time() - began < 5
