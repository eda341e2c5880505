"""RTF: its text, the HTML in it, its compression; and that hostile RTF costs little."""

from __future__ import annotations

import struct
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskscan.mail.rtf import RtfContent, read_rtf, rtf_to_text
from riskscan.mail.rtf_compression import RtfError, decompress_rtf

FONTS = (
    rb"{\fonttbl{\f0\fswiss Arial;}{\f1\fcharset204 Arial Cyr;}{\f2\fcharset128 MS Gothic;}"
    rb"{\f3\fcharset2 Symbol;}}"
)


def rtf(body: bytes, head: bytes = rb"\ansi\ansicpg1252\deff0") -> bytes:
    return rb"{\rtf1" + head + FONTS + body + b"}"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (rb"plain \b bold\b0  words\par next", "plain bold words\nnext"),
        (rb"Gr\'fc\'dfe", "Grüße"),
        (rb"\f1 \'cf\'e0\'f0\'ee\'ec\f0  x", "Паром x"),
        (rb"\f2 \'93\'fa\'96{\f2\'7b}", "日本"),
        (rb"\f2\'93n\f0", "渡"),
        (rb"\f3\'b7\f0\tab item", "•\titem"),
        (rb"\u8364 ?5 \uc2\u26085\'93\'fa!", "€5 日!"),
        (rb"\uc0\u9731 snow", "☃snow"),
        (rb"{\uc0 a}\u9731 ?snow", "a☃snow"),
        (rb"\u-10179 ?\u-8704 ?", "😀"),
        (rb"a\~b\_c\-d\{e\}\\", "a\u00a0b\u2011cd{e}\\"),
        (rb"\lquote x\rquote \ldblquote y\rdblquote \emdash \endash \bullet", "‘x’“y”—–•"),
        (rb"\trowd one\cell two\cell\row three\cell\row", "one\ttwo\t\nthree\t\n"),
        (rb"{\field{\*\fldinst HYPERLINK http://x.example}{\fldrslt the link}}", "the link"),
        (rb"{\*\unknown gone}{\*\bkmkstart x}kept", "kept"),
        (rb"{\pict\wmetafile8 0102ff}{\object{\*\objdata 00}{\result shown}}", "shown"),
        (b"{\\pict\\bin6 }}{{\\}}\\bin3 }}}kept", "kept"),
        (rb"shown{\v hidden}{\deleted struck}", "shownhiddenstruck"),
        (rb"text{\footnote note}{\*\annotation said}", "text\nnote\nsaid"),
        (rb"{\*\shpinst{\sp{\sn a}{\sv b}}{\shptxt in a box}}", "in a box"),
        (b"a\r\nb\\\nc\\par\r\n", "ab\nc\n"),
        (rb"{\info{\title no}{\author no}}{\stylesheet{\s1 Heading;}}yes", "yes"),
    ],
)
def test_the_text_of_rtf(body: bytes, text: str) -> None:
    assert rtf_to_text(rtf(body)) == text


def test_code_pages_of_the_whole_text_and_of_its_default_font() -> None:
    assert rtf_to_text(rb"{\rtf1\ansi\ansicpg1251 \'cf}") == "П"
    assert rtf_to_text(rb"{\rtf1\mac \'8a}") == "ä"
    assert rtf_to_text(rb"{\rtf1\pc \'84}") == "ä"
    assert rtf_to_text(rb"{\rtf1\ansi\deff1{\fonttbl{\f1\fcharset204 X;}}\'cf\plain\'cf}") == "ПП"
    assert rtf_to_text("{\\rtf1\\ansi\\ansicpg65001 Größe}".encode()) == "Größe"


def test_what_is_no_rtf_has_no_text() -> None:
    assert rtf_to_text(b"") == ""
    assert rtf_to_text(b"just text") == ""
    assert rtf_to_text(b"\xef\xbb\xbf{\\rtf1 x}") == "x"


def test_html_comes_out_as_it_went_in() -> None:
    body = (
        rb"{\*\htmltag64 <p style='a:\{1\}'>}\htmlrtf {\b\f1\htmlrtf0 \'cf{\*\htmltag84 &nbsp;}"
        rb"\htmlrtf \'a0\htmlrtf0 {\pntext 1.\tab}{\*\mhtmltag1 <img src=a>}\lquote\par"
        rb"\htmlrtf \f0 only for RTF{\u9731 ?}\htmlrtf0 {\*\htmltag72 </p>\par}"
    )
    made = read_rtf(rtf(body, rb"\ansi\ansicpg1252\fromhtml1 \deff0"))
    assert made.kind == "html"
    assert made.text == "<p style='a:{1}'>П&nbsp;‘\n</p>\n"


