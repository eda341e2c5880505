"""Segmentation of invented mail in the style of each client."""

from __future__ import annotations

import pytest

from riskscan.mail.message import Role
from riskscan.mail.segment import segment


def roles(body: str) -> list[tuple[str, str]]:
    """(role, line) of every line that is not blank."""
    out = []
    for part in segment(body):
        text = body[part.start : part.end]
        out += [(part.role.value, line) for line in text.split("\n") if line.strip()]
    return out


def of(body: str, role: Role) -> str:
    return "\n".join(line for name, line in roles(body) if name == role.value)


def authored(body: str) -> str:
    return of(body, Role.AUTHORED)


OUTLOOK = [
    ("From", "Sent", "To", "Subject", "-----Original Message-----"),
    ("Von", "Gesendet", "An", "Betreff", "-----Ursprüngliche Nachricht-----"),
    ("De", "Envoyé", "À", "Objet", "-----Message d'origine-----"),
    ("De", "Enviado el", "Para", "Asunto", "-----Mensaje original-----"),
    ("Da", "Inviato", "A", "Oggetto", "-----Messaggio originale-----"),
    ("Van", "Verzonden", "Aan", "Onderwerp", "-----Oorspronkelijk bericht-----"),
    ("De", "Enviada em", "Para", "Assunto", "-----Mensagem original-----"),
    ("Från", "Skickat", "Till", "Ämne", "-----Ursprungligt meddelande-----"),
    ("Fra", "Sendt", "Til", "Emne", "-----Opprinnelig melding-----"),
    ("Lähettäjä", "Lähetetty", "Vastaanottaja", "Aihe", "-----Alkuperäinen viesti-----"),
    ("Od", "Wysłano", "Do", "Temat", "-----Wiadomość oryginalna-----"),
    ("От", "Отправлено", "Кому", "Тема", "-----Исходное сообщение-----"),
]


@pytest.mark.parametrize("names", OUTLOOK, ids=lambda names: names[4].strip("-"))
@pytest.mark.parametrize("lead", ["separator", "rule", "bare", "bold", "french", "tab"])
def test_outlook_block(names: tuple[str, ...], lead: str) -> None:
    sender, sent, to, subject, separator = names
    gap = {"french": " : ", "tab": ":\t"}.get(lead, ": ")
    mark = "*" if lead == "bold" else ""
    block = "\n".join(
        f"{mark}{name}{gap.rstrip() if mark else gap}{mark} {value}".rstrip()
        for name, value in [
            (sender, "Dunmore, Ida [mailto:ida.dunmore@brightwell.example]"),
            (sent, "12.03.2019 14:05"),
            (to, "Otto Falk; Mara Quint"),
            (subject, "Berth plan"),
        ]
    )
    top = {"separator": f" {separator}\n", "rule": "_" * 32 + "\n"}.get(lead, "")
    body = f"The berth is free again.\n\n{top}{block}\n\nIs the berth free?\n\nIda\n"
    assert authored(body) == "The berth is free again."
    assert of(body, Role.QUOTED).endswith("Is the berth free?\nIda")


NOTES_HEADS = {
    "name and date": "Ida Dunmore@BRIGHTWELL\n03/12/2001 02:05 PM\n",
    "with tabs": "\tIda Dunmore\n\t03/12/2001 02:05 PM\n\n",
    "on one line": '"Dunmore, Ida" <ida@brightwell.example> on 03/12/2001 02:05:10 PM\n',
    "wrapped date": '"Dunmore, Ida" <ida.dunmore@brightwell.example> on 03/12/2001 \n02:05:10 PM\n',
    "sent by": "Ida Dunmore@BRIGHTWELL\n03/12/2001 02:05 PM\nSent by: Mara Quint@BRIGHTWELL\n",
    "respond": "ida@b.example on 03/12/2001 02:05:10 PM\nPlease respond to ida@b.example\n",
    "from": "\tBrightwell Lines Corp.\n\n\tFrom:  Ida Dunmore            03/12/2001 02:05 PM\n\n",
    "company": "\tBrightwell Lines Corp.\n\n\tIda Dunmore\n\t03/12/2001 02:05 PM\n\n",
    "threefold": "Ida Dunmore\nIda Dunmore\n03/12/2001 02:05 PM\n03/12/2001 02:05 PM\n",
    "day first": "From: Ida Dunmore on 12/03/2001 14:05\n",
}


