"""The page for everybody: by screen reader, by keyboard alone, enlarged, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from browser import Watched, browsing
from review_building import WORRY, quay_case, reviewing

from riskscan.case.store import open_case
from riskscan.learn.validate import draw
from riskscan.stages.groups import group
from riskscan.stages.progress import Silent

VIEWS = (
    "/", "/?q=books&decided=no&collapse=near", "/?q=nowhere", "/?decided=sample", "/m/3", "/m/2",
    "/m/3/batch?scope=thread", "/m/6/batch?scope=near", "/m/3/history", "/m/3/text", "/timeline",
    "/people", "/progress", "/chain", "/protocol", "/help", "/?order=nonsense",
)  # fmt: skip


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A grouped case with decisions of two, who differ, a saved search and a sample."""
    made: Path = quay_case(tmp_path_factory.mktemp("accessible"))
    with open_case(made) as store:
        group(store, Silent())
    for name, verdict in (("Ben Orr", "not"), ("Ann Bell", "flag")):
        with reviewing(made, name) as reviewer:
            reviewer.decide(3, verdict, note="A note.", signal="concealment")
            reviewer.post("/saved", name="books", view="q=books")
    draw(made, size=1, seed=1)
    return made


@pytest.fixture(scope="module")
def watched(case: Path) -> Iterator[Watched]:
    with browsing(case) as watched:
        yield watched


def axe() -> str:
    """The source of axe-core; skips the test where it is not installed."""
    reason = "axe-core is not installed (python -m pip install axe-playwright-python)"
    package = pytest.importorskip("axe_playwright_python", reason=reason)
    return (resources.files(package) / "axe.min.js").read_text("utf-8")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing(watched: Watched, scheme: Any, width: int) -> None:
    source, page = axe(), watched.page
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    for address in VIEWS:
        watched.open(address)
        page.evaluate("document.querySelectorAll('details').forEach((e) => { e.open = true; })")
        page.evaluate(source)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        told = [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found["violations"]]
        assert told == [], address


def test_nothing_is_cut_or_wider_than_the_screen(watched: Watched) -> None:
    """640 is a laptop at 200% zoom, 320 one at 400%."""
    page = watched.page
    for width in (320, 390, 640, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for address in VIEWS:
            watched.open(address)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
            cut = page.evaluate(
                """() => [...document.querySelectorAll('body *')]
                .filter((e) => !e.closest('.unseen') && e.clientWidth)
                .filter((e) => getComputedStyle(e).overflowX !== 'visible')
                .filter((e) => !e.matches('.wide, .chart, textarea, input, select'))
                .filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.outerHTML)"""
            )
            assert cut == [], (address, width)


def test_the_keyboard_alone_reaches_everything_in_the_order_of_the_page(watched: Watched) -> None:
    page = watched.page
    page.set_viewport_size({"width": 1280, "height": 800})
    for address in ("/", "/m/3", "/m/3/batch?scope=thread", "/progress"):
        watched.open(address)
        page.evaluate(
            "window.all = [...document.querySelectorAll('a, button, input, select, textarea, "
            "summary, [tabindex=\"0\"]')].filter((e) => e.type !== 'hidden' && e.checkVisibility())"
        )
        reached = []
        for _ in range(page.evaluate("all.length")):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("all.indexOf(document.activeElement)"))
            ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert ring != "none", (address, page.evaluate("document.activeElement.outerHTML"))
        # A date is several stops.
        stops = list(dict.fromkeys(reached))
        assert stops == list(range(len(stops))), address
        assert len(stops) > 12, address
    watched.open("/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main", "the first link leads past the top"


def wait_until_told(page: Any, text: str) -> None:
    """Wait for words to come into the status line after the page has been there."""
    for _ in range(100):
        if text in page.evaluate("told.join(' ')"):
            return
        page.wait_for_timeout(50)
    raise AssertionError(page.evaluate("told"))


def test_what_was_saved_is_told_to_a_screen_reader(watched: Watched) -> None:
    page = watched.page
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => { window.told = []; new MutationObserver(() => "
        "told.push(document.querySelector('[role=status]').innerText))"
        ".observe(document.querySelector('[role=status]'), {childList: true}); });"
    )
    watched.open("/m/1")
    with page.expect_navigation():
        page.keyboard.press("n")
    wait_until_told(page, "Saved: message 1 is not flagged")
    with page.expect_navigation():
        page.keyboard.press("z")
    wait_until_told(page, "is taken back")


def test_a_screen_reader_hears_the_message_and_what_can_be_done(watched: Watched) -> None:
    watched.open("/m/3")
    heard = watched.page.locator("body").aria_snapshot()
    for told in (
        "- banner:", '- navigation "Views":', '- main:', 'heading "Re: crates" [level=1]',
        f'- link "{WORRY}', '- group "Decision":', '- button "Flag" [pressed]', '- button "Unsure"',
        '- checkbox "Concealment" [checked]', '- textbox "Note": A note.',
        "Reviewers differ on this message.", '- region "Where it comes from":',
    ):  # fmt: skip
        assert told in heard, told
