"""A text attached as a picture or a sound was neither read nor told."""

from __future__ import annotations

import pytest

from riskscan.mail.documents.kind import kind_of

TEXT = b"We knew of it and told nobody."


@pytest.mark.parametrize("content_type", ["image/jpeg", "audio/wav", "font/woff", "video/mp4"])
def test_text_is_read_whatever_it_says_it_is(content_type: str) -> None:
    assert kind_of("a.bin", content_type, TEXT) == "text"
    assert kind_of("a.bin", content_type, b"\xff\xfe" + TEXT.decode().encode("utf-16-le")) == "text"
    assert kind_of("a.bin", content_type, b"<html><p>" + TEXT) == "html"
    assert kind_of("a.bin", content_type, b"%PDF-1.7\n") == "pdf"


@pytest.mark.parametrize(
    ("content_type", "data"),
    [
        ("image/png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256))),
        ("image/jpeg", b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(range(256))),
        ("image/gif", b"GIF89a\x01\0\x01\0\x80\0\0"),
        ("audio/mpeg", b"\xff\xfe\x90\x64\0\x0f" + bytes(range(256))),
        ("image/svg+xml", b'<?xml version="1.0"?>\n<svg><text>Hi</text></svg>'),
        ("image/jpeg", b"iVBORw0KGgoAAAANSUhEUgAA\n" * 40),
        ("image/jpeg", b""),
    ],
)
def test_pictures_and_sounds_hold_no_text(content_type: str, data: bytes) -> None:
    assert kind_of("a.bin", content_type, data) == ""
