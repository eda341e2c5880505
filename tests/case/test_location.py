"""Where a case is: what names it, and that its password is told to nobody."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from postgresql_server import Server
from scan_building import contents, mail, write_mbox
from sqlalchemy import create_engine, func, select, text
from typer.testing import CliRunner

from riskscan.case import schema
from riskscan.case.database import Database
from riskscan.case.folder import Folder
from riskscan.case.location import CaseError, Location, locate
from riskscan.case.open import open_case
from riskscan.case.read import Case
from riskscan.cli import app
from riskscan.scanning import run_scan

RUN = CliRunner()
SECRET = "s3cr3t"


def test_a_path_is_a_folder() -> None:
    for given in ("demo", Path("demo"), "./a:b", "C:/cases/one"):
        found = locate(given)
        assert isinstance(found, Folder)
        assert found.folder == Path(given)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg", "PostgreSQL"])
def test_an_address_is_a_database(scheme: str) -> None:
    found = locate(f"{scheme}://ann@db.example:5433/acme?schema=second&sslmode=require")
    assert isinstance(found, Database)
    assert (found.url.host, found.url.port, found.schema) == ("db.example", 5433, "second")
    assert found.url.query == {"sslmode": "require"}
    assert str(found) == "postgresql://ann@db.example:5433/acme?schema=second"
    assert found.name == "acme-second"
    assert found.product("report.html") == Path("acme-second-report.html")
    assert locate(found) is found
    assert pickle.loads(pickle.dumps(found)) == found


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://ann:{SECRET}@h/d", f"postgresql://ann@h/d?password={SECRET}",
        f"postgresql://ann:{SECRET}@h/d?sslpassword={SECRET}", f"postgresql://:{SECRET}@/d?host=/run",
    ],
)  # fmt: skip
def test_no_password_is_shown(address: str) -> None:
    found = locate(address)
    assert SECRET not in f"{found} {found!r} {found.name} {found.product('x')}"
    assert isinstance(found, Database)
    assert found.url.password or "sslpassword" in found.url.query


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://ann:{SECRET}@h:port/d", f"postgresql://ann:{SECRET}@h",
        f"postgresql://ann:{SECRET}@h/d?schema=no-name", f"postgresql://ann:{SECRET}@h/d?schema=A",
        f"postgresql://ann:{SECRET}@h/d?schema=a'--", f"mysql://ann:{SECRET}@h/d",
        f"postgresql://ann:{SECRET}@h/d?options=-csearch_path%3Dx", f"postgresql:/{SECRET}",
    ],
)  # fmt: skip
def test_an_address_that_makes_no_sense_is_refused_without_its_password(address: str) -> None:
    with pytest.raises(CaseError) as refused:
        locate(address)
    assert SECRET not in str(refused.value)
    made = RUN.invoke(app, ["show", address])
    assert made.exit_code == 1
    assert SECRET not in made.output
    assert "Traceback" not in made.output


def test_a_path_cannot_hold_an_address() -> None:
    with pytest.raises(CaseError, match="as text"):
        locate(Path("postgresql://ann@h/d"))


def test_a_server_that_is_not_there_is_told() -> None:
    made = RUN.invoke(app, ["show", f"postgresql://ann:{SECRET}@127.0.0.1:9/d?connect_timeout=2"])
    assert made.exit_code == 1
    assert "'postgresql://ann@127.0.0.1:9/d' cannot be used" in made.output
    assert SECRET not in made.output


def test_an_option_that_the_driver_does_not_know_is_told() -> None:
    made = RUN.invoke(app, ["show", "postgresql://ann@127.0.0.1:9/d?colour=red"])
    assert made.exit_code == 1
    assert "colour" in made.output


def test_without_the_driver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    made = RUN.invoke(app, ["show", "postgresql://ann@h/d"])
    assert made.exit_code == 1
    assert "pip install 'riskscan[postgresql]'" in made.output


def test_no_password_comes_into_the_case_or_its_report(
    tmp_path: Path, postgresql: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    place = postgresql.place().replace("riskscan@", f"riskscan:{SECRET}@")
    box = write_mbox(tmp_path / "ada.mbox", [mail(i) for i in range(3)])
    made = RUN.invoke(app, ["scan", str(box), "--case", place, "--workers", "0", "--json"])
    assert made.exit_code == 0, made.output
    assert SECRET not in made.output
    with Case(place) as case:
        assert SECRET not in json.dumps([case.runs(), case.models()])
    report = Path(json.loads(made.stdout)["report"])
    assert SECRET not in report.read_text("utf-8")
    for command in ("show", "manifest", "audit", "quarantine", "entities"):
        assert RUN.invoke(app, [command, place]).exit_code == 0


def test_no_case_in_a_database(postgresql: Server) -> None:
    with pytest.raises(CaseError, match="There is no riskscan case in 'postgresql://riskscan@"):
        Case(postgresql.place())


def test_a_schema_of_another_program_is_left_alone(postgresql: Server) -> None:
    place = locate(postgresql.place())
    assert isinstance(place, Database)
    engine = create_engine(place.url)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {place.schema}"))
        connection.execute(text(f"CREATE TABLE {place.schema}.theirs (a int)"))
    with pytest.raises(CaseError, match="holds other tables"), open_case(place):
        pass
    with engine.begin() as connection:
        tables = connection.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = :s"), {"s": place.schema}
        )
        assert list(tables.scalars()) == ["theirs"]
    engine.dispose()


def test_two_cases_of_one_database_know_nothing_of_each_other(
    tmp_path: Path, postgresql: Server
) -> None:
    one, other = postgresql.place(), postgresql.place()
    run_scan([write_mbox(tmp_path / "a.mbox", [mail(1)])], one, entities="none")
    with open_case(other), open_case(one):
        assert len(contents(one)["messages"]) == 1
        assert contents(other)["messages"] == []


def test_one_writer_at_a_time_and_readers_go_on(case_place: Location) -> None:
    place = case_place
    with open_case(place):
        with pytest.raises(CaseError, match="Another riskscan is writing"), open_case(place):
            pass
        with Case(place) as case:
            assert case.counts()["found"] == 0
    with open_case(place):
        pass


def test_what_is_read_at_once_is_of_one_moment(case_place: Location) -> None:
    """Else a page would show a message with the names of a merge that came in between."""
    runs = select(func.count()).select_from(schema.runs)
    with open_case(case_place) as store, Case(case_place) as case, case.connect() as connection:
        store.start_run("scan", {})
        assert connection.execute(runs).scalar_one() == 1
        store.start_run("scan", {})
        assert connection.execute(runs).scalar_one() == 1
        connection.rollback()
        assert connection.execute(runs).scalar_one() == 2


_WRITER = """
import sys, time
from riskscan.case.open import open_case
with open_case(sys.argv[1]) as store:
    print("in", flush=True)
    time.sleep(60)
