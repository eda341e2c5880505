"""Addresses were dropped beside the word "undisclosed", and behind a name that no mark ends."""

from __future__ import annotations

import pytest

from riskscan.mail.addresses import addresses


@pytest.mark.parametrize(
    "header",
    [
        '"undisclosed-recipients" <addr@quay.example>',
        '"undisclosed-recipients" addr@quay.example',
        "undisclosed recipients addr@quay.example",
        '"undisclosed-recipients:;" <addr@quay.example>',
        "undisclosed-recipients: ;, addr@quay.example",
    ],
)
def test_the_address_is_kept(header: str) -> None:
    assert [one.address for one in addresses([header])[0]] == ["addr@quay.example"]


@pytest.mark.parametrize(
    "header",
    [
        "undisclosed-recipients:;",
        "Undisclosed recipients",
        "<Undisclosed-Recipient:;@gate.example>",
        "<Undisclosed Recipients@gate.example>",
    ],
)
def test_an_empty_group_has_nobody(header: str) -> None:
    assert addresses([header]) == ([], [])


def test_a_name_that_nothing_ends_takes_no_others_with_it() -> None:
    header = 'cy@q.example, "Quay, Ada <ada@q.example>, "Bo, X" <bo@q.example>, dy@q.example'
    found, defects = addresses([header])
    assert [(one.name, one.address) for one in found] == [
        ("", "cy@q.example"),
        ("Quay, Ada", "ada@q.example"),
        ("Bo, X", "bo@q.example"),
        ("", "dy@q.example"),
    ]
    assert defects == ["addresses that are not well-formed"]
