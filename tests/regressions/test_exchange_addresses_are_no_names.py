"""`From: "Lind, Ada" </O=…/CN=ADA>`, as Exchange keeps colleagues, was a name of all of it."""

from __future__ import annotations

import pytest

from riskscan.mail.addresses import addresses

X500 = "/O=FERRY WORKS/OU=FIRST GROUP (X)/CN=RECIPIENTS/CN=ADA"


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (f'"Lind, Ada" <{X500}>', "Lind, Ada"),
        (f"Ada <{X500}>", "Ada"),
        (f"<{X500}>", ""),
        (f"=?utf-8?q?Ad=C3=A4?= <{X500}>", "Adä"),
    ],
)
def test_the_name_is_the_name_and_the_address_the_address(value: str, name: str) -> None:
    (found,), _ = addresses([value])
    assert (found.name, found.address) == (name, X500)


def test_others_in_the_list_are_not_touched() -> None:
    found, _ = addresses([f'bo@ferry.example, "Lind, Ada" <{X500}>, "Cy" <cy@ferry.example>'])
    assert {a.address for a in found} == {"bo@ferry.example", X500, "cy@ferry.example"}