@pytest.mark.parametrize("head", NOTES_HEADS.values(), ids=NOTES_HEADS.keys())
@pytest.mark.parametrize("recipients", [1, 40])
def test_notes_reply(head: str, recipients: int) -> None:
    names = ", ".join(f"Person {chr(65 + n % 26)} Name/LIS/BRW@BRW" for n in range(recipients))
    to = names.replace(", Person F", ", \nPerson F")
    body = (
        f"I can make either time.\n\nOtto\n\n\n\n{head}To: {to}\ncc:  \n\n"
        "Subject: Re: Berth plan  \n\nWhich time suits you?\n\nIda\n"
    )
    assert authored(body) == "I can make either time.\nOtto"
    assert "Which time suits you?" in of(body, Role.QUOTED)


def test_notes_columns_and_single_line() -> None:
    columns = (
        "Fine with me.\n\n\n"
        "                    Ida\n"
        '                    Dunmore              To:     "Otto Falk" <otto@b.example>\n'
        "                    <ida@b.exam          cc:\n"
        "                    ple>                 Subject:     Berth plan\n"
        "                    03/12/2001\n\n\nWhich time?\n"
    )
    assert authored(columns) == "Fine with me."
    single = (
        "Will call.  Mark\n\n\tIda Dunmore 04/30/2001 08:49 AM \t   To: Otto Falk/LIS@BRW  cc: "
        "Mara Quint/LIS@BRW \t Subject: Berth\n\nPlease call.\n"
    )
    assert authored(single) == "Will call.  Mark"


FORWARDS = [
    "---------------------- Forwarded by Otto Falk/LIS/BRW on 03/12/2001 \n"
    "02:20 PM ---------------------------\n\n\nIda Dunmore\n03/12/2001 02:05 PM\n"
    "To: Otto Falk/LIS/BRW\ncc:  \nSubject: Berth plan\n\n",
    "---------- Forwarded message ---------\nFrom: Ida Dunmore <ida@b.example>\n"
    "Date: Tue, Mar 12, 2019 at 2:05 PM\nSubject: Berth plan\nTo: <otto@b.example>\n\n\n",
    "Begin forwarded message:\n\nFrom: Ida Dunmore <ida@b.example>\nSubject: Berth plan\n"
    "Date: 12 March 2019 at 14:05:00 GMT\nTo: Otto Falk <otto@b.example>\n\n",
    "-------- Weitergeleitete Nachricht --------\nBetreff: \tLiegeplatz\n"
    "Datum: \tTue, 12 Mar 2019\nVon: \tIda Dunmore <ida@b.example>\nAn: \totto@b.example\n\n",
    "--- Begin Forwarded Message ---\n\nFrom: ida@b.example\nTo: otto@b.example\n\n",
]


@pytest.mark.parametrize("head", FORWARDS)
def test_forward(head: str) -> None:
    nested = "The berth is full.\n\n-----Original Message-----\nFrom: x\nSent: y\nTo: z\n\nOld.\n"
    body = f"Please see what Ida found, we must answer today.\n\n{head}{nested}"
    assert authored(body) == "Please see what Ida found, we must answer today."
    assert of(body, Role.FORWARDED).endswith("Old.")
    assert of(body, Role.QUOTED) == ""
    assert authored(head + nested) == ""
    assert {name for name, _ in roles(head + nested)} == {"forwarded"}


def test_history_under_nothing_or_fyi_is_forwarded() -> None:
    block = "-----Original Message-----\nFrom: a\nSent: b\nTo: c\nSubject: d\n\nText.\n"
    assert of("\n" + block, Role.FORWARDED)
    assert of("FYI\n\n" + block, Role.FORWARDED)
    assert of("No, we cannot sign that.\n\n" + block, Role.QUOTED)


ATTRIBUTIONS = [
    "On Tue, Mar 12, 2019 at 2:05 PM Ida Dunmore <ida@b.example> wrote:",
    "On Tue, Mar 12, 2019 at 2:05 PM Ida Dunmore <\nida.dunmore@brightwell.example> wrote:",
    "On Mar 12, 2019, at 2:05 PM, Ida Dunmore\n<ida@b.example>\nwrote:",
    "On Mar 12, 2019,\nat 2:05,\nIda Dunmore <ida@b.example> wrote:",
    "Am 12.03.2019 um 14:05 schrieb Ida Dunmore <ida@b.example>:",
    "Le mar. 12 mars 2019 à 14:05, Ida Dunmore <ida@b.example> a\xa0écrit :",
    "El mar, 12 mar 2019 a las 14:05, Ida Dunmore (<ida@b.example>) escribió:",
    "Il giorno mar 12 mar 2019 alle ore 14:05 Ida <ida@b.example> ha scritto:",
    "Op di 12 mrt. 2019 om 14:05 schreef Ida Dunmore <ida@b.example>:",
    "Em ter, 12 de mar de 2019 às 14:05, Ida <ida@b.example> escreveu:",
    "Den tis 12 mars 2019 kl 14:05 skrev Ida Dunmore <ida@b.example>:",
    '12.03.2019, 14:05, "Ida Dunmore" <ida@b.example>:',
    "--- Ida Dunmore <ida@b.example> wrote:",
    '--- "Dunmore, Ida" <ida@b.example>\nwrote:',
    "At 02:05 PM 3/12/01 -0600, you wrote:",
    "In a message dated 3/12/2001 2:05:10 PM Central Standard Time, ida@b.example writes:",
    "Ida.Dunmore@b.example wrote:",
    "Quoting Ida Dunmore <ida@b.example>:",
]


