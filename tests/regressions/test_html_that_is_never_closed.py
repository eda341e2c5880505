"""The text of an HTML mail was lost behind a comment, title, tag or quote that nothing closes."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskscan.mail.html import html_to_text
from riskscan.mail.parse import parse_message


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Hi <!--#date>Burn the <b>list</b></p>", "Hi Burn the list\n"),
        ("<p>Hi<p><!-- burn the <b>list</b> <!-- today", "Hi\n\nburn the list today\n"),
        ("a <!-- shown to nobody --> b <!-- burn it", "a b burn it\n"),
        ("<!-- burn it", "burn it\n"),
        ("<html><title>burn it<p>today", "burn it\n\ntoday\n"),
        ("<title>x</title>a<style>b {} <p>burn it", "a b {}\n\nburn it\n"),
        ("a<script>burn() <b>it", "a burn() it\n"),
        ("<template><p>burn it", "burn it\n"),
        ('<p title="x">a</p><p title="never closed>burn it</p> today', "a\n\nburn it\ntoday\n"),
        ("we </3 it: burn it", "we </3 it: burn it\n"),
        ("<script><!--<script></script>burn it", "burn it\n"),
        ("<riskscan-end-of-text><!-- burn it", "burn it\n"),
        ("<textarea>burn <i>it", "burn <i>it\n"),
    ],
)
def test_text_behind_it_is_read(html: str, text: str) -> None:
    assert html_to_text(html) == text


PIECES = (
    "<!--", "-->", "--!>", "<!", "<?", "</", "<", ">", "<a b=", "<a b='", '<a b="', "'", '"', "/>",
    "<title>", "</title>", "<script>", "</script>", "<style>", "</style>", "<template>",
    "</template>", "<textarea>", "</textarea>", "<select>", "<table>", "<frameset>", "<svg>",
    "<plaintext>", "<![CDATA[", "]]>", "\0", "&", "&#", " ", "\n", "x",
)  # fmt: skip


@settings(max_examples=150)
@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_the_last_word_is_read_whatever_stands_before_it(pieces: list[str]) -> None:
    assert "burning" in html_to_text("".join(pieces) + " burning")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a<!-- x --!>b<!-->c<!--->d", "abcd\n"),
        ("a<script>x()</script>b<title>y</title>", "ab\n"),
        ("<!-- only -->", ""),
        ("<title>all of <b> it</title><p> </p>", "all of <b> it\n"),
        ('<a href="x>y">z</a>', "z\n"),
    ],
)
def test_what_is_closed_stays_hidden(html: str, text: str) -> None:
    assert html_to_text(html) == text


@pytest.mark.parametrize("piece", ["<!--", "<title>", "<!", '<a b="', "<a b='c", "</", "<script "])
def test_many_of_them_take_linear_time(piece: str) -> None:
    def seconds(number: int) -> float:
        began = time.process_time()
        html_to_text("x" + piece * number)
        return time.process_time() - began

    seconds(1_000)
    assert seconds(40_000) < 40 * max(seconds(4_000), 0.005)


def test_plain_text_that_is_but_a_script_is_kept_as_it_is() -> None:
    body = "<html><script>go()</script></html>\n"
    message = parse_message(b"From: a@b.example\n\n" + body.encode())
    assert (message.body, message.body_format) == (body, "plain")
