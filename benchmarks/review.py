"""How fast the pages of ``riskscan review`` are in a large case.

    python benchmarks/review.py FOLDER [--messages 500000]

builds a case of invented messages in FOLDER (kept: a second run measures only), and times each
page through the whole application, without the network: median and worst of several calls, by the
clock and in processor time of this process, which other programs do not add to. Then it makes
decisions, and times them and the pages while the queue learns from them, and after that.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from riskscan.case import schema
from riskscan.case.decisions import Decision, Decisions
from riskscan.case.open import DATABASE, connect
from riskscan.detect.assessment import SIGNALS
from riskscan.learn.validate import draw
from riskscan.review.app import open_page
from riskscan.review.desk import Desk

PEOPLE, ENTITIES, CUSTODIANS, WORDS = 2_000, 20_000, 40, 8_000
DECIDED, SAMPLED = 20_000, 1_500


def words(count: int) -> list[str]:
    """Pronounceable words, the same ones each time."""
    rng = random.Random(7)
    parts = [a + b for a in "bdfglmnprstvz" for b in "aeiou"]
    return ["".join(rng.choice(parts) for _ in range(rng.randint(1, 4))) for _ in range(count)]


def rows(number: int) -> Iterator[dict[str, tuple[Any, ...]]]:
    """One message after another: its row of each table."""
    rng = random.Random(11)
    lexicon = words(WORDS)
    weights = [1 / (i + 1) for i in range(WORDS)]
    stream = rng.choices(lexicon, weights, k=2_000_000)
    for key in range(1, number + 1):
        at = rng.randrange(len(stream) - 400)
        body = " ".join(stream[at : at + rng.randint(20, 300)])
        score = rng.random() ** 6
        day = rng.randrange(3_000)
        date = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(1_300_000_000 + day * 86_400))
        sender = int(PEOPLE * rng.random() ** 2) + 1
        signals = [rng.choice(SIGNALS)] if score > 0.5 else []
        named = body[:30]
        yield {
            "messages": (
                key, 1, str(key), None, f"custodian {key % CUSTODIANS}", "inbox", "mail", "",
                f"<{key}@bench.example>", "", f"{key:064x}", "", len(body), date, "",
                f"Person {sender}", f"p{sender}@bench.example", " ".join(stream[at : at + 5]),
                "[]", "[]", "plain", "[]", f"thread {key // 4}", f"{key:064x}", len(body), 1, score,
                score > 0.5, json.dumps(signals), 1,
            ),
            "texts": (key, body, json.dumps([["authored", 0, len(body)]])),
            "recipients": (key, 0, "to", "", f"p{rng.randint(1, PEOPLE)}@bench.example"),
            "findings": (key, key, "authored", None, 0, 30, named, signals[0] if signals else
                         SIGNALS[0], score),
            "entities": (key, key, "authored", 0, 8, body[:8], "ORG"),
            "merged_mentions": (key, PEOPLE + 1 + key % ENTITIES, "same name"),
            "sender": (sender, key, "from"),
            "reader": (key % PEOPLE + 1, key, "to"),
            "named": (PEOPLE + 1 + key % ENTITIES, key, "named"),
            # Every tenth message is like the one before; every fourth is held by the next.
            **({"near": (key, key - key % 10 % 9, 0.9)} if key % 10 in (0, 1) and key > 1 else {}),
            "inclusive": (key, key + 1 if key % 4 == 1 and key < number else None, "last", None,
                          10, 10, "[]"),
        }  # fmt: skip


def build(folder: Path, number: int) -> None:
    """A case of ``number`` messages, by SQL."""
    folder.mkdir(parents=True)
    connect(folder, create=True).dispose()
    names = [c.name for c in schema.messages.c]
    into = {name: name for name in ("texts", "recipients", "findings", "entities")}
    into |= {"merged_mentions": "merged_mentions"}
    into |= dict.fromkeys(("sender", "reader", "named"), "appearances")
    into |= {"near": "near_duplicates", "inclusive": "inclusiveness"}
    connection = sqlite3.connect(folder / DATABASE, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    # No log beside it: all is one transaction, and nobody reads meanwhile.
    connection.execute("PRAGMA journal_mode=MEMORY")
    connection.execute("BEGIN")
    connection.execute(
        "INSERT INTO units (id, export, path, kind, bytes, sha256, done, events_done) "
        "VALUES (1, 'bench', 'bench', 'mbox', 0, '', 1, 0)"
    )
    connection.execute("INSERT INTO sources VALUES (1, 1, 'bench.mbox', 'mbox', 'x', ?)", (number,))
    connection.execute("INSERT INTO models VALUES (1, 'detector', 'bench', ?, '{}')", ("0" * 64,))
    for key in range(1, PEOPLE + ENTITIES + 1):
        kind = "PERSON" if key <= PEOPLE else "ORG"
        connection.execute(
            "INSERT INTO merged (id, label, name, anchor, alone) VALUES (?, ?, ?, ?, 0)",
            (key, kind, f"{kind.title()} {key}", str(key)),
        )
    waiting: dict[str, list[tuple[Any, ...]]] = {}
    columns = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join("?" * len(names))

    def flush() -> None:
        for table, some in waiting.items():
            if table == "messages":
                connection.executemany(f"INSERT INTO messages ({columns}) VALUES ({marks})", some)
            else:
                values = ", ".join("?" * len(some[0]))
                connection.executemany(
                    f"INSERT OR IGNORE INTO {into[table]} VALUES ({values})", some
                )
        waiting.clear()

    for count, row in enumerate(rows(number), 1):
        for table, values in row.items():
            waiting.setdefault(table, []).append(values)
        if count % 10_000 == 0:
            flush()
    flush()
    connection.execute("INSERT INTO groupings VALUES (1, 'bench')")
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    ledger = Decisions(folder)
    rng = random.Random(3)
    chosen = rng.sample(range(1, number + 1), min(DECIDED, number // 2))
    ledger.decide(
        "Bench", [Decision(key, rng.choice(("flag", "not"))) for key in chosen], batch=True
    )
    ledger.close()
    draw(folder, size=min(SAMPLED, number // 10))


def addresses(desk: Desk) -> dict[str, str]:
    """The pages to time, by name."""
    lexicon = words(WORDS)
    often, also, rare = lexicon[0], lexicon[1], lexicon[-1]
    ids, order = desk.queue.columns.ids, desk.queue.columns.orders["worst"]
    with desk.case.connect() as connection:
        drawn = desk.validation(connection).messages
    worst = ids[order[0]]
    return {
        "queue": "/",
        "queue, deep": f"/?after=u{ids[order[len(ids) * 2 // 3]]}",
        "queue, worst first": "/?order=worst",
        "queue, newest": "/?order=newest",
        "near-duplicates once": "/?collapse=near",
        "threads and these once": "/?collapse=both&decided=no",
        "undecided": "/?decided=no",
        "flagged": "/?decided=flag",
        "custodian, dates, score": "/?custodian=custodian+7&since=2014-01-01&low=0.2&high=0.9",
        "signal": "/?signal=concealment",
        "person": "/?who=1",
        "entity": "/?who=2500",
        "pair": "/?writer=1&reader=2",
        "people by name": "/?people=p17",
        "search, frequent word": f"/?q={often}",
        "search, rare word": f"/?q={rare}",
        "search, two frequent words": f"/?q={often}+{also}",
        "search, phrase": f'/?q="{often}+{also}"',
        "search, phrase, NOT": f'/?q="{often}+{often}"+NOT+{rare}',
        "search, frequent w/5 rare": f"/?q={often}+w/5+{rare}",
        "search, frequent w/5 same": f"/?q={often}+w/5+{also}",
        "search, begins with": f"/?q={often[0]}*",
        "search, mailbox, once": f"/?q={often}&custodian=custodian+7&collapse=both",
        "message": f"/m/{worst}",
        "message in a phrase": f'/m/{ids[order[5]]}?q="{often}+{also}"',
        "its record": f"/m/{worst}/history",
        "batch, thread": f"/m/{worst}/batch?scope=thread",
        "batch, near-duplicates": f"/m/{worst}/batch?scope=near",
        "validation sample": "/?decided=sample",
        "message of the sample": f"/m/{drawn[0]}?decided=sample",
        "timeline": "/timeline",
        "timeline, phrase": f'/timeline?q="{often}+{also}"',
        "people": "/people",
        "progress": "/progress",
        "verify the record": "/chain",
        "protocol": "/protocol",
    }


class Clock:
    """Times requests: median, worst and processor time of each page, in milliseconds."""

    def __init__(self, desk: Desk, client: TestClient, token: str) -> None:
        self.worst = 0.0
        self._desk, self._client, self._token = desk, client, token
        # By page: the clock and the processor time of each answer, and whether it says "looking".
        self._took: dict[str, list[tuple[float, float, bool]]] = {}

    def ask(self, name: str, ask: Callable[[], Any]) -> None:
        """Time an answer, without what was found before."""
        with self._desk.queue._lock:
            self._desk.queue._lists.clear()
        begun, busy = time.perf_counter(), time.process_time()
        answer = ask()
        took = (time.perf_counter() - begun) * 1000
        worked = (time.process_time() - busy) * 1000
        assert answer.status_code in (200, 303), (name, answer.text)
        self.worst = max(self.worst, took)
        self._took.setdefault(name, []).append((took, worked, "data-again" in answer.text))

    def pages(self, pages: dict[str, str], repeat: int = 1) -> None:
        """Time every page."""
        for name, address in pages.items():
            for _ in range(repeat):
                self.ask(name, lambda address=address: self._client.get(address))

    def decide(self, messages: Iterable[int]) -> None:
        """Time a decision on each of these messages, and the page that follows."""
        form = {"token": self._token, "verdict": "flag", "view": ""}
        for message in messages:
            address = f"/m/{message}/decide"
            self.ask(
                "decide", lambda address=address: self._client.post(
                    address, data=form, follow_redirects=False
                )
            )  # fmt: skip
            self.ask("page after a decision", lambda: self._client.get("/"))

    def report(self, title: str) -> None:
        """Print a line a page, and begin anew."""
        print(f"{title:28} {'median':>7} {'worst':>7} {'cpu':>7} {'worst':>7}  ms")
        for name, answers in self._took.items():
            clock, cpu = [a[0] for a in answers], [a[1] for a in answers]
            waits = sum(a[2] for a in answers)
            more = f"   {waits} of {len(answers)} say: still looking" if waits else ""
            print(
                f"{name:28} {statistics.median(clock):7.0f} {max(clock):7.0f} "
                f"{statistics.median(cpu):7.0f} {max(cpu):7.0f}{more}",
                flush=True,
            )
        self._took.clear()


def measure(folder: Path, repeat: int, patience: float) -> None:
    """Print a line a page, first quiet and then while the queue learns."""
    said: list[str] = []
    started, busy = time.perf_counter(), time.process_time()
    desk, gate, app = open_page(folder, 80, "Bench", said.append, apart=True)
    print(
        f"opened in {time.perf_counter() - started:.1f} s "
        f"({time.process_time() - busy:.1f} s of processor time)"
    )
    desk.warm()
    started = time.perf_counter()
    desk.queue.search.extend()
    print(f"search index in {time.perf_counter() - started:.1f} s")
    client = TestClient(app, base_url="http://127.0.0.1:80")
    client.headers["host"] = "127.0.0.1:80"
    client.get(gate.link.partition(":80")[2], follow_redirects=False)
    client.get("/people")
    started = time.perf_counter()
    while desk.overview.figures(desk.queue.columns.serial) is None:
        time.sleep(0.1)
    print(f"people counted in {time.perf_counter() - started:.1f} s")
    token = client.get("/").text.partition('name="token" value="')[2].partition('"')[0]
    clock, pages = Clock(desk, client, token), addresses(desk)
    columns = desk.queue.columns
    with desk.case.connect() as connection:
        desk.refresh(connection)
        apart = desk.validation(connection).blind
    open_ = ~desk.queue.verdicts.mask(columns, "any", "") & ~columns.mask(sorted(apart))
    order = columns.orders["worst"]
    undecided = iter(columns.ids[order[open_[order]]].tolist())
    clock.pages(pages, repeat)
    clock.report("quiet")
    learn(desk, clock, pages, undecided, patience)
    clock.pages(pages, repeat)
    clock.decide(islice(undecided, 12))
    clock.report("after it, in the order learnt")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(columns):,} messages; the worst answer took {clock.worst:.0f} ms; "
        f"peak memory {peak:.0f} MiB"
    )
    desk.close()
    apart_time = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"the process that learns worked {apart_time.ru_utime + apart_time.ru_stime:.0f} s, "
        f"peak memory {apart_time.ru_maxrss / 1024:.0f} MiB"
    )


def learn(
    desk: Desk, clock: Clock, pages: dict[str, str], undecided: Iterator[int], patience: float
) -> None:
    """Decide until the queue has learnt from it, with all pages in between."""
    before, started = desk.queue.learning, time.perf_counter()
    while desk.queue.learning == before and time.perf_counter() - started < patience:
        clock.decide(islice(undecided, 12))
        clock.pages(pages)
    clock.report("while the queue learns")
    took = time.perf_counter() - started
    learnt = "learnt" if desk.queue.learning != before else "not learnt"
    print(f"{learnt} after {took:.0f} s{': ' if desk.learning.failure else ''}"
          f"{desk.learning.failure}")  # fmt: skip


def main() -> None:
    """Build if there is nothing yet, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--messages", type=int, default=500_000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--patience", type=float, default=900, help="seconds to wait for learning")
    given = parser.parse_args()
    if not given.folder.exists():
        build(given.folder, given.messages)
    measure(given.folder, given.repeat, given.patience)


if __name__ == "__main__":
    sys.exit(main())
