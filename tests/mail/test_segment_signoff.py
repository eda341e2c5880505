"""Sign-offs, one-line signatures, device lines and firms' notices in invented mail."""

from __future__ import annotations

import pytest

from riskscan.mail.message import Role
from riskscan.mail.segment import segment


def of(body: str, role: Role) -> list[str]:
    text = [body[part.start : part.end] for part in segment(body) if part.role is role]
    return [line.strip() for line in "\n".join(text).split("\n") if line.strip()]


BLOCKS = {
    "first name": ("Ida", "Ida Dunmore\nHarbour Planner\n+31 10 555 0177"),
    "full name": ("Ida Dunmore", "Ida Dunmore, MSc\nHarbour Planner\nBrightwell Lines"),
    "initial": ("I.", "Ida Dunmore-Falk, CPA\nController"),
    "initials": (
        "ID",
        "IDA DUNMORE\nDirector, Berths\nBrightwell Lines - Every Berth, Every Day(TM)",
    ),
    "kisses": ("xx I", "Ida Dunmore (she/her)\nProduct Marketing @ Brightwell"),
    "nickname": ("Mara", "Margarethe (Mara) Quint\nBerth Analyst\nBrightwell Lines"),
    "title on the line": (
        "Ida",
        "Ida Dunmore, Manager, Berths\nBrightwell Lines | Delft\n419-555-0142",
    ),
    "doctor": ("Otto", "Dr. Otto Falk\nHead of Dredging\nBrightwell GmbH | Kai 8 | 20457 Hamburg"),
    "bars": ("Ida D.", "Ida Dunmore | Berths & Tides | x4471"),
    "bullets": ("Ida", "Ida Dunmore · Berths · +31 10 555 0177"),
    "slash": ("Yuki Tan", "Yuki Tan / Brightwell Systems, Kobe Support Center"),
    "house": ("Dale", 'Dunmore Dredging & Sons -- "We dig it"'),
    "letters": ("Žofie", "Žofie Nováková\nBrightwell s.r.o., Brno"),
}


@pytest.mark.parametrize(("signed", "block"), BLOCKS.values(), ids=BLOCKS.keys())
@pytest.mark.parametrize("tail", ["", "\n\nOn Tue, 14 Mar 2023 at 10:30, Otto wrote:\n> Free?\n"])
def test_sign_off_stays_with_the_text(signed: str, block: str, tail: str) -> None:
    body = f"The berth is free again on Friday, so please come.\n\n{signed}\n\n{block}{tail}"
    assert of(body, Role.AUTHORED)[1:] == [signed]
    assert of(body, Role.SIGNATURE) == block.split("\n")


def test_sign_off_right_above_its_block() -> None:
    body = "The berth is free.\n\nIda\nIda Dunmore\nHarbour Planner\n+31 10 555 0177\n"
    assert of(body, Role.AUTHORED) == ["The berth is free.", "Ida"]


def test_name_of_the_block_is_no_sign_off() -> None:
    body = "The berth is free.\n\nIda Dunmore\nBrightwell Lines LLP\n202-555-0188\n"
    assert of(body, Role.AUTHORED) == ["The berth is free."]


ONE_LINE = [
    "I. Dunmore CCS, CPMA | Sr. Harbour Auditor",
    "IT Helpdesk | ext. 4400 | helpdesk@brightwell.example",
    "Ida Dunmore - Harbour Manager - Brightwell Lines",
    "Ida Dunmore • Berths • x4471",
]


@pytest.mark.parametrize("line", ONE_LINE)
def test_one_line_signature(line: str) -> None:
    assert of(f"The gate will be shut on Saturday.\n\n{line}\n", Role.SIGNATURE) == [line]


@pytest.mark.parametrize(
    "text",
    [
        "Who comes:\n\nIda Dunmore | Friday",
        "Please pick one.\n\nred - or blue, as you like it best",
        "Lunch?\n\nIda\n\nPS Otto | Mara are both coming as well",
        "Two are free.\n\nIda Dunmore\nOtto Falk",
        "It is done.\n\nIda",
        "Acknowledged.\n\nIda",
    ],
)
def test_last_lines_that_are_text(text: str) -> None:
    assert of(text, Role.SIGNATURE) == []


