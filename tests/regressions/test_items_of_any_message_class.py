"""Items of message classes that libpff does not know had neither recipients nor attachments."""

from __future__ import annotations

from pathlib import Path

import pytest
from pst_building import CLASS, Folder, attached, letter, write_pst
from source_building import read

from riskscan.mail.parse import parse_message
from riskscan.sources import Item

_CLASSES = (
    "IPM.SkypeTeams.Message", "IPM.Yammer.Message", "IPM.Outlook.Recall", "IPM.InfoPathForm.x",
    "Custom.Form", "IPM.Resend", "IPM.Report", "IPM.Appointment.Live Meeting Request", "",
)  # fmt: skip


@pytest.mark.parametrize("form", ["unicode", "ansi", "wide"])
def test_items_of_any_message_class_keep_recipients_and_attachments(
    tmp_path: Path, form: str
) -> None:
    items = [
        letter(
            number,
            {CLASS: name} if name else {},
            [attached("tides.txt", b"high and low")],
            without=() if name else (CLASS,),
        )
        for number, name in enumerate(_CLASSES, 1)
    ]
    data = write_pst([Folder("Inbox", items)], ansi=form == "ansi", wide=form == "wide")
    (tmp_path / "all.pst").write_bytes(data)
    found = [e for e in read(tmp_path / "all.pst") if isinstance(e, Item)]
    assert len(found) == len(_CLASSES)
    for item in found:
        message = parse_message(item.data)
        assert [one.address for one in message.to] == ["bo@ferry.example"], item.place
        assert [one.address for one in message.cc] == ["cleo@ferry.example"]
        assert [one.text for one in message.attachments] == ["high and low"]
        assert item.defects == ()
