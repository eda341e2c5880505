"""The rights that docs/team.md gives: enough to review, too few to change a decision."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgresql_server import Server
from review_building import quay_case, reviewing
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from riskscan.case.database import Database
from riskscan.case.location import CaseError, locate
from riskscan.case.open import connect, open_case, writing
from riskscan.case.read import Case
from riskscan.cli import app
from riskscan.learn.queue import Loop
from riskscan.learn.validate import draw

DOCUMENT = Path(__file__).resolve().parent.parent.parent / "docs" / "team.md"


@pytest.fixture
def ben(tmp_path: Path, postgresql: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A case as a reviewer of these rights opens it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    place = locate(postgresql.place())
    assert isinstance(place, Database)
    quay_case(tmp_path, place)
    (grants,) = re.findall(r"```sql\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    engine = connect(place)
    with writing(engine) as connection:
        connection.exec_driver_sql("CREATE ROLE reviewers")
        connection.exec_driver_sql("CREATE ROLE ben LOGIN IN ROLE reviewers")
        connection.exec_driver_sql(grants.replace("SCHEMA riskscan", f"SCHEMA {place.schema}")
                                   .replace(" riskscan.", f" {place.schema}."))  # fmt: skip
    yield Database(place.url.set(username="ben"), place.schema)
    with writing(engine) as connection:
        connection.exec_driver_sql("DROP OWNED BY reviewers, ben; DROP ROLE ben, reviewers")
    engine.dispose()


def test_a_reviewer_can_review(ben: Database) -> None:
    with reviewing(ben, "Ben") as page:
        page.get("/next")
        assert "Saved" in page.decide(3, "flag", signal="concealment").text
        page.decide(4, "not")
        page.post("/undo")
        assert page.order("/?q=crates")
        page.post("/saved", name="Crates", view="q=crates")
        page.post("/reviewer", name="Ann")
        page.post("/second", size="1")
        for address in ("/people", "/timeline", "/progress", "/chain", "/m/3/history"):
            page.text(address)
    loop = Loop(ben)
    loop.update()
    loop.update()
    loop.close()
    draw(ben, size=2)
    with reviewing(ben, "Ben") as page:
        # Read on down the queue: the next update notes what was passed.
        for _ in range(2):
            page.decide(int(page.get("/next").url.path.removeprefix("/m/")), "not")
    loop = Loop(ben)
    loop.update()
    loop.close()
    for command in ("show", "audit", "manifest", "entities", "quarantine"):
        made = CliRunner().invoke(app, [command, str(ben)])
        assert made.exit_code == 0, made.output


def test_a_reviewer_cannot_change_a_decision(ben: Database) -> None:
    with reviewing(ben, "Ben") as page:
        page.decide(3, "flag")
    engine = connect(ben)
    for statement in (
        "UPDATE decisions SET verdict = 'not'", "DELETE FROM decisions", "TRUNCATE decisions",
        "ALTER TABLE decisions DISABLE TRIGGER USER", "DROP TRIGGER decisions_stay ON decisions",
        "UPDATE messages SET content_hash = ''", "UPDATE riskscan_case SET version = 9",
    ):  # fmt: skip
        with pytest.raises((CaseError, DBAPIError)), writing(engine) as connection:
            connection.exec_driver_sql(statement)
    engine.dispose()
    with Case(ben) as case, case.connect() as connection:
        assert connection.exec_driver_sql("SELECT verdict FROM decisions").scalar() == "flag"


def test_what_needs_the_owner_is_refused_with_a_sentence(ben: Database) -> None:
    with pytest.raises(CaseError, match="permission denied"), open_case(ben) as store:
        store.start_run("scan", {})