"""


def test_a_writer_that_was_killed_leaves_the_case_free(postgresql: Server) -> None:
    place = postgresql.place()
    child = subprocess.Popen(
        [sys.executable, "-c", _WRITER, place], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "in\n"
    child.kill()
    child.wait()
    child.stdout.close()
    # The server notices the closed connection a moment later.
    for _ in range(100):
        try:
            with open_case(place):
                return
        except CaseError as error:
            assert "Another riskscan" in str(error)
            subprocess.run([sys.executable, "-c", "import time; time.sleep(0.05)"], check=True)
    pytest.fail("the case stays locked")


def test_a_scan_whose_lock_was_lost_writes_nothing_more(postgresql: Server) -> None:
    place = postgresql.place()
    with pytest.raises(CaseError), open_case(place) as store:
        store.start_run("scan", {})
        engine = create_engine(locate(place).url)  # type: ignore[attr-defined]
        with engine.begin() as connection:
            held = text(
                "SELECT pg_terminate_backend(pid) FROM pg_locks "
                "WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
            )
            assert connection.execute(held).scalars().all()
        engine.dispose()
        store.start_run("scan", {})
    with Case(place) as case:
        assert len(case.runs()) == 1


def test_connections_that_ended_meanwhile_are_made_anew(postgresql: Server) -> None:
    place = postgresql.place()
    with open_case(place):
        pass
    with Case(place) as case:
        assert case.counts()["found"] == 0
        engine = create_engine(locate(place).url)  # type: ignore[attr-defined]
        with engine.begin() as connection:
            others = (
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'riskscan'"
            )
            assert connection.execute(text(others)).scalars().all() == [True]
        engine.dispose()
        assert case.counts()["found"] == 0


def test_a_database_that_cannot_hold_all_text_is_refused(postgresql: Server) -> None:
    engine = create_engine(postgresql.address.replace(":", "+psycopg:", 1))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(
            text("CREATE DATABASE latin ENCODING LATIN1 LOCALE 'C' TEMPLATE template0")
        )
    engine.dispose()
    latin = postgresql.address.replace("/postgres", "/latin")
    with pytest.raises(CaseError, match="encoding LATIN1"), open_case(latin):
        pass
