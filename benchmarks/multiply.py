"""Mailboxes of as many messages as one likes, made of a smaller corpus, for long runs.

    python benchmarks/multiply.py DIR OUT --messages 2000000 [--seed 1] [--workers 2]

DIR is the Enron corpus (mboxes). OUT gets one folder a round, each with the mailboxes of DIR, in
which everything is new that would let a message be taken for one of another round:

- dates are 97 days later each round;
- addresses are handed on within their domain, so that somebody else writes, with the name that the
  address spells beside it; half of the addresses outside the largest domain move to a domain of
  their round, so that their number grows as it does in a company over the years;
- Message-IDs are new; a reply, by its subject, to a message of the same mailbox names that and the
  ten before it in References and In-Reply-To (the corpus has neither any more);
- of the words of three letters and more, a share (``--share``, a third) are other words of the
  corpus, as frequent there as here.

What becomes of a line depends on the line, the round and the seed alone: a copy in another mailbox
stays a copy, and a quoted line stays that of the message it is from. The same command makes the
same bytes, whatever the number of workers. Memory is bounded by the addresses of DIR and a sample
of its words.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import random
import re
from collections import Counter, OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from zlib import crc32

from riskscan.mail.thread import base_subject
from riskscan.sources import Item, Limits, discover

_SHIFT = timedelta(days=97)
_WORDS = 1 << 16
_ADDRESS = re.compile(rb"[A-Za-z0-9._%+'-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")
_PREFIX = re.compile(rb"(?i)((?:re|fwd?|aw|wg)\s*:\s*)+")
_FIELD = re.compile(rb"([A-Za-z][A-Za-z0-9-]*):[ \t]?(.*)", re.S)
_FROM = re.compile(rb"(?m)^(>*From )")
# Of the message that was: whom it named, and what it answered.
_LEFT_OUT = (b"references", b"in-reply-to", b"x-from", b"x-to", b"x-cc", b"x-bcc")
_REMEMBERED = 20_000  # conversations of a mailbox
_CHAIN = 10


@dataclass(frozen=True)
class Stock:
    """What a round draws from: the addresses of each domain, the largest one, words as met."""

    people: dict[bytes, list[bytes]]
    places: dict[bytes, int]
    largest: bytes
    words: list[bytes]


def mailboxes(folder: Path) -> list[tuple[str, int]]:
    """Names of the mailboxes of DIR and their numbers of messages."""
    return [(name, sum(1 for _ in _messages(folder / name))) for name in _names(folder)]


def _names(folder: Path) -> list[str]:
    if "holdout" in folder.resolve().parts:
        raise SystemExit("the holdout is not for making anything of it")
    return sorted(f.name for f in folder.iterdir() if f.is_file())


def _messages(file: Path) -> Iterator[bytes]:
    for unit in discover([file], Limits()):
        for event in getattr(unit, "events", lambda _: ())(0):
            if isinstance(event, Item):
                yield event.data


def take_stock(folder: Path, seed: int) -> Stock:
    """Go through DIR once for its addresses and a sample of its words."""
    rng = random.Random(seed)
    people: dict[bytes, set[bytes]] = {}
    words: list[bytes] = []
    met = 0
    for name in _names(folder):
        for data in _messages(folder / name):
            head, _, body = data.partition(b"\n\n")
            for address in _ADDRESS.findall(head.lower()):
                local, _, domain = address.rpartition(b"@")
                people.setdefault(domain, set()).add(local)
            for word in body.split()[:400:4]:
                if len(word) > 2 and word.isalpha():
                    met += 1
                    if len(words) < _WORDS:
                        words.append(word)
                    elif (at := rng.randrange(met)) < _WORDS:
                        words[at] = word
    ordered = {domain: sorted(some) for domain, some in sorted(people.items())}
    places = {
        local + b"@" + domain: at
        for domain, some in ordered.items()
        for at, local in enumerate(some)
    }
    largest = max(ordered, key=lambda domain: len(ordered[domain]))
    return Stock(ordered, places, largest, words)


class Round:
    """One round: the corpus once more, otherwise."""

    def __init__(self, stock: Stock, seed: int, number: int, share: float) -> None:
        self.stock, self.number = stock, number
        self.salt = crc32(f"{seed} {number}".encode())
        self.share = int(share * 2**16)
        self._heard: OrderedDict[str, list[bytes]] = OrderedDict()
        self._addresses: dict[bytes, bytes] = {}

    def begin(self) -> None:
        """A mailbox begins: conversations are its own."""
        self._heard.clear()

    def message(self, data: bytes) -> bytes:
        """A message of this round."""
        head, _, body = data.replace(b"\r\n", b"\n").partition(b"\n\n")
        lines: list[bytes] = []
        own, base, reply = b"", "", False
        for field in re.split(rb"\n(?![ \t])", head):
            match = _FIELD.match(field)
            name, value = (match[1].lower(), match[2]) if match else (b"", b"")
            if name == b"message-id":
                own = self._id(value.strip())
                value = own
            elif name == b"date":
                value = self._date(value)
            elif name == b"subject":
                mark = _PREFIX.match(value)
                start = mark.end() if mark else 0
                value = value[:start] + self._line(value[start:])
                base, reply = base_subject(value.decode("utf-8", "replace"))
            elif name in (b"from", b"to", b"cc", b"bcc"):
                value = _ADDRESS.sub(self._person, value)
            elif name in _LEFT_OUT:
                continue
            elif b"@" in field:
                value = _ADDRESS.sub(self._address, value)
            lines.append(match[1] + b": " + value if match else field)
        lines += self._answering(base, own, reply)
        text = b"\n".join(self._line(line) for line in body.split(b"\n"))
        return b"\n".join(lines) + b"\n\n" + text

    def _answering(self, base: str, own: bytes, reply: bool) -> list[bytes]:
        if not base or not own:
            return []
        chain = self._heard.pop(base, [])
        self._heard[base] = [*chain, own][-_CHAIN:]
        if len(self._heard) > _REMEMBERED:
            self._heard.popitem(last=False)
        if not reply or not chain:
            return []
        return [b"In-Reply-To: " + chain[-1], b"References: " + b"\n ".join(chain)]

    def _id(self, value: bytes) -> bytes:
        digest = hashlib.blake2b(value, digest_size=12, salt=self.salt.to_bytes(4, "big"))
        return b"<" + digest.hexdigest().encode() + b"@round%d.example>" % self.number

    def _date(self, value: bytes) -> bytes:
        try:
            date = parsedate_to_datetime(value.decode("ascii", "replace").strip())
            return format_datetime(date + self.number * _SHIFT).encode()
        except (ValueError, OverflowError):
            return value

    def _person(self, match: re.Match[bytes]) -> bytes:
        """An address of a header, with the name that it spells."""
        address = self._address(match)
        given, _, surname = address.partition(b"@")[0].partition(b".")
        if not (given.isalpha() and surname.isalpha()):
            return address
        return given.capitalize() + b" " + surname.capitalize() + b" <" + address + b">"

    def _address(self, match: re.Match[bytes]) -> bytes:
        address = match[0]
        known = self._addresses.get(address)
        if known is None:
            known = self._addresses[address] = self._handed_on(address.lower())
        return known

    def _handed_on(self, address: bytes) -> bytes:
        local, _, domain = address.rpartition(b"@")
        some = self.stock.people.get(domain)
        at = self.stock.places.get(address)
        if some is not None and at is not None:
            local = some[(at + self.number * 7919) % len(some)]
        if domain != self.stock.largest and crc32(address) & 1:
            domain = b"r%d.%s" % (self.number, domain)
        return local + b"@" + domain

    def _line(self, line: bytes) -> bytes:
        """The line with some of its words changed, the same ones wherever it stands."""
        if not line:
            return line
        if b"@" in line:
            line = _ADDRESS.sub(self._address, line)
        words = line.split(b" ")
        lot = crc32(line.lstrip(b"> \t"), self.salt)
        stock, share = self.stock.words, self.share
        for i, word in enumerate(words):
            if len(word) > 2 and word.isalpha():
                lot = (lot * 1664525 + 1013904223) & 0xFFFFFFFF
                if lot >> 16 < share:
                    words[i] = stock[(lot ^ lot >> 13) % len(stock)]
        return b" ".join(words)


def write_round(
    folder: Path, out: Path, number: int, made: Round, boxes: list[tuple[str, int]], most: int
) -> int:
    """Write the mailboxes of a round, ``most`` messages in all; returns how many there are."""
    place = out / f"round-{number:04}"
    place.mkdir(parents=True, exist_ok=True)
    done = 0
    for name, count in boxes:
        if done >= most or not count:
            continue
        made.begin()
        with (place / name.removesuffix(".gz")).open("wb") as file:
            for data in _messages(folder / name):
                if done >= most:
                    break
                text = _FROM.sub(rb">\1", made.message(data)).rstrip(b"\n")
                file.write(b"From MAILER-DAEMON Thu Jan  1 00:00:00 1970\n" + text + b"\n\n")
                done += 1
    return done


_Task = tuple[Path, Path, int, Stock, int, float, list[tuple[str, int]], int]


def _run(task: _Task) -> int:
    folder, out, number, stock, seed, share, boxes, most = task
    return write_round(folder, out, number, Round(stock, seed, number, share), boxes, most)


def main() -> None:
    """Write the mailboxes and say how many messages they hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--messages", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=1 / 3, help="of words that are changed")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    if options.out.exists():
        raise SystemExit(f"'{options.out}' is there already")
    boxes = mailboxes(options.folder)
    each = sum(Counter(dict(boxes)).values())
    stock = take_stock(options.folder, options.seed)
    rounds = range(1, -(-options.messages // each) + 1)
    tasks = [
        (
            options.folder, options.out, number, stock, options.seed, options.share, boxes,
            min(each, options.messages - (number - 1) * each),
        )
        for number in rounds
    ]  # fmt: skip
    done = 0
    with multiprocessing.Pool(options.workers) as pool:
        for count in pool.imap(_run, tasks):
            done += count
            print(f"{done:,} messages", flush=True)
    size = sum(f.stat().st_size for f in options.out.rglob("*") if f.is_file())
    print(f"{size:,} bytes in {options.out}")


if __name__ == "__main__":
    main()
