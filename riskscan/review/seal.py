"""What a page showed, sealed, so that a decision records it as it was and not as the form says."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shown:
    """What of the detector's a page showed with a message, as a form holds it."""

    score: str
    model: str
    seal: str


class Seal:
    """Marks made with a key of this process; nobody else can make one."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def shown(self, message: int, score: float | None, model: str, blind: bool) -> Shown:
        """What a page shows of a message: score and fingerprint of the model, or neither."""
        text = "" if score is None or blind else repr(score)
        model = "" if blind else model
        return Shown(text, model, self._mark(message, text, model, blind))

    def holds(self, shown: Shown, message: int, blind: bool) -> bool:
        """Whether this is what a page of this process showed."""
        made = self._mark(message, shown.score, shown.model, blind)
        return hmac.compare_digest(made.encode(), shown.seal.encode())

    def _mark(self, message: int, score: str, model: str, blind: bool) -> str:
        """HMAC with SHA-256 (RFC 2104), in hex."""
        shown = f"{message}\n{score}\n{model}\n{int(blind)}"
        return hmac.new(self._key, shown.encode(), hashlib.sha256).hexdigest()
