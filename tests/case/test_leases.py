"""Leases: what one reviewer has before them no other is given, until the lease ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from riskscan.case.decisions import prepare
from riskscan.case.leases import give_back, leased, take
from riskscan.case.location import Location
from riskscan.case.open import connect, open_case


@pytest.fixture
def engine(case_place: Location) -> Iterator[Engine]:
    with open_case(case_place):
        pass
    prepare(case_place)
    made = connect(case_place)
    yield made
    made.dispose()


def held(engine: Engine) -> dict[int, str]:
    with engine.connect() as connection:
        return {key: one.reviewer for key, one in leased(connection).items()}


def test_two_reviewers_get_other_messages(engine: Engine) -> None:
    wanted = list(range(30, 0, -1))
    assert take(engine, "Ann", wanted, 3) == [30, 29, 28]
    assert take(engine, "Ben", wanted, 3) == [27, 26, 25]
    assert held(engine) == dict.fromkeys((30, 29, 28), "Ann") | dict.fromkeys((27, 26, 25), "Ben")


def test_what_is_taken_again_takes_the_place_of_what_was(engine: Engine) -> None:
    take(engine, "Ann", [1, 2, 3], 3)
    assert take(engine, "Ann", [2, 3, 4, 5], 3) == [2, 3, 4]
    assert take(engine, "Ben", [1, 2, 3, 4, 5], 3) == [1, 5]


def test_a_lease_ends_by_itself(engine: Engine) -> None:
    take(engine, "Ann", [1, 2], 2, seconds=-1)
    assert held(engine) == {}
    assert take(engine, "Ben", [1, 2], 2) == [1, 2]


def test_what_is_given_back_is_free(engine: Engine) -> None:
    take(engine, "Ann", [1, 2], 2)
    give_back(engine, "Ann")
    assert take(engine, "Ben", [1, 2], 2) == [1, 2]


def test_many_who_take_at_once_never_share_a_message(engine: Engine) -> None:
    got: dict[str, list[int]] = {}

    def work(name: str) -> None:
        got[name] = take(engine, name, list(range(1, 200)), 10)

    threads = [threading.Thread(target=work, args=(f"R{n}",)) for n in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    every = [key for some in got.values() for key in some]
    assert sorted(every) == list(range(1, 81))
