"""Any text comes back from a case as it was, wherever the case is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postgresql_server import Server
from sqlalchemy import Connection, func, insert, select

from riskscan.case import schema
from riskscan.case.batch import put, put_one
from riskscan.case.escape import escape, lower, unescape
from riskscan.case.open import connect, open_case, writing

# What PostgreSQL cannot hold, what stands for it, and what stands before that.
HARD = "\0\ud800\udbff\udc00\udfff\ufdd0\ufdd1\U0010f800\U0010fbff\U0010fc00\U0010ffff"
texts = st.text(st.one_of(st.sampled_from(HARD), st.characters(exclude_categories=())))


@given(texts)
def test_what_is_escaped_is_utf_8_and_comes_back(text: str) -> None:
    made = escape(text)
    assert "\0" not in made
    made.encode("utf-8")
    assert unescape(made) == text


@given(st.text(st.characters(exclude_characters="\ufdd1\ufdd0", max_codepoint=0xFFFF)))
def test_the_length_of_usual_text_stays(text: str) -> None:
    assert len(escape(text)) == len(text)


@given(texts, texts)
def test_different_texts_stay_different(one: str, other: str) -> None:
    assert (escape(one) == escape(other)) == (one == other)


@pytest.fixture(scope="module")
def server(postgresql: Server) -> Iterator[Connection]:
    place = postgresql.place()
    with open_case(place):
        pass
    engine = connect(place)
    with writing(engine) as connection:
        yield connection
        connection.rollback()
    engine.dispose()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(several=st.lists(texts, min_size=1, max_size=20))
def test_postgresql_gives_any_text_back(server: Connection, several: list[str]) -> None:
    table = schema.corrections
    rows = [{"batch": 1, "made": "", "action": "", "one": t, "other": HARD} for t in several]
    server.execute(table.delete())
    put(server, insert(table), rows)
    put_one(server, table, **rows[0])
    found = server.execute(select(table.c.one, table.c.other).order_by(table.c.id)).all()
    assert [tuple(row) for row in found] == [(t, HARD) for t in [*several, several[0]]]
    # Sought as it is given, through a function too.
    same = select(func.count()).where(table.c.one == several[0], table.c.other == HARD)
    assert server.execute(same).scalar_one() >= 2
    smaller = server.execute(select(lower(table.c.other)).limit(1)).scalar_one()
    assert smaller == HARD


@settings(max_examples=60)
@given(value=st.recursive(texts, lambda inner: st.lists(inner, max_size=3)))
def test_json_holds_any_text(server: Connection, value: object) -> None:
    table = schema.runs
    row = {"command": "x", "version": "1", "settings": {"told": value}, "started": ""}
    made = put_one(server, table, **row)
    found = server.execute(select(table.c.settings).where(table.c.id == made)).scalar_one()
    assert found == {"told": value}
