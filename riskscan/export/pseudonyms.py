"""The key of a pseudonymised export: which pseudonym stands for what, in a file kept apart.

Who has the key can undo everything; without it nobody can compute a pseudonym from a name, for they
are numbers in the order of first use (GDPR, article 4(5): kept separately).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from riskscan.export.production import ProductionError

_MARK = "riskscan key of pseudonyms"
_LABELS = {
    "person": "Person {:04}",
    "name": "Name {:04}",
    "mailbox": "Mailbox {:04}",
    "custodian": "Custodian {:04}",
    "source": "source-{:04}",
    "domain": "org{:04}.example",
    "host": "host{:04}",
    "phone": "phone-{:04}",
    "account": "account-{:04}",
}
_ADDRESS = "address"


class Key:
    """Real forms and their pseudonyms by kind; what is asked for the first time gets the next one.

    ``person``: names and addresses of people, many of which have one pseudonym; ``name``: single
    names that fit several people or nobody; the others one for one.
    """

    def __init__(self, secret: bytes, known: dict[str, dict[str, str]]) -> None:
        self._secret = secret
        self._known = {kind: dict(known.get(kind, {})) for kind in (*_LABELS, _ADDRESS)}
        self._next = {kind: _highest(self._known[kind]) + 1 for kind in _LABELS}
        self._addresses = set(self._known[_ADDRESS].values())

    @classmethod
    def new(cls) -> Key:
        """An empty key."""
        return cls(secrets.token_bytes(32), {})

    def of(self, kind: str, real: str) -> str:
        """The pseudonym of one thing."""
        table = self._known[kind]
        if real not in table:
            table[real] = self._take(kind)
        return table[real]

    def person(self, addresses: Sequence[str], names: Iterable[str]) -> str:
        """The pseudonym of somebody who has these addresses and names (folded).

        An address that is known tells who it is; a name does so only of one who has no address.
        """
        table = self._known["person"]
        names = list(names)
        known = next((table[a] for a in addresses if a in table), None)
        if known is None and not addresses:
            known = next((table[n] for n in names if n in table), None)
        known = known or self._take("person")
        for form in (*addresses, *names):
            table.setdefault(form, known)
        return known

    def address(self, real: str, local: str, domain: str) -> str:
        """The pseudonym of an address, by preference ``local@domain``."""
        table = self._known[_ADDRESS]
        if real not in table:
            wanted, number = f"{local}@{domain}", 1
            while wanted in self._addresses:
                number += 1
                wanted = f"{local}-{number}@{domain}"
            table[real] = wanted
            self._addresses.add(wanted)
        return table[real]

    def digest(self, text: str) -> str:
        """A keyed hash (HMAC-SHA-256, the first 24 hex digits) for identifiers."""
        return hmac.new(
            self._secret, text.encode("utf-8", "surrogatepass"), hashlib.sha256
        ).hexdigest()[:24]

    def _take(self, kind: str) -> str:
        number = self._next[kind]
        self._next[kind] = number + 1
        return _LABELS[kind].format(number)

    def told(self) -> dict[str, Any]:
        """What the file of the key holds."""
        return {_MARK: 1, "secret": self._secret.hex(), "pseudonyms": self._known}


def _highest(table: dict[str, str]) -> int:
    numbers = ("".join(c for c in one if c.isdigit()) for one in table.values())
    return max((int(n) for n in numbers if n), default=0)


def read_key(file: Path, export: Path) -> Key:
    """The key in ``file``, a new one when there is no such file yet.

    Raises ProductionError when it lies in what is exported, others may read it, or it is no key.
    """
    place, out = file.resolve(), export.resolve()
    if place == out or out in place.parents:
        raise ProductionError(f"The key '{file}' must not lie in what is exported: name another.")
    if not place.parent.is_dir():
        raise ProductionError(f"There is no folder '{file.parent}' for the key.")
    if not file.exists():
        return Key.new()
    if os.name == "posix" and file.stat().st_mode & 0o077:
        raise ProductionError(f"Others may read the key '{file}': take that right away (0600).")
    try:
        told = json.loads(file.read_text("utf-8"))
        secret = bytes.fromhex(told["secret"]) if _MARK in told else b""
        known = {
            str(kind): {str(k): str(v) for k, v in table.items()}
            for kind, table in told["pseudonyms"].items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ProductionError(f"'{file}' is no key of pseudonyms.") from error
    if len(secret) < 16:
        raise ProductionError(f"'{file}' is no key of pseudonyms.")
    return Key(secret, known)


def write_key(key: Key, file: Path) -> None:
    """Write the key whole or not at all, readable by its owner alone."""
    draft = file.with_name(f".{file.name}.{os.getpid()}.draft")
    text = json.dumps(key.told(), ensure_ascii=True, indent=1) + "\n"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