def test_text_comes_out_as_it_went_in() -> None:
    data = rtf(rb"one\par\par >two\tab\{x\}\par", rb"\ansi\fromtext \deff0")
    assert read_rtf(data) == RtfContent("text", "one\n\n>two\t{x}\n")
    assert read_rtf(rtf(b"rich")) == RtfContent("rtf", "rich")
    # The word counts in the head alone.
    assert read_rtf(rtf(rb"said \\fromhtml1")).kind == "rtf"


def test_what_is_too_long_is_cut_and_says_so() -> None:
    assert read_rtf(rtf(b"kept " + b"{}" * 1_100_000)) == RtfContent("rtf", "kept ", cut=True)
    long = struct.pack("<IIII", 0, 0, 0x75465A4C, 0) + (b"\0" + b"12345678") * 2_000_000
    long = struct.pack("<I", len(long) - 4) + long[4:]
    assert decompress_rtf(long).repaired.endswith("the rest is not read")


# The two examples of MS-OXRTFCP section 4.
HELLO = bytes.fromhex(
    "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c0900206277 05b06c647d0a"
    "800fa0".replace(" ", "")
)
CROSSING = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")


def test_compressed_rtf_is_expanded() -> None:
    assert decompress_rtf(HELLO).data == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert decompress_rtf(CROSSING).data == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"
    assert decompress_rtf(HELLO).repaired == decompress_rtf(CROSSING).repaired == ""


def test_rtf_that_is_stored_plain_is_taken_as_it_is() -> None:
    data = rb"{\rtf1 x}"
    stored = struct.pack("<IIII", len(data) + 12, len(data), 0x414C454D, 0) + data
    assert decompress_rtf(stored).data == data
    assert decompress_rtf(data).data == data


def test_damaged_compression_gives_what_there_is_and_says_so() -> None:
    cut = decompress_rtf(HELLO[:-8])
    assert cut.data.startswith(b"{\\rtf1\\ansi\\ansicpg1252\\pard hel")
    assert cut.repaired == "cut off"
    wrong = HELLO[:12] + b"\0\0\0\0" + HELLO[16:]
    assert decompress_rtf(wrong).repaired == "its checksum is wrong"
    assert decompress_rtf(wrong).data == decompress_rtf(HELLO).data
    for nothing in (b"", b"short", b"\0" * 40):
        with pytest.raises(RtfError):
            decompress_rtf(nothing)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 2**32 - 1))
def test_any_bytes_expand_to_a_bounded_size(content: bytes, size: int) -> None:
    data = struct.pack("<IIII", len(content) + 12, size, 0x75465A4C, 0) + content
    assert len(decompress_rtf(data).data) <= 9 * len(content)


WORDS = st.sampled_from(
    [b"{", b"}", b"\\par", b"\\bin5 ", b"\\bin-3 ", b"\\u", b"\\u-1 ", b"\\uc9 ", b"\\'", b"\\'f",
     b"\\'ff", b"\\", b"\\*", b"{\\*\\htmltag", b"\\htmlrtf ", b"\\htmlrtf0", b"\\fonttbl",
     b"\\f99999999999 ", b"\\fcharset128", b"\\pict", b"\\ansicpg65000 ", b"\\ansicpg1200 ", b"x"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS | st.binary(max_size=9), max_size=60), st.booleans())
def test_any_rtf_gives_text_that_can_be_stored(words: list[bytes], html: bool) -> None:
    data = (b"{\\rtf1\\fromhtml1 " if html else b"{\\rtf1 ") + b"".join(words)
    text = read_rtf(data).text if html else rtf_to_text(data)
    text.encode()
    assert "\0" not in text
    assert len(text) <= 10 * len(data)


HOSTILE = {
    "groups": lambda n: b"{" * n,
    "closed groups": lambda n: b"{}" * n,
    "stars": lambda n: b"{\\*\\x" * n,
    "skipped groups": lambda n: b"{\\pict" + b"{" * n,
    "unicode": lambda n: b"\\u9731 " * n,
    "fonts": lambda n: b"{\\fonttbl" + b"{\\f1\\fcharset204 }" * n,
    "font changes": lambda n: b"\\f1\\'cf\\f0\\'cf" * n,
    "backslashes": lambda n: b"\\" * n,
    "digits": lambda n: b"\\u" + b"1" * n,
    "letters": lambda n: b"\\" + b"a" * n,
    "html tags": lambda n: b"{\\*\\htmltag <b>}" * n,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_rtf_takes_time_linear_in_its_size(kind: str) -> None:
    def cost(times: int) -> float:
        data = b"{\\rtf1\\fromhtml1 " + HOSTILE[kind](times)
        best = 9.0
        for _ in range(3):
            start = time.process_time()
            read_rtf(data)
            best = min(best, time.process_time() - start)
        return best

    # Sixteen times the input: sixteen times the time, with room; a square would be 256 times.
    assert cost(16 * 2000) < 80 * cost(2000) + 0.05
