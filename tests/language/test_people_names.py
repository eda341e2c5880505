"""Names of people as mail writes them, and which may be one person's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskscan.language.people import (
    PersonName,
    compatible,
    local_name,
    parse_name,
    same_given,
    written,
)


def name(text: str) -> PersonName:
    found = parse_name(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "key", "shown"),
    [
        ("Jeffrey Marlow", "jeffrey marlow", "Jeffrey Marlow"),
        ("Marlow, Jeffrey K.", "jeffrey k marlow", "Jeffrey K. Marlow"),
        ("Marlow III, Jeff", "jeff marlow iii", "Jeff Marlow III"),
        ("Marlow, Jeffrey K (Legal)", "jeffrey k marlow", "Jeffrey K Marlow"),
        ("Jeff - HTC Legal Marlow", "jeff marlow", "Jeff Marlow"),
        ("Greta Holt/OSL/HALDEN@HALDEN", "greta holt", "Greta Holt"),
        ("'Dr. Inès Delcourt'", "ines delcourt", "Dr. Inès Delcourt"),
        ("Carol St. Clair", "carol st clair", "Carol St. Clair"),
        ("Pieter van Dalen", "pieter van dalen", "Pieter van Dalen"),
        ("Robert Quill, Esq.", "robert quill", "Robert Quill, Esq."),
        ("Jeff", "jeff", "Jeff"),
        ("Mr. Marlow", "marlow", "Mr. Marlow"),
        ("Lim Hui Wen \\(E-mail\\)", "lim hui wen", "Lim Hui Wen"),
    ],
)
def test_a_name_is_read_however_it_is_written(text: str, key: str, shown: str) -> None:
    assert name(text).key == key
    assert written(text) == shown


@pytest.mark.parametrize(
    "text",
    ["", "jeff@halden.example", "All Staff", "Halden Energy Trading", "Legal", "Room 12B", "x",
     "Sportsline.com", "Outlook Migration Team", "No Address"],
)  # fmt: skip
def test_what_is_no_person_has_no_name(text: str) -> None:
    assert parse_name(text) is None


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("jeff.marlow@halden.example", "jeff marlow"),
        ("k..marlow@halden.example", "k marlow"),
        ("jmarlow@halden.example", "jmarlow"),
        ("annelies_van_dalen@halden.example", "annelies van dalen"),
        ("/o=halden/ou=na/cn=recipients/cn=jmarlow@halden.example", "jmarlow"),
    ],
)
def test_an_address_spells_a_name(address: str, key: str) -> None:
    found = local_name(address)
    assert found is not None
    assert found.key == key


@pytest.mark.parametrize("address", ["all.staff@x.example", "info@x.example", "a1b2@x.example"])
def test_an_address_of_a_role_spells_none(address: str) -> None:
    assert local_name(address) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Jeff Marlow", "Marlow, Jeffrey", True),
        ("J. Marlow", "Jeffrey Marlow", True),
        ("Bill Marlow", "William Q. Marlow", True),
        ("Jeffrey A Marlow", "Jeffrey B Marlow", False),
        ("Jeffrey Marlow Jr.", "Jeffrey Marlow III", False),
        ("Jeff Marlow", "Jeff Marlowe", False),
        ("Ed Marlow", "Jeff Marlow", False),
    ],
)
def test_which_names_may_be_one_person(one: str, other: str, same: bool) -> None:
    assert compatible(name(one), name(other)) is same
    assert compatible(name(other), name(one)) is same


def test_two_names_with_one_nickname_are_two() -> None:
    assert same_given("edward", "ed")
    assert same_given("edmund", "ed")
    assert not same_given("edward", "edmund")


@given(st.text(max_size=300))
def test_any_text_is_read_in_bounds(text: str) -> None:
    found = parse_name(text)
    assert found is None or bool(found.alone) != bool(found.surname)
    local_name(text)
    assert len(written(text)) <= 300
