"""Tables with ``sep=;``, blank lines, CR alone or in UTF-32 were no mail, though they are read."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from source_building import items, put

from riskscan.mail.parse import parse_message

ROWS = 'From;To;Subject;Body\na@quay.example;b@quay.example;s;"one\ntwo; three"\n'
COMMAS = ROWS.replace("; ", "_").replace(";", ",").replace("_", "; ")
FORMS = {
    "sep": b"sep=;\r\n" + ROWS.encode(),
    "sep in quotes": b'\xef\xbb\xbf"sep=;"\n\n' + ROWS.encode(),
    "sep with what a spreadsheet adds": b"SEP=;,,,\n" + ROWS.encode(),
    "sep of another": b"sep=^\n" + ROWS.replace("; ", "_").replace(";", "^").encode(),
    "sep of tabs": b"sep=\t\n" + ROWS.replace("; ", "_").replace(";", "\t").encode(),
    "blank": b"\r\n\n \n" + COMMAS.encode(),
    "blank rows": b",,,\n,,,\n" + COMMAS.encode(),
    "CR": COMMAS.replace("\n", "\r").encode(),
    "CR and sep": b"sep=;\r\r" + ROWS.replace("\n", "\r").encode(),
    "UTF-32-LE": codecs.BOM_UTF32_LE + COMMAS.encode("utf-32-le"),
    "UTF-32-BE": codecs.BOM_UTF32_BE + COMMAS.encode("utf-32-be"),
    "UTF-16": codecs.BOM_UTF16_LE + ("sep=;\n" + ROWS).encode("utf-16-le"),
}


@pytest.mark.parametrize("form", FORMS)
def test_they_are_read(tmp_path: Path, form: str) -> None:
    (item,) = items(put(tmp_path / "x.csv", FORMS[form]))
    mail = parse_message(item.data)
    assert mail.body.split() in (["one", "two;", "three"], ["one", "two_three"])
    assert item.place == "row 1"
    assert [one.address for one in mail.to] == ["b@quay.example"]
