"""A PostgreSQL server of our own for the tests: in a temporary folder, on loopback, gone after."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

USER = "riskscan"
# Nobody reads these cases after a loss of power. What is not committed durably is written to the
# log so late that a kill loses it.
_QUICK = {
    "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off",
    "wal_writer_delay": "10s",
}  # fmt: skip
_SETTINGS = {**_QUICK, "max_connections": "200", "shared_buffers": "32MB"}


def binaries() -> Path | None:
    """The folder of the server's programs, None where there is none."""
    found = shutil.which("initdb")
    if found and shutil.which("pg_ctl"):
        return Path(found).resolve().parent
    there = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3])
    )
    return there[-1].parent if there else None


class Server:
    """A running server; ``address`` is that of its one database."""

    def __init__(self, folder: Path, programs: Path, port: int) -> None:
        self._folder, self._programs, self._port = folder, programs, port
        self._schemas = 0
        self.address = f"postgresql://{USER}@127.0.0.1:{port}/postgres"

    def place(self) -> str:
        """The address of a case that nobody else has."""
        self._schemas += 1
        return f"{self.address}?schema=case_{self._schemas}"

    def start(self) -> None:
        """Start it, again after ``kill``."""
        settings = {**_SETTINGS, "listen_addresses": "127.0.0.1", "port": str(self._port)}
        settings["unix_socket_directories"] = ""
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        self._control("-o", options, "-l", str(self._folder / "log"), "-w", "start")

    def kill(self) -> None:
        """End it at once, with all connections, as a loss of power does."""
        self._control("-m", "immediate", "stop")

    def _control(self, *arguments: str) -> None:
        _run(self._programs / "pg_ctl", "-D", str(self._folder / "data"), *arguments)


@contextmanager
def running(programs: Path) -> Iterator[Server]:
    """A new server, ended and removed afterwards."""
    # Not in pytest's own folder: that is closed to the user as whom a server must run under root.
    with tempfile.TemporaryDirectory(prefix="riskscan-postgresql-") as made:
        folder = Path(made)
        if os.geteuid() == 0:
            shutil.chown(folder, _nobody())
        _run(
            programs / "initdb", "-D", str(folder / "data"), "-U", USER, "-A", "trust",
            "-E", "UTF8", "--locale=C.UTF-8", "--no-sync",
        )  # fmt: skip
        server = Server(folder, programs, _free_port())
        server.start()
        try:
            yield server
        finally:
            server.kill()


def _nobody() -> str:
    """The user for a server when we are root, as whom none starts."""
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _run(program: Path, *arguments: str) -> None:
    more: dict[str, Any] = {"user": _nobody(), "group": None} if os.geteuid() == 0 else {}
    subprocess.run(
        [program, *arguments], check=True, cwd="/", stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60, **more,
    )  # fmt: skip


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


Places = Callable[[], Any]
"""Makes the place of a new case with each call."""
