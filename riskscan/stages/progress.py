"""How a stage tells how far it is."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told how a scan goes on; ``total`` and ``amount`` are in the unit of the stage."""

    def start(self, stage: str, total: int, unit: str) -> None: ...

    def advance(self, amount: int, messages: int) -> None: ...

    def finish(self) -> None: ...


class Silent:
    """Tells nobody."""

    def start(self, stage: str, total: int, unit: str) -> None: ...

    def advance(self, amount: int, messages: int) -> None: ...

    def finish(self) -> None: ...
