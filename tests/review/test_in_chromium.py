"""Reading, deciding, undoing and searching in a real Chromium, by keys and without scripts."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser import Watched, browsing
from review_building import WORRY, quay_case

from riskscan.case.decisions import current
from riskscan.case.read import Case


def standing(case: Path) -> dict[int, str]:
    with Case(case) as opened, opened.connect() as connection:
        return {one.message: one.verdict for one in current(connection)}


def press(watched: Watched, key: str, address: str) -> None:
    """Press a key and wait for the page that it leads to."""
    with watched.page.expect_navigation(url=watched.base + address):
        watched.page.keyboard.press(key)


def test_a_review_by_keys(tmp_path: Path) -> None:
    case = quay_case(tmp_path)
    with browsing(case) as watched:
        page = watched.page
        page.keyboard.press("j")
        press(watched, "Enter", "/m/3")
        assert page.locator("mark.finding").inner_text() == WORRY
        page.keyboard.press("3")
        page.keyboard.press("h")
        page.keyboard.press("e")
        page.keyboard.type("f is a letter here")
        page.keyboard.press("Escape")
        press(watched, "f", "/m/5")
        status = page.locator("[role=status]")
        status.get_by_text("Saved: message 3 is flagged, hot").wait_for()
        with Case(case) as opened, opened.connect() as connection:
            (made,) = current(connection)
        assert (made.signals, made.hot, made.note) == (("concealment",), True, "f is a letter here")
        press(watched, "n", "/m/1")
        assert standing(case) == {3: "flag", 5: "not"}
        press(watched, "z", "/m/5")
        status.get_by_text("The decision on message 5 is taken back").wait_for()
        assert standing(case) == {3: "flag"}
        press(watched, "u", "/m/1")
        assert standing(case) == {3: "flag", 5: "unsure"}
        press(watched, "j", "/m/2")
        press(watched, "k", "/m/1")
        press(watched, "q", "/")
        page.keyboard.press("?")
        assert page.locator("dialog#keys").is_visible()
        page.keyboard.press("Escape")
        assert not page.locator("dialog#keys").is_visible()
        watched.check()


def test_searching_by_keys(tmp_path: Path) -> None:
    with browsing(quay_case(tmp_path)) as watched:
        page = watched.page
        page.keyboard.press("/")
        page.keyboard.type('"off the books" NOT crates')
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.locator("h1").inner_text() == "1 message"
        assert page.locator("mark.hit").first.inner_text() == "off the books"
        page.locator(".go").click()
        assert page.url.endswith("/m/5?q=%22off+the+books%22+NOT+crates")
        page.locator(".letter mark.hit").first.wait_for()
        assert page.locator(".letter mark.hit").count() == 1
        watched.check()


def test_a_review_without_scripts(tmp_path: Path) -> None:
    case = quay_case(tmp_path)
    with browsing(case, scripts=False) as watched:
        page = watched.page
        page.locator(".go").first.click()
        page.get_by_label("Concealment").check()
        page.get_by_role("button", name="Flag").click()
        page.get_by_text("Saved: message 3 is flagged").wait_for()
        page.get_by_role("button", name="Undo").click()
        page.get_by_text("The decision on message 3 is taken back").wait_for()
        assert standing(case) == {}
        assert watched.faults == []


def test_a_thread_is_decided_at_once(tmp_path: Path) -> None:
    case = quay_case(tmp_path)
    with browsing(case) as watched:
        page = watched.page
        watched.open("/m/3")
        page.get_by_role("link", name="The thread, 3 messages").click()
        page.get_by_text("What will happen").wait_for()
        page.wait_for_load_state()
        with page.expect_navigation():
            page.keyboard.press("n")
        page.get_by_text("Saved: 3 messages are not flagged").wait_for()
        assert standing(case) == dict.fromkeys((1, 2, 3), "not")
        watched.check()


def test_keys_can_be_turned_off(tmp_path: Path) -> None:
    case = quay_case(tmp_path)
    with browsing(case) as watched:
        page = watched.page
        watched.open("/help")
        with page.expect_navigation():
            page.get_by_role("button", name="Turn these keys off").click()
        watched.open("/m/3")
        page.keyboard.press("f")
        page.wait_for_timeout(300)
        assert page.url.endswith("/m/3")
        assert standing(case) == {}


@pytest.mark.parametrize("width", [390, 640, 1280])
def test_nothing_is_wider_than_the_screen(tmp_path: Path, width: int) -> None:
    """640 is a laptop at 200% zoom."""
    with browsing(quay_case(tmp_path), width=width) as watched:
        for address in (
            "/", "/m/3", "/m/3/batch?scope=thread", "/timeline", "/people", "/progress", "/help",
            "/protocol", "/m/3/history",
        ):  # fmt: skip
            watched.open(address)
            wide = watched.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, address


def test_every_control_has_a_name(tmp_path: Path) -> None:
    with browsing(quay_case(tmp_path)) as watched:
        page = watched.page
        for address in ("/", "/m/3", "/progress", "/m/3/batch?scope=thread"):
            watched.open(address)
            nameless = page.evaluate(
                """() => [...document.querySelectorAll('input, select, textarea')]
                .filter((e) => e.type !== 'hidden')
                .filter((e) => !e.labels.length && !e.getAttribute('aria-label'))
                .map((e) => e.outerHTML)"""
            )
            assert nameless == []
            assert page.locator("main").count() == 1
            assert page.locator("h1").count() == 1
            assert page.evaluate("document.documentElement.lang") == "en"
