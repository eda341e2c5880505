"""Runs of one thing were read again from each of its places: 64 KB took seconds."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from riskscan.mail.html import html_to_text, read_page
from riskscan.mail.invisible import without_joiners
from riskscan.mail.shown import written_by_style
from riskscan.sources.slacktext import post_text

SMALL, TIMES = 3_000, 8


def quotations(number: int) -> None:
    element: object = {"type": "text", "text": "a\n" * number}
    for _ in range(number // 10):
        element = {"type": "rich_text_quote", "elements": [element]}
    post_text({"blocks": [{"type": "rich_text", "elements": [element]}]}, {})


READ: dict[str, Callable[[int], object]] = {
    "joiners": lambda n: without_joiners("a" + "\u200c" * n + "\u0627"),
    "titles": lambda n: html_to_text("<p>" + "title" * n),
    "labels": lambda n: html_to_text("<p>" + "aria-" * n),
    "names": lambda n: written_by_style("content:x;" + "\\a " * n + ":;" * n),
    "quotations": quotations,
}


@pytest.mark.parametrize("read", READ.values(), ids=list(READ))
def test_time_grows_as_the_run(read: Callable[[int], object]) -> None:
    def seconds(number: int) -> float:
        # The least of three: a collection of all that the tests before left takes longer than this.
        taken = []
        for _ in range(3):
            began = time.thread_time()
            read(number)
            taken.append(time.thread_time() - began)
        return min(taken)

    assert seconds(SMALL * TIMES) < TIMES * 3 * max(seconds(SMALL), 0.002)


def test_joiners_between_letters_that_join_stay() -> None:
    assert without_joiners("a\u200c\u200cb \u200d.") == "ab ."
    assert without_joiners("\u0627\u200c\u200c\u200c.") == "\u0627\u200c."
    assert without_joiners("a\u200c\u0627\u200d\u0627") == "a\u200c\u0627\u200d\u0627"


def test_names_before_marks_and_attributes_are_still_found() -> None:
    assert written_by_style("a:hover{content /**/ : 'seen'; color: red}")[0] == ["seen"]
    assert read_page('<p a="x"title="Crates">b').asides == ["Crates"]


def test_quotations_in_quotations_are_told_apart() -> None:
    inner = {"type": "rich_text_quote", "elements": [{"type": "text", "text": "x & y\nz"}]}
    outer = {"type": "rich_text_quote", "elements": [{"type": "text", "text": "a\n"}, inner]}
    post = {"blocks": [{"type": "rich_text", "elements": [outer, {"type": "text", "text": "b"}]}]}
    said = [line for line in post_text(post, {}).splitlines() if line.strip("> ")]
    assert said == ["> a", "> > x & y", "> > z", "b"]
