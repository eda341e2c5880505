"""Reading, deciding, undoing and searching in a real Chromium, by keys and without scripts."""

from __future__ import annotations

from pathlib import Path

from browser import Watched, browsing
from loop_building import build_case
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


def test_the_queue_is_retrained_while_one_decides(tmp_path: Path) -> None:
    case = tmp_path / "case"
    truth = build_case(case, 240)
    flagged = [message for message, flag in truth.items() if flag][:6]
    others = [message for message, flag in truth.items() if not flag][:6]
    with browsing(case) as watched:
        page = watched.page
        told = page.get_by_text("The queue has been updated.")
        assert page.locator(".learnt").count() == 0
        for message in flagged + others:
            watched.open(f"/m/{message}")
            page.wait_for_timeout(200)  # the status line is filled after the page is there
            if told.count():
                break
            with page.expect_navigation():
                page.keyboard.press("f" if truth[message] else "n")
            page.get_by_text(f"Saved: message {message} is").wait_for()
            if told.count():
                break
        for _ in range(120):
            if told.count():
                break
            watched.open("/protocol")
            page.wait_for_timeout(250)
        page.get_by_role("link", name="What it has learnt").click()
        learnt = page.locator("#learnt")
        assert learnt.locator(".word").count()
        assert learnt.get_by_text("Moves messages up").is_visible()
        watched.open("/")
        assert told.count() == 0, "it is told once"
        assert page.locator(".figures", has_text="As learnt from decisions").is_visible()
        page.locator(".learnt > summary").click()
        assert page.locator(".learnt .word").first.is_visible()
        assert page.locator(".why").count() == page.locator(".row").count()
        first = int(page.locator(".go").first.get_attribute("href").rpartition("/")[2])
        assert truth[first]
        watched.check()
