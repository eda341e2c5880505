"""A real Chromium on the page, watched: what it asks for, what it runs, what it complains of."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def chromium() -> str:
    """The system's Chromium; skips the test where there is none."""
    pytest.importorskip("playwright", reason="playwright is not installed")
    named = os.environ.get("RISKSCAN_CHROMIUM")
    found = named or next((place for name in _NAMES if (place := shutil.which(name))), None)
    if not found:
        pytest.skip("no Chromium on this machine (apt-get install chromium, or RISKSCAN_CHROMIUM)")
    return found


@dataclass
class Watched:
    """A page, and all that it did that no page of ours should do."""

    page: Any
    base: str
    faults: list[str] = field(default_factory=list)

    def open(self, address: str) -> None:
        self.page.goto(self.base + address)

    def check(self) -> None:
        """Nothing ran and nothing was fetched."""
        if self.page.evaluate("typeof window.pwned !== 'undefined'"):
            self.faults.append(f"a script ran on {self.page.url}")
        assert self.faults == []


@contextmanager
def served(case: Path, name: str = "Ann Bell") -> Iterator[str]:
    """The page of a case on a real port, in a thread; gives the link."""
    import uvicorn

    from riskscan.review.app import open_page
    from riskscan.review.serve import _listen

    listener = _listen(0)
    desk, gate, app = open_page(case, listener.getsockname()[1], name, lambda _: None, apart=True)
    desk.queue.search.extend()
    config = uvicorn.Config(app, log_level="error", lifespan="off", ws="none", http="h11")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield gate.link
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
        desk.close()


@contextmanager
def browsing(case: Path, *, scripts: bool = True, width: int = 1280) -> Iterator[Watched]:
    """The page of a case in Chromium, entered by its link."""
    place = chromium()
    from playwright.sync_api import sync_playwright

    with served(case) as link, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=place, args=["--no-sandbox"])
        context = browser.new_context(
            java_script_enabled=scripts, viewport={"width": width, "height": 800}
        )
        page = context.new_page()
        page.set_default_timeout(20_000)
        base = f"http://{urlsplit(link).netloc}"
        watched = Watched(page, base)
        faults = watched.faults

        def asked(request: Any) -> None:
            if not request.url.startswith(base + "/"):
                faults.append(f"asked for {request.url}")

        def told(message: Any) -> None:
            if message.type == "error" and "Failed to load resource" not in message.text:
                faults.append(f"console: {message.text}")

        def dialog(one: Any) -> None:
            faults.append(f"dialog: {one.message}")
            one.dismiss()

        page.on("request", asked)
        page.on("console", told)
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.on("dialog", dialog)
        context.on("page", lambda other: faults.append(f"opened {other.url}"))
        page.goto(link)
        try:
            yield watched
        finally:
            browser.close()
