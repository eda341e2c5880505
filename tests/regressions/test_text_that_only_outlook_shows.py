"""Text in conditional comments, which Outlook shows, and in the fields of a form was dropped."""

from __future__ import annotations

import pytest

from riskscan.mail.html import html_to_text

PAGE = "<p>Book your seat now: three are left.</p>"
SAID = "Destroy the files before Monday"


@pytest.mark.parametrize(
    "html",
    [
        f"{PAGE}<!--[if mso]><p>{SAID}</p><![endif]-->",
        f"{PAGE}<!--[if gte mso 9]><xml><o:P>96</o:P></xml><b>{SAID}</b><![endif]-->",
        f"{PAGE}<!--[if (mso)|(IE)]><style>p {{ color: red }}</style>{SAID}<![endif]-->",
        f'{PAGE}<!--[if mso]><img src=x alt="{SAID}"><![endif]-->',
        f"{PAGE}<!--[if mso]>{SAID}-->",
        f'{PAGE}<input value="{SAID}" size=90>',
        f'{PAGE}<input type=Submit value="{SAID}">',
        f"{PAGE}<input type='button' value='{SAID}'>",
    ],
)
def test_what_some_programs_show_is_text(html: str) -> None:
    text = html_to_text(html)
    assert SAID in text
    assert "96" not in text
    assert "color" not in text


@pytest.mark.parametrize(
    "html",
    [
        "<!--[if gte mso 9]><xml><o:PixelsPerInch>96</o:PixelsPerInch></xml><![endif]-->" + PAGE,
        f"<!--[if mso]><table><tr><td><![endif]-->{PAGE}<!--[if mso]></table><![endif]-->",
        f"{PAGE}<!--[if mso]><v:rect><center>Book your seat</center></v:rect><![endif]-->",
        f"{PAGE}<!--[if !mso]>{SAID}<![endif]-->",
        f"{PAGE}<!-- {SAID} -->",
        f'{PAGE}<input type=submit value="Go!"><input type=button value="Sign up">',
        f'{PAGE}<input type=hidden value="{SAID}"><input type=checkbox value="{SAID}">',
    ],
)
def test_what_nobody_sees_or_the_page_says_too_adds_nothing(html: str) -> None:
    assert html_to_text(html).strip() == html_to_text(PAGE).strip()


def test_what_only_some_see_stands_where_it_was_written() -> None:
    text = html_to_text("<p>One</p><!--[if mso]><p>Two</p><![endif]--><p>Three</p>")
    assert text.split() == ["One", "Two", "Three"]