@pytest.mark.parametrize("line", ATTRIBUTIONS)
def test_attribution_and_inline_answers(line: str) -> None:
    body = (
        f"Short answers below.\n\n{line}\n\n> Is the berth free?\n>\n> And the crane?\n\n"
        "The crane is broken.\n\n> Who pays?\n\nWe do, sadly.\n"
    )
    assert authored(body) == "Short answers below.\nThe crane is broken.\nWe do, sadly."
    assert line.split("\n")[0] in of(body, Role.QUOTED)


@pytest.mark.parametrize("line", ATTRIBUTIONS[:12])
def test_attribution_without_marks_is_top_posting(line: str) -> None:
    body = f"It is free.\n\n{line}\n\nIs the berth free?\n\nIda\n"
    assert authored(body) == "It is free."


def test_plain_quotes_and_wrapped_tails() -> None:
    body = (
        "> Our berth plan has been changed again because the harbour office moved the\n"
        "crane\n"
        "> to the other side, and nobody was told.\n"
        ">\n"
        "> Who decided that?\n"
        "Not me.\n"
        "> Then who?\n"
    )
    assert authored(body) == "Not me."


def test_express_block_with_marked_text_allows_answers() -> None:
    body = (
        "See below.\n\n----- Original Message -----\nFrom: <ida@b.example>\nTo: <otto@b.example>\n"
        "Sent: Monday, March 12, 2001 2:05 PM\nSubject: Berth\n\n\n> Is it free?\n>\n\n"
        "Yes, since noon.\n\n> Good.\n"
    )
    assert authored(body) == "See below.\nYes, since noon."


def test_groupwise_and_hotmail() -> None:
    assert (
        authored('Agreed.\n\n>>> "Ida" <ida@b.example> 03/12/01 02:05PM >>>\nAgreed?\n')
        == "Agreed."
    )
    hotmail = "Agreed.\n\n>From: Ida\n>To: otto@b.example\n>Subject: Berth\n>\n>Agreed?\n"
    assert authored(hotmail) == "Agreed."


@pytest.mark.parametrize(
    "line",
    [
        "Sent from my iPhone",
        "Sent from my BlackBerry Wireless Handheld",
        "Get Outlook for iOS",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPad",
        "Sent from Yahoo Mail on Android",
    ],
)
def test_device_line(line: str) -> None:
    history = "On Mar 12, 2019, at 2:05 PM, Ida <i@b.example> wrote:\n\n> When?\n"
    body = f"Running late.\n\n{line}\n\n{history}"
    assert authored(body) == "Running late."
    assert of(body, Role.SIGNATURE) == line


def test_contact_block_is_signature_and_closing_is_authored() -> None:
    body = (
        "Please send me the crane log of last week before noon.\n\nThanks,\n\nIda Dunmore\n"
        "Brightwell Lines Ltd.\n14 Harbour Street, Suite 200\n(713) 555-0142 (Phone)\n"
        "ida@b.example\n"
    )
    assert authored(body).endswith("Thanks,")
    assert of(body, Role.SIGNATURE).startswith("Ida Dunmore\n")
    assert of(body, Role.SIGNATURE).endswith("ida@b.example")


@pytest.mark.parametrize(
    "tail", ["Thanks,\nIda", "Regards,\n\nIda Dunmore", "ID", "Best,\nIda", "Cheers\nO."]
)
def test_name_alone_stays_authored(tail: str) -> None:
    body = f"Please send me the crane log of last week before noon.\n\n{tail}\n"
    assert authored(body) + "\n" == body.replace("\n\n", "\n")


def test_delimiter() -> None:
    body = "Send it today.\n\n-- \nIda\nBetter late than never\n"
    assert authored(body) == "Send it today."


def test_announced_contacts_are_content() -> None:
    body = "Call our agent at:\nHarbour Agency\n713-555-0142\nagent@b.example\n"
    assert "713-555-0142" in authored(body)


