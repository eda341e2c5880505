"""Cases of invented mail for the tests of the review page, and a browser without a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scan_building import mail, write_mbox
from starlette.testclient import TestClient

from riskscan.case.location import Place
from riskscan.case.store import Finding, FoundEntity, Scored, open_case
from riskscan.engine import Engine
from riskscan.review.app import open_page
from riskscan.review.desk import Desk
from riskscan.sources import Limits
from riskscan.stages.ingest import ingest
from riskscan.stages.merging import merge
from riskscan.stages.progress import Silent

PORT = 8123
WORRY = "We should keep this off the books."


def build_case(
    folder: Path,
    mails: Sequence[bytes],
    *,
    worries: Sequence[int] = (),
    entities: dict[int, list[FoundEntity]] | None = None,
    custodian: str | None = "nora",
    place: Place | None = None,
) -> Any:
    """A case of mails, numbered from 1; ``worries`` are flagged, the first of them the worst.

    The finding of a flagged one is where its body has WORRY.
    """
    export = write_mbox(folder / "box.mbox", mails)
    case = folder / "case" if place is None else place
    with open_case(case) as store, Engine(0) as engine:
        run = store.start_run("scan", {})
        ingest(store, engine, [export], custodian, Silent(), Limits())
        with store.engine.connect() as connection:
            bodies = dict(
                map(tuple, connection.exec_driver_sql("SELECT message_id, body FROM texts"))
            )
        model = store.model("detector", "invented", "f", {})
        scored = []
        for key, body in bodies.items():
            rank = worries.index(key) if key in worries else None
            score = 0.1 - key / 10_000 if rank is None else 0.9 - rank / 100
            at = body.find(WORRY)
            found = (
                (Finding("authored", None, at, at + len(WORRY), WORRY, "concealment", 0.9),)
                if rank is not None and at >= 0
                else ()
            )
            signals = ("concealment",) if rank is not None else ()
            scored.append(Scored(key, score, rank is not None, signals, found))
        store.add_scores(model, scored)
        if entities:
            store.add_entities(store.model("entities", "e", "f", {}), list(entities.items()))
        merge(store, Silent())
        store.finish_run(run, {})
    return case


def quay_case(folder: Path, place: Place | None = None) -> Any:
    """Six messages: 3 and 5 are flagged (3 the worst), 1, 2 and 3 are one thread, 6 repeats 4."""
    ida = "Ida Holm <ida@quayside.example>"
    third = f"Hello Ben.\n{WORRY} Call me.\n\nOn Monday Ben wrote:\n> twelve of them\n"
    replies = [f"In-Reply-To: <{i}@quayside.example>" for i in (1, 2)]
    mails = [
        mail(1, "Shall we order the crates?", subject="crates"),
        mail(2, "Yes, twelve of them.", subject="Re: crates", headers=replies[0]),
        mail(3, third, subject="Re: crates", headers=replies[1]),
        mail(4, "The picnic is on Sunday.", subject="picnic", sender=ida),
        mail(5, f"{WORRY} Really.", subject="ledger", sender=ida),
        mail(6, "The picnic is on Sunday.", subject="picnic", sender=ida),
    ]
    return build_case(folder, mails, worries=(3, 5), place=place)


@dataclass
class Reviewer:
    """A session on the page of a case, which follows redirects and knows its token."""

    client: TestClient
    desk: Desk
    said: list[str]

    def get(self, address: str, **more: Any) -> Any:
        return self.client.get(address, **more)

    def text(self, address: str) -> str:
        answer = self.get(address)
        assert answer.status_code == 200, answer.text
        return str(answer.text)

    @property
    def token(self) -> str:
        found = re.search(r'name="token" value="([^"]+)"', self.text("/help"))
        assert found is not None
        return found[1]

    def post(self, address: str, **fields: Any) -> Any:
        fields = {"token": self.token, "view": "", **fields}
        return self.client.post(address, data=fields)

    def decide(self, message: int, verdict: str, **fields: Any) -> Any:
        return self.post(f"/m/{message}/decide", verdict=verdict, **fields)

    def order(self, address: str = "/") -> list[int]:
        """The numbers of the messages on a page of the queue."""
        return [int(key) for key in re.findall(r'class="go" href="/m/(\d+)', self.text(address))]


@contextmanager
def reviewing(case: Place, name: str = "Ann Bell") -> Iterator[Reviewer]:
    """The page of a case, entered by its link; the search index is complete."""
    said: list[str] = []
    desk, gate, app = open_page(case, PORT, name, said.append)
    desk.queue.search.extend()
    client = TestClient(app, base_url=f"http://127.0.0.1:{PORT}")
    try:
        assert client.get(gate.link).status_code == 200
        yield Reviewer(client, desk, said)
    finally:
        desk.close()
