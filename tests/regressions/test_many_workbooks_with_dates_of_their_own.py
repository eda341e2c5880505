"""A library that one workbook needed was taken for memory that it kept: five of ten were not read.

Its process was replaced behind each, at half a second of the message's time.
"""

from __future__ import annotations

import io
from email.message import EmailMessage

from openpyxl import Workbook

from riskscan.mail.parse import parse_message


def workbook(number: int) -> bytes:
    made = Workbook()
    sheet = made.active
    sheet["A1"], sheet["A2"] = f"lot {number}", 3
    sheet["A2"].number_format = 'yyyy"x"mm'
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def test_all_of_them_are_read() -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "nora@quayside.example", "lots"
    mail.set_content("See the lots.")
    for number in range(12):
        mail.add_attachment(
            workbook(number), maintype="application", subtype="octet-stream",
            filename=f"lot{number}.xlsx",
        )  # fmt: skip
    found = parse_message(mail.as_bytes()).attachments
    assert [f"lot {number}" in one.text for number, one in enumerate(found)] == [True] * 12
    assert {one.unread for one in found} == {""}
