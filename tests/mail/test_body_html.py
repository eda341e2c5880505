"""HTML to text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskscan.mail.body import html_to_text
from riskscan.mail.html import RULE


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        ("one<br>two<br/><br>three", "one\ntwo\n\nthree\n"),
        ("<p>one</p><p>two</p>", "one\n\ntwo\n"),
        ("<div>one</div><div>two</div>", "one\ntwo\n"),
        ("<div>one<br></div><div><br></div><div>two</div>", "one\n\ntwo\n"),
        ("<p class=MsoNormal>one</p><p class=MsoNormal>two</p>", "one\ntwo\n"),
        ("<p style='margin:0'>one</p><p style='margin: 0px'>two</p>", "one\ntwo\n"),
        ("a  b\n\tc<b> d </b> e", "a b c d e\n"),
        ("&lt;b&gt; &eacute;&#8364;&nbsp;&copy;", "<b> é€ ©\n"),
        ("il&shy;leg&#8203;al", "illegal\n"),
        ("<ul><li>one<li><div>two</div></ul><ol><li>x<li>y</ol>", "- one\n- two\n1. x\n2. y\n"),
        ("<table><tr><td>a<td>b</tr><tr><td>c</td></tr></table>", "a\tb\nc\n"),
        ("<a href='http://x.example/'>the plan</a>", "the plan\n"),
        ("<pre>a\n  b\n\nc</pre>", "a\n  b\n\nc\n"),
        ("<title>t</title><style>s</style><script>j('<p>')</script>x", "x\n"),
        ("<div style='display:none'>hidden</div><font size=0>words</font>", "hidden\nwords\n"),
        ("<!-- note -->x<![if !vml]>y<![endif]><o:p></o:p>", "xy\n"),
        ("<img alt='a chart'>", "a chart\n"),
        ("-- <br>Ana", "-- \nAna\n"),
        ("<hr>x", RULE + "\nx\n"),
        ("", ""),
        ("<!-- only a comment -->", ""),
        ("<p>unclosed <b>tags <i>here", "unclosed tags here\n"),
        ("1 < 2 and 3 > 2 & so", "1 < 2 and 3 > 2 & so\n"),
    ],
)
def test_text_of(html: str, wanted: str) -> None:
    assert html_to_text(html) == wanted


def test_quotations_are_marked_by_depth() -> None:
    html = (
        "<div>no</div><div class=gmail_quote><div class=gmail_attr>On Monday, Bo wrote:<br></div>"
        "<blockquote class=gmail_quote style='border-left:1px #ccc solid'><div>one</div>"
        "<blockquote type=cite>two<br><br>three</blockquote></blockquote></div><div>end</div>"
    )
    assert html_to_text(html) == ("no\nOn Monday, Bo wrote:\n> one\n>> two\n>>\n>> three\nend\n")


def test_indentation_is_no_quotation() -> None:
    html = "<blockquote style='margin:0 0 0 40px;border:none;padding:0px'>mine</blockquote>"
    assert html_to_text(html) == "mine\n"


def test_outlook_left_rule_is_a_quotation() -> None:
    html = (
        "<div style='border:none;border-left:solid blue 1.5pt;padding:0in 0in 0in 4.0pt'>"
        "<p class=MsoNormal>theirs</p></div>"
    )
    assert html_to_text(html) == "> theirs\n"


def test_outlook_header_block_comes_out_as_lines() -> None:
    html = (
        "<p class=MsoNormal>Fine.</p><div><div style='border:none;border-top:solid #E1E1E1 1.0pt;"
        "padding:3.0pt 0in 0in 0in'><p class=MsoNormal><b>From:</b> Bo Ek<br><b>Sent:</b> Monday"
        "<br><b>To:</b> Ana Lind<br><b>Subject:</b> plan</p></div></div><p class=MsoNormal>old</p>"
    )
    assert html_to_text(html) == (
        f"Fine.\n{RULE}\nFrom: Bo Ek\nSent: Monday\nTo: Ana Lind\nSubject: plan\nold\n"
    )


def test_pictures_inside_the_html_do_not_crowd_out_the_text() -> None:
    picture = "<img src='data:image/png;base64," + "iVBORw0KGgo=" * 500_000 + "'>"
    assert html_to_text(f"<p>one</p>{picture}<p>two</p>") == "one\n\ntwo\n"


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000,
        "<blockquote>" * 5_000,
        "<table><tr><td>" * 20_000,
        "<a><b><i><p>" * 10_000,
        "".join(f"<font size={i}>" for i in range(2000)) + "<p>y" * 2000,
        "<" * 300_000,
        "<ul><li>" * 20_000,
        "<p " + "border-left " * 20_000 + ">",
        "&" * 300_000,
    ],
    ids=lambda html: html[:8],
)
def test_hostile_html_loses_nothing(html: str) -> None:
    """Text at the bottom of any nesting is found (and the test ends)."""
    assert "needle" in html_to_text(html + " needle")


_INSIDE = ["</blockquote>", "</pre>", "</p>", "</b>", "</ul>", "</div>", "<br>", "<hr>", "\n", "x"]
_TAGS = st.sampled_from(
    [*_INSIDE, "<div>", "<p>", "<blockquote>", "<table><td>", "<li>", "<ul>", "<pre>", "<b>", "x"]
)


@given(st.lists(_TAGS, max_size=60).map("".join))
def test_every_letter_of_the_text_is_kept(html: str) -> None:
    assert html_to_text(html).count("x") == html.count("x")


@given(st.text(max_size=200))
@settings(deadline=None)
def test_any_text_can_be_read(html: str) -> None:
    text = html_to_text(html)
    text.encode("utf-8")
    assert "\0" not in text and (not text or text.endswith("\n"))
