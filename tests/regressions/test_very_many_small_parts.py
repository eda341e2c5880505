"""Thousands of small parts cost time to a bound: what is beyond it is kept, and told for what
it is, not as messages that are nested too deep.
"""

from __future__ import annotations

import pytest

from riskscan.mail import mime, parse
from riskscan.mail.parse import parse_message

_PARTS = 200


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mime, "MAX_PARTS", _PARTS)
    monkeypatch.setattr(parse, "MAX_PARTS", _PARTS, raising=False)
    first = mime.Budget.__init__
    others = (first.__defaults__ or ())[1:]
    monkeypatch.setattr(first, "__defaults__", (_PARTS, *others))


def _mail(kind: str, part: bytes, count: int) -> bytes:
    head = f"From: nora@quayside.example\nContent-Type: multipart/{kind}; boundary=b\n\n"
    return head.encode() + part * count + b"--b--\n"


def test_a_digest_of_more_messages_than_parts_tells_why_some_are_attachments() -> None:
    part = b"--b\n\nFrom: ben@quayside.example\nSubject: crates\n\nthe crates left\n"
    message = parse_message(_mail("digest", part, 150))
    assert len(message.embedded) + len(message.attachments) == 150
    assert message.embedded
    assert all("the crates left" in made.text for made in message.attachments)
    assert "more than 200 parts: the messages behind them are attachments" in message.defects
    assert not any("too deep" in told for told in message.defects)


@pytest.mark.parametrize("kind", ["alternative", "digest", "mixed"])
def test_parts_beyond_the_bound_are_one_attachment(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut: list[int] = []
    read = mime.read_part

    def counted(*given: object, **more: object) -> mime.Part:
        cut.append(1)
        return read(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(mime, "read_part", counted)
    part = b"--b\nContent-Type: text/html\n\n<p>crates\n"
    message = parse_message(_mail(kind, part, 5_000))
    assert len(cut) <= _PARTS
    (rest,) = [made for made in message.attachments if made.name == "further-parts.txt"]
    assert rest.size > 4_700 * len(part)
