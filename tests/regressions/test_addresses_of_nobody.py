"""An address header of controls gave an address without a name or an address."""

from __future__ import annotations

from riskscan.mail.addresses import addresses


def test_what_names_nobody_is_no_address() -> None:
    found, defects = addresses(["\0\0'\x10>, ben@quayside.example"])
    assert [one.address for one in found] == ["ben@quayside.example"]
    assert defects