NOTICES = [
    "This e-mail and any attachments are confidential and intended solely for the addressee.\n"
    "If you are not the intended recipient, please notify the sender and delete all copies.",
    "*" * 60 + "\nThis email is the property of Brightwell Lines and may contain privileged\n"
    "material for the sole use of the intended recipient. Any review is strictly prohibited.\n"
    "\nThank you.\n" + "*" * 60,
    "CONFIDENTIALITY NOTICE: The information contained in this message may be legally privileged.\n"
    "Dissemination is strictly prohibited.",
    "Brightwell Lines Ltd is registered in England and Wales. Registered office: 14 Harbour\n"
    "Street, London. Company number 0000000. VAT no 000000000.",
    "__________________________________________________\nDo You Yahoo!?\nGet your mail anywhere\n"
    "http://mail.yahoo.example",
    "Get your FREE download of MSN Explorer at http://explorer.msn.com",
    "------------------------------------------\nTo unsubscribe from this list, send a message to\n"
    "leave-harbour@lists.example",
    "Diese E-Mail enthält vertrauliche und/oder rechtlich geschützte Informationen. Wenn Sie\n"
    "nicht der richtige Adressat sind, vernichten Sie diese E-Mail.",
    "_______________________________________________\nharbour mailing list\nharbour@b.example\n"
    "http://b.example/mailman/listinfo/harbour",
]


@pytest.mark.parametrize("notice", NOTICES)
def test_disclaimer(notice: str) -> None:
    body = f"We will not sign before the audit is over.\n\nIda\n\n{notice}\n"
    assert authored(body) == "We will not sign before the audit is over.\nIda"
    assert of(body, Role.DISCLAIMER).replace("\n", "") == notice.replace("\n", "")


def test_disclaimer_in_history_is_history() -> None:
    body = f"No.\n\n-----Original Message-----\nFrom: a\nSent: b\nTo: c\n\nYes?\n\n{NOTICES[0]}\n"
    assert of(body, Role.DISCLAIMER) == ""


@pytest.mark.parametrize(
    "text",
    [
        "PRIVILEGED AND CONFIDENTIAL\nATTORNEY-CLIENT COMMUNICATION\n\nWe may be in breach.\n",
        "This is confidential, so please keep it between us until Friday.\n",
        "On the other hand, Ida wrote that the crane is fine:\nI doubt it.\n",
        "From: what I hear the crane is broken.\nTo: be honest, I knew.\n",
        "TO: All staff\nFROM: Ida Dunmore\nDATE: March 12\nRE: Crane\n\nThe crane is closed.\n",
        "FROM: Ida Dunmore\nTO: All staff\nDATE: March 12\nSUBJECT: Crane\n\nIt is closed.\n",
        "Please call before noon, it is urgent and I am out.\n\n713-555-0142\n",
        "Agenda:\n1. Crane\n2. Berth\n\n-----\n\nSubject: to change.\n",
        "He said the mail was forwarded by mistake. Original message is lost.\n",
        ">From the harbour office we hear nothing.\n",
        "Costs rose from 3 > 2 to 5 > 4.\n",
        "Please unsubscribe me.\n",
        "pager 713-555-0142\ncell 713-555-0143\n",
        "",
        "\n\n",
    ],
)
def test_authored_look_alikes(text: str) -> None:
    assert {name for name, _ in roles(text)} <= {"authored"}


def test_attachment_names_go_with_what_stands_above() -> None:
    quoted = "See note.\n\n> Old text here\n> and more\n\n - log.xls\n"
    assert authored(quoted) == "See note."
    own = "See log.\n\nIda Dunmore\nBrightwell Lines\n713-555-0142\n\n - log.xls\n"
    assert authored(own) == "See log.\n - log.xls"


def test_block_pasted_without_name_and_date() -> None:
    body = "Forgot you, sorry.\n\nTo: Ida Dunmore/LIS\ncc:  \nSubject: Berth\n\nCome at nine.\n"
    assert authored(body) == "Forgot you, sorry."


def test_attribution_cut_by_the_quote_mark() -> None:
    body = "Ja.\n\ntir. 12. mar. 2019 kl. 14:05 skrev Ida <i@b.example\n>:\n\n> Kommer du?\n"
    assert authored(body) == "Ja."


def test_signature_behind_quote_marks() -> None:
    body = (
        "Please send the form back today.\n\nThanks,\n> Ida Dunmore\n> Vice President\n"
        "> Brightwell Lines Ltd.\n> 713-555-0142\n"
    )
    assert authored(body) == "Please send the form back today.\nThanks,"
    assert of(body, Role.SIGNATURE).startswith("> Ida Dunmore")


def test_wrapped_sentence_above_a_signature_stays_whole() -> None:
    body = (
        "Please fax the signed copy of the amended agreement to our clerk at the new\n"
        "number (713) 555-0142\n\nIda Dunmore\nBrightwell Lines\n713-555-0143\n"
    )
    assert authored(body).endswith("number (713) 555-0142")
    assert of(body, Role.SIGNATURE).startswith("Ida Dunmore")
