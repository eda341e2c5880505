"""Text that a page shows without having it as text was nowhere, and such a page counted as a copy.

Placeholders, labels of groups, strings of styles, drawings and pages in ``data:`` addresses are
text. What is shown to some readers only, as a tooltip, makes another message at the least.
"""

from __future__ import annotations

import base64

import pytest

from riskscan.mail.html import html_to_text, read_page
from riskscan.mail.message import Message
from riskscan.mail.parse import parse_message

SAID = "Shred the audit files tonight"
DRAWN = f"<svg xmlns='http://www.w3.org/2000/svg'><text>{SAID}</text></svg>"
ENCODED = base64.b64encode(DRAWN.encode()).decode()
ESCAPED = "".join(f"\\{ord(c):x} " for c in SAID)


def letter(html: str) -> Message:
    head = "From: ann@rivers.example\nSubject: Lunch\nDate: Mon, 2 Mar 2026 10:00:00 +0000\n"
    return parse_message(f"{head}Content-Type: text/html; charset=utf-8\n\n{html}\n".encode())


@pytest.mark.parametrize(
    "html",
    [
        f"<input placeholder='{SAID}'>",
        f"<textarea placeholder='{SAID}'></textarea>",
        f"<select><optgroup label='{SAID}'><option>x</optgroup></select>",
        f'<style>.x::before{{content:"{SAID}"}}</style>',
        "<style>p:after { color: red; content : 'Shred the' \" audit\" 'files tonight' }</style>",
        f'<style>.x::before{{c\\6fntent/* */:/* " */"{ESCAPED}"}}</style>',
        f"<style>[data-x]::after{{content:attr(data-x)}}</style><p data-x='{SAID}'>x</p>",
        f"<style>li{{list-style-type:'{SAID}'}}</style>",
        f"<ul><li style='list-style:\"{SAID}\"'>x</ul>",
        f"<style>:root{{--a:'{SAID}'}} p:after{{content:var(--a)}}</style>",
        f'<img src="data:image/svg+xml,{DRAWN}">',
        f'<img src="data:image/svg+xml;charset=utf-8;base64,{ENCODED}">',
        f'<style>p{{background:url("data:image/svg+xml;base64,{ENCODED}")}}</style>',
        f"<iframe srcdoc='&lt;p&gt;{SAID}&lt;/p&gt;'></iframe>",
        f"<iframe src='data:text/html,{SAID.replace(' ', '%20')}'></iframe>",
        f"<template>{SAID}</template>",
        f"<svg><text><![CDATA[{SAID}]]></text></svg>",
    ],
)
def test_what_a_page_shows_is_text(html: str) -> None:
    assert SAID in " ".join(letter(f"<p>Hi</p>{html}").body.split())


@pytest.mark.parametrize(
    "html",
    [
        f"<b title='{SAID}'>now</b>",
        f"<b aria-label='{SAID}'>now</b>",
        f"<title>{SAID}</title><b>now</b>",
        f"<b>now</b><svg><title>{SAID}</title></svg>",
        f"<b>now</b><datalist><option value='{SAID}'></datalist>",
    ],
)
def test_what_some_readers_see_makes_another_message(html: str) -> None:
    plain, other = letter("<p>Hi</p><b>now</b>"), letter(f"<p>Hi</p>{html}")
    assert plain.body == other.body
    assert plain.content_hash != other.content_hash
    assert letter(f"<div>Hi</div><br>{html}").content_hash == other.content_hash


@pytest.mark.parametrize(
    "html",
    [
        "<title>Lunch</title>",
        "<b title='hi'></b><b aria-label=' H i'></b>",
        "<style>p{font-family:'Times New Roman';background:url('a picture.png')}</style>",
        "<style>a[href^='tel us']{color:red} .x:before{content:'\\e901' ' - '}</style>",
        "<style>.x::before{content:'Hi'} .y{content:url('their logo.png')}</style>",
        "<img src='data:image/png;base64,AAAA'><a href='data:text/html,no'></a>",
        "<input type=hidden value=x placeholder=y>",
    ],
)
def test_what_says_nothing_else_changes_nothing(html: str) -> None:
    plain, other = letter("<p>Hi</p>"), letter(f"{html}<p>Hi</p>")
    assert (plain.body.strip(), plain.content_hash) == (other.body.strip(), other.content_hash)


@pytest.mark.parametrize(
    "piece",
    [
        "<img src='data:image/svg+xml,<b>x</b>'>",
        "<b title='some words'>other ones</b>",
        "<iframe srcdoc='<iframe srcdoc=&quot;",
        "<![CDATA[",
        "<style>a{content:'b",
        '<style>/* a{content:"',
        "<style>a:after{content:'word' attr(b)}</style><i b='c'>",
    ],
)
def test_much_of_it_is_linear(piece: str) -> None:
    page = read_page(piece * (300_000 // len(piece)))
    assert len(page.text) + sum(map(len, page.asides)) < 3_000_000
    assert html_to_text(piece + " needle").strip()
