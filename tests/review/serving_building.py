"""The server as people start it, in a process of its own, and a browser by hand."""

from __future__ import annotations

import http.client
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from riskscan.case.location import Place


@contextmanager
def server(case: Place, *more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """``riskscan review`` in a process of its own, and the link that it tells."""
    command = [sys.executable, "-u", "-m", "riskscan.cli", "review", str(case), "--no-browser"]
    process = subprocess.Popen([*command, *more], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        link = ""
        while not link:
            line = process.stdout.readline()
            assert line, "the server ended"
            found = re.search(r"http://\S+", line)
            link = found[0] if found else ""
        yield process, link
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


class Browser:
    """A session by hand, over a real connection."""

    def __init__(self, link: str) -> None:
        self.port = int(link.partition("127.0.0.1:")[2].partition("/")[0])
        self.cookie = ""
        status, headers, _ = self.ask("GET", link.partition(str(self.port))[2])
        assert status == 303
        self.cookie = headers["set-cookie"].partition(";")[0]
        page = self.ask("GET", "/help")[2]
        self.token = page.partition('name="token" value="')[2].partition('"')[0]

    def ask(
        self, method: str, path: str, fields: dict[str, str] | None = None
    ) -> tuple[int, http.client.HTTPMessage, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": self.cookie}
        body = None
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode({"token": self.token, **fields})
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()
