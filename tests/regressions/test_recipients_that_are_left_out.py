"""Of long lists of recipients it was not said how many were left out, or nothing at all."""

from __future__ import annotations

from riskscan.mail.parse import parse_message
from riskscan.sources.mapi import MapiAttachment, MapiMessage, MapiRecipient, to_mail

LEFT_OUT = "10,123 addresses in a header: the first 10,000 are kept, 123 left out"


def test_of_a_header() -> None:
    # More than a megabyte, so that the end of the value was not even looked at.
    name = "Ferryman of the Northern and the Southern Quay, No."
    people = b",\n ".join(
        f'"{name} {i}" <quayman.number{i}@the-northern-ferries.example>'.encode()
        for i in range(10_123)
    )
    assert len(people) > 1 << 20
    message = parse_message(b"From: a@b.example\nTo: " + people + b"\nSubject: quay\n\nHi\n")
    assert (len(message.to), message.subject) == (10_000, "quay")
    assert message.to[9_999].name == f"{name} 9999"
    assert LEFT_OUT in message.defects


def test_of_an_outlook_message() -> None:
    people = [MapiRecipient("cc", f"Quay {i}", f"q{i}@ferry.example") for i in range(10_123)]
    message = MapiMessage(subject="quay", text="Hi", recipients=people)
    read = parse_message(to_mail(message))
    assert (len(read.cc), read.subject) == (10_000, "quay")
    assert message.repaired == [f"Cc: {LEFT_OUT}"]
    message.repaired = []
    around = MapiMessage(attachments=[MapiAttachment("quay", "", "", message)])
    to_mail(around)
    assert around.repaired == [f"in the attached message 'quay': Cc: {LEFT_OUT}"]


def test_of_an_outlook_message_with_long_names() -> None:
    people = [MapiRecipient("to", "Q" * 400 + str(i), f"q{i}@a.example") for i in range(9_000)]
    message = MapiMessage(subject="quay", text="Hi", recipients=people)
    read = parse_message(to_mail(message))
    (told,) = message.repaired
    assert told.startswith("To: 9,000 addresses in a header: the first ")
    assert f"the first {len(read.to):,} are kept, {9_000 - len(read.to):,} left out" in told
    assert len(read.to) > 2_000
    assert read.subject == "quay"
    assert read.body == "Hi"
