"""Forty recipients or a long subject filled a screen before the text; the rest was not shown."""

from __future__ import annotations

from pathlib import Path

from review_building import build_case, reviewing
from scan_building import mail


def test_ten_recipients_are_shown_and_the_rest_unfolds(tmp_path: Path) -> None:
    more = ", ".join(f"p{i}@quayside.example" for i in range(60))
    with reviewing(build_case(tmp_path, [mail(1, "Hello.", headers=f"Cc: {more}")])) as ann:
        page = ann.text("/m/1")
    copied = page.partition("<dt>Cc</dt>")[2].partition("</div>")[0]
    shown, _, folded = copied.partition('<details class="rest"><summary>and 50 more</summary>')
    assert [f"p{i}@" in shown for i in range(60)] == [True] * 10 + [False] * 50
    assert all(f"p{i}@quayside.example" in folded for i in range(10, 60))


def test_long_names_are_shown_of_fewer_people(tmp_path: Path) -> None:
    more = ", ".join(f"{'x' * 200}{i}@quayside.example" for i in range(9))
    with reviewing(build_case(tmp_path, [mail(1, "Hello.", headers=f"Cc: {more}")])) as ann:
        assert "<summary>and 7 more</summary>" in ann.text("/m/1")


def test_a_long_subject_is_folded_but_whole(tmp_path: Path) -> None:
    subject = " ".join(f"word{i}" for i in range(120))
    with reviewing(build_case(tmp_path, [mail(1, "Hello.", subject=subject)])) as ann:
        page = ann.text("/m/1")
    head, _, rest = page.partition('<h1 id="subject">')[2].partition("</h1>")
    assert len(head) < 260
    assert head.startswith("word0 word1 ")
    folded = rest.partition('<p class="text">')[2].partition("</p>")[0]
    assert head.removesuffix(" …").split() + folded.split() == subject.split()
