"""Gmail labels in an encoded word whose charset holds a null character ended the scan."""

from __future__ import annotations

from riskscan.sources.google import gmail


def test_a_charset_that_is_no_name_is_read_as_utf8() -> None:
    assert gmail(b"X-Gmail-Labels: =?utf\x00-8?Q?W=C3=B6rk?=\n\n")[0] == "W\u00f6rk"