@pytest.mark.parametrize(
    "closing", ["Thanks & Regards,", "祝好", "Με εκτίμηση", "Met vriendelijke groet"]
)
def test_house_under_a_closing(closing: str) -> None:
    body = f"The berth is free.\n\n{closing}\n\nMara Quint\nBrightwell Agency, Kaohsiung"
    assert of(body, Role.SIGNATURE) == ["Mara Quint", "Brightwell Agency, Kaohsiung"]
    assert closing in of(body, Role.AUTHORED)


def test_telephones_in_many_groups_are_a_contact() -> None:
    block = "Ida Dunmore\nHarbour Planner\n+31 10 555 01 34 / mob +31 6 5550 01 34"
    assert of(f"ok\n\nx\n\n{block}\n", Role.SIGNATURE) == block.split("\n")


DEVICES = [
    "Verzonden vanaf mijn telefoon",
    "Verstuurd vanaf mijn iPhone",
    "Von unterwegs gesendet",
    "Von meinem iPhone gesendet",
    "Diese Nachricht wurde von meinem Handy gesendet",
    "Gesendet von Outlook für Android",
    "Envoyé de mon iPhone",
    "Envoyé depuis mon téléphone portable",
    "Enviado desde mi iPhone",
    "Enviado do meu celular",
    "Inviato da iPhone",
    "Inviato dal mio telefono",
    "Skickat från min iPhone",
    "Sendt fra min mobil",
    "Sent from Outlook for iOS",
    "Get Outlook for Android",
    "Obtenir Outlook pour iOS",
    "sent from the bike",
]


@pytest.mark.parametrize("line", DEVICES)
def test_device_line(line: str) -> None:
    assert of(f"Free again.\n\nIda\n\n{line}\n", Role.SIGNATURE) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "Sent from the berth yesterday, they arrived today.",
        "Verzonden vanaf Rotterdam gisteren, dus morgen daar.",
        "Unterwegs habe ich es geschrieben, aber nie abgelegt.",
    ],
)
def test_sentence_about_sending(line: str) -> None:
    assert of(f"Free again.\n\n{line}\n", Role.SIGNATURE) == []


NOTICES = [
    "Brightwell Partners S.à r.l. This communication is for the intended recipient only and is not "
    "an offer of securities.",
    "Brightwell Chartering Ltd, as brokers only. E&OE. All negotiations strictly private and "
    "confidential.",
    "---\nCONFIDENTIALITY NOTICE: This e-mail is for the sole use of the intended recipient(s) and "
    "may contain privileged information.",
    "Attorney advertising. Prior results do not guarantee a similar outcome.",
]


@pytest.mark.parametrize("notice", NOTICES)
def test_notices_of_firms(notice: str) -> None:
    body = f"The berth is free.\n\nO.\n\nOtto Falk\nBrightwell Capital\n\n{notice}\n"
    assert of(body, Role.DISCLAIMER) == notice.split("\n")
    assert of(body, Role.AUTHORED) == ["The berth is free.", "O."]


def test_footer_at_the_end_of_unwrapped_news() -> None:
    news = ["1. " + "The court lets the direct claim go on. " * 4] * 3
    body = "\n".join([*news, "You are a client of ours. Manage preferences."])
    assert len(of(body, Role.AUTHORED)) == 3
    assert of(body, Role.DISCLAIMER) == ["You are a client of ours. Manage preferences."]


@pytest.mark.parametrize("to", [("To", "cc", "Subject"), ("An", "Kopie", "Thema")])
def test_notes_head_as_table(to: tuple[str, str, str]) -> None:
    head = "".join(f"                {name}\n                        value\n" for name in to)
    body = (
        "All agreed.\n\nM.\n\nIda Dunmore <ida@brightwell.example>\n25/01/2023 18:30\n\n"
        f"{head}\nDear Mara,\n\nFour small points.\n"
    )
    assert of(body, Role.AUTHORED) == ["All agreed.", "M."]
    assert of(body, Role.QUOTED)[-1] == "Four small points."


@pytest.mark.parametrize("name", ["Ida Dunmore <ida@brightwell.example>", "Ida Dunmore/ROT/BRIGHT"])
def test_notes_in_a_browser(name: str) -> None:
    body = f"Thanks, agreed.\n\n-----{name} wrote:-----\nTo: Otto Falk\n\nIs it free?\n"
    assert of(body, Role.AUTHORED) == ["Thanks, agreed."]
    assert "Is it free?" in of(body, Role.QUOTED)
