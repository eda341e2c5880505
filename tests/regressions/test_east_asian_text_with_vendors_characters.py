"""One character of a vendor, or one damaged byte, made rubbish of a whole East Asian text."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskscan.mail.charset import to_text
from riskscan.mail.parse import parse_message

JAPANESE = "これは違法です。証拠を隠してください。"
TAIWANESE = "這是違法的，請銷毀證據。"
CHINESE = "这是违法的。"
KOREAN = "불법입니다. 증거를 없애세요."


def outlook(text: str) -> bytes:
    """ISO-2022-JP as Windows writes it (code page 50221): with the rows of NEC and IBM."""
    out = b""
    for character in text:
        try:
            out += character.encode("iso2022_jp")
        except UnicodeEncodeError:
            high, low = character.encode("cp932")
            row = (high - (0x70 if high < 0xA0 else 0xB0)) * 2 - 1
            row, cell = (row + 1, low - 0x7E) if low >= 0x9F else (row, low - 0x1F - (low > 0x7F))
            out += b"\x1b$B" + bytes((row, cell)) + b"\x1b(B"
    return out


@pytest.mark.parametrize("character", "①㈱髙﨑№℡Ⅳ㍻纊")
@pytest.mark.parametrize("charset", ["iso-2022-jp", "ISO-2022-JP-MS", "cp50221", "us-ascii", ""])
def test_characters_of_nec_and_ibm_in_seven_bits(character: str, charset: str) -> None:
    text, defect = to_text(outlook(JAPANESE + character + "\n" + JAPANESE), charset)
    assert text == JAPANESE + character + "\n" + JAPANESE
    assert bool(defect) == (charset in ("us-ascii", ""))


def test_a_subject_and_a_name_in_seven_bits() -> None:
    word = base64.b64encode(outlook("① 丸数字テスト")).decode()
    raw = outlook("髙橋, 太郎")
    message = parse_message(
        b"Subject: =?iso-2022-jp?B?" + word.encode() + b"?=\n"
        b"From: \"" + raw + b"\" <taro@rivers.example>\n\n" + outlook(JAPANESE)
    )  # fmt: skip
    assert message.subject == "① 丸数字テスト"
    assert message.sender
    assert (message.sender.name, message.sender.address) == ("髙橋, 太郎", "taro@rivers.example")
    assert message.body == JAPANESE


@pytest.mark.parametrize(
    ("raw", "charset", "text"),
    [
        (TAIWANESE.encode("big5") + b"\xa3\xe1" + "喆".encode("big5hkscs"), "big5", "€喆"),
        (TAIWANESE.encode("cp950") + "碁€裏".encode("cp950"), "big5", "碁€裏"),
        (JAPANESE.encode("euc_jp") + b"\xad\xa1\xad\xea", "euc-jp", "①㈱"),
        (KOREAN.encode("iso2022_kr"), "us-ascii", KOREAN[-3:]),
        (b"caf\xc3\xa9 " + outlook(JAPANESE + "①"), "iso-2022-jp", "①"),
        ("地獄🔥".encode("utf-16", "surrogatepass").decode("utf-16").encode(), "utf-8", "🔥"),
        ("地獄".encode() + b"\xed\xa0\xbd\xed\xb4\xa5", "utf-8", "🔥"),
    ],
)
def test_characters_of_other_sets(raw: bytes, charset: str, text: str) -> None:
    read = to_text(raw, charset)[0]
    assert read.endswith(text)
    assert "\ufffd" not in read


@pytest.mark.parametrize(
    ("text", "codec", "charset"),
    [
        (TAIWANESE, "big5", "big5"),
        (CHINESE, "gb2312", "gb2312"),
        (KOREAN, "euc_kr", "euc-kr"),
        (JAPANESE, "euc_jp", "euc-jp"),
        (CHINESE, "utf-8", "utf-8"),
    ],
)
def test_a_damaged_byte_costs_a_character(text: str, codec: str, charset: str) -> None:
    raw = text.encode(codec)
    assert to_text(raw + b"\xff" + raw, charset)[0] == f"{text}\ufffd{text}"
    cut, defect = to_text(raw + raw[:5], charset)
    assert cut.startswith(text + text[0])
    assert defect


def test_seven_bit_text_that_breaks_off() -> None:
    text, defect = to_text(JAPANESE.encode("iso2022_jp")[:-6], "iso-2022-jp")
    assert text == JAPANESE[: len(text) - 1] + "\ufffd"
    assert len(text) >= len(JAPANESE) - 2
    assert defect


@pytest.mark.parametrize("charset", ["gb2312", "big5", "euc-kr", "shift_jis", "iso-2022-jp"])
def test_a_wrong_name_is_still_told(charset: str) -> None:
    text = "Die Größe der Straße, daß wir’s hören: übel."
    assert to_text(text.encode("cp1252"), charset)[0] == text
    if charset != "gb2312":  # which reads that, too
        assert to_text(text.encode(), charset)[0] == text


@given(st.binary(max_size=60), st.sampled_from(["iso-2022-jp", "big5", "euc-jp", "hz", "", "gbk"]))
def test_any_bytes_give_text(raw: bytes, charset: str) -> None:
    to_text(b"\x1b$B" + raw + b"\x1b$(D" + raw + b"\x1b(I" + raw, charset)[0].encode()
