"""Of an address with many correspondents the first fifty counted: who was one hung on the order."""

from __future__ import annotations

from pathlib import Path

import pytest
from people_building import Mail, build, forms

from riskscan.mail.message import Address

WORK = Address("Jane Roe", "jane.roe@halden.example")
HOME = Address("Jane Roe", "jr77@home-mail.example")
COMMON = [Address("", f"{name}@quayside.example") for name in ("xavier", "yolanda", "zora")]
OTHERS = [Address("", f"p{number}@tarn.example") for number in range(70)]


@pytest.mark.parametrize("late", [False, True])
def test_all_correspondents_of_an_address_count(tmp_path: Path, late: bool) -> None:
    shared = [Mail("Fine.", one, COMMON) for one in (WORK, HOME)]
    many = [Mail("Fine.", WORK, OTHERS[start : start + 10]) for start in range(0, 70, 10)]
    case = build(tmp_path / "case", [*many, *shared] if late else [*shared, *many])
    told = forms(case, "Jane Roe")
    assert told["jr77@home-mail.example"] == {"same name, same correspondents"}
