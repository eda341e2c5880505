"""Downloads kept any ending that a list of bad ones had not: .pyw, .iso, .xll, .docm and more."""

from __future__ import annotations

import pytest

from riskscan.review.files import safe_name

_RUN = """
    pyw pyz jnlp xll iqy slk wsc psm1 rdp iso vhd msix one docm xlsm doc terminal inetloc tool
    dmg pkg deb run AppImage new7
"""


@pytest.mark.parametrize("ending", _RUN.split())
def test_what_a_system_may_run_gets_another_ending(ending: str) -> None:
    assert safe_name(f"setup.{ending}") == f"setup.{ending}.bin"


def test_a_name_without_ending_gets_one() -> None:
    assert safe_name("setup") == "setup.bin"


def test_text_that_a_system_may_run_opens_as_text() -> None:
    assert safe_name("start.command.js") == "start.command.js.txt"


def test_documents_and_pictures_keep_their_names() -> None:
    names = ["a.pdf", "b.XLSX", "c.png", "d.eml", "e.csv"]
    assert [safe_name(name) for name in names] == names


def test_devices_with_raised_digits_are_no_names() -> None:
    assert safe_name("COM\u00b9.txt") == "_COM\u00b9.txt"
