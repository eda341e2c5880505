"""After a decision the page jumped; the help opened at its end where the window was low."""

from __future__ import annotations

from pathlib import Path

from browser import browsing
from review_building import quay_case

_TOPS = """async () => {
  const tops = new Set();
  for (let i = 0; i < 10; i++) {
    tops.add(Math.round(document.querySelector("main").getBoundingClientRect().top));
    await new Promise((then) => setTimeout(then, 30));
  }
  return tops.size;
}"""


def test_nothing_moves_after_a_decision_and_help_begins_at_its_top(tmp_path: Path) -> None:
    with browsing(quay_case(tmp_path), width=390) as watched:
        page = watched.page
        watched.open("/m/3")
        page.get_by_role("button", name="Not").click()
        page.wait_for_url("**/m/5")
        assert page.evaluate(_TOPS) == 1
        assert "Saved" in page.locator("#status").inner_text()
        page.set_viewport_size({"width": 683, "height": 300})
        page.keyboard.press("?")
        top = "document.querySelector('#keys').scrollTop"
        assert page.evaluate(top) == 0
        assert page.evaluate("document.activeElement.id") == "keys-title"
