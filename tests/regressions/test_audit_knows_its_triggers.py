"""The audit looked for the names of the triggers only, not for what they do."""

from __future__ import annotations

from pathlib import Path

import pytest
from postgresql_server import Places
from review_building import quay_case
from sqlalchemy import text

from riskscan.case.chain import verify
from riskscan.case.decisions import Decision, Decisions
from riskscan.case.location import locate
from riskscan.case.open import connect, writing

_EMPTY = {
    "sqlite": [
        "DROP TRIGGER decisions_stay",
        "CREATE TRIGGER decisions_stay BEFORE UPDATE ON decisions WHEN 0 BEGIN SELECT 1; END",
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION decisions_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RETURN NULL; END$$"
    ],
}
_ADDED = {
    "sqlite": [
        "CREATE TRIGGER also BEFORE UPDATE ON decisions BEGIN SELECT RAISE(IGNORE); END",
    ],
    "postgresql": [
        "CREATE TRIGGER also BEFORE UPDATE ON decisions "
        "FOR EACH STATEMENT EXECUTE FUNCTION decisions_refuse('x')"
    ],
}


@pytest.mark.parametrize(
    ("statements", "told"), [(_EMPTY, "is another one"), (_ADDED, "is not riskscan's")]
)
def test_a_trigger_that_refuses_nothing_is_found(
    tmp_path: Path, new_place: Places, statements: dict[str, list[str]], told: str
) -> None:
    place = new_place()
    quay_case(tmp_path, place)
    ledger = Decisions(place)
    ledger.decide("Ann", [Decision(3, "flag")])
    ledger.close()
    engine = connect(locate(place))
    try:
        with engine.connect() as connection:
            assert verify(connection).faults == ()
        with writing(engine) as connection:
            for one in statements[connection.dialect.name]:
                connection.execute(text(one))
        with engine.connect() as connection:
            faults = verify(connection).faults
    finally:
        engine.dispose()
    assert {fault.kind for fault in faults} == {"unguarded"}
    assert told in faults[0].reason
