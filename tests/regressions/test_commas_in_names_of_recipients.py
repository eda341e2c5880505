"""Of a recipient with a comma in the name, and no marks round it, two people were made."""

from __future__ import annotations

import pytest

from riskscan.mail.parse import parse_message


def names(value: str) -> list[str]:
    """The names in a To field; of what has no address, in brackets."""
    message = parse_message(f"From: a@pier.example\nTo: {value}\nSubject: x\n\nx\n".encode())
    return [one.name if one.address else f"[{one.name}]" for one in message.to]


@pytest.mark.parametrize(
    "one",
    [
        "Smith, Bob <bob.smith@pier.example>",
        "Smith, Bob <smith@pier.example>",
        "Smith, Bob J. <bjsmith2@pier.example>",
        "Smith, Bob <smithb@pier.example>",
        "Smith, Bob <bobsmith@pier.example>",
        "Müller, Zoë <z.muller@pier.example>",
        "de la Cruz, Ana <ana.delacruz@pier.example>",
        "Harbour Works, Inc. <office@pier.example>",
        "Dr. Ann Lee, PhD <ann@pier.example>",
        "Lee, Ann, PhD <ann.lee@pier.example>",
    ],
)
def test_the_address_or_a_title_shows_that_it_is_one(one: str) -> None:
    name = one.partition(" <")[0]
    assert names(one) == [name]
    assert names(f"Cy <cy@pier.example>, {one}, di@pier.example") == ["Cy", name, ""]


@pytest.mark.parametrize(
    "one",
    [
        "Smith, Bob <bob@pier.example>",
        "Smith, Bob <bob@pier>",
        "Smith, Bob J. <b@pier.example>",
        "O'Brien, Pat (Legal) <p.ob@pier.example>",
        "Åkesson-Roe, Zoë <z@pier.example>",
    ],
)
def test_a_surname_stands_before_a_given_name_alone(one: str) -> None:
    name = one.partition(" <")[0]
    assert names(one) == [name]
    assert names(f"{one}, di@pier.example, Cy Roe <cy@pier.example>") == [name, "", "Cy Roe"]


def test_a_list_of_pairs_has_no_other_reading() -> None:
    value = "Smith, Bo <bo@pier.example>, Tern, Cy <cy@pier.example>, di@pier.example"
    assert names(value) == ["Smith, Bo", "Tern, Cy", ""]


@pytest.mark.parametrize(
    ("value", "people"),
    [
        ("Mary, Bob Roe <bob@pier.example>", ["[Mary]", "Bob Roe"]),
        ("Ann, Ann <ann@pier.example>", ["[Ann]", "Ann"]),
        ("Mary, Bob <bob@pier.example>, Sue Poe", ["[Mary]", "Bob", "[Sue Poe]"]),
        ("Mary, Sue, Bo <b@pier.example>, Cy <c@pier.example>", ["[Mary]", "[Sue]", "Bo", "Cy"]),
        ("Mary, Bob <bob@pier.example>, Sue", ["[Mary]", "Bob", "[Sue]"]),
        ('"Smith" <>, "Bob" <bob.smith@pier.example>', ["[Smith]", "Bob"]),
        ("Bob, Bob Smith <bob@pier.example>", ["[Bob]", "Bob Smith"]),
        ("Smith, smith@pier.example", ["[Smith]", ""]),
        ("Mary Roe, Bo <b@pier.example>, Sue Poe, Cy <c@pier.example>",
         ["[Mary Roe]", "Bo", "[Sue Poe]", "Cy"]),
    ],
)  # fmt: skip
def test_where_nothing_shows_it_nobody_is_lost(value: str, people: list[str]) -> None:
    assert names(value) == people
