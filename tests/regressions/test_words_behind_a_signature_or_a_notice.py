"""What somebody wrote below a signature, or among the lines of a notice, counted as not written."""

from __future__ import annotations

import textwrap

import pytest

from riskscan.mail.inclusive import Letter, inclusions
from riskscan.mail.message import Role
from riskscan.mail.segment import segment

SAID = (
    "Shred the Lugano ledger and delete these emails tonight before the auditors come in, "
    "nobody may know."
)
MORE = "I think that Petra has to be told as well, she saw the numbers with her own eyes."
SHORT = "This e-mail is confidential. If you are not the intended recipient please delete it."
LONG = """\
This message may contain confidential and privileged information for the sole use of the
intended recipient. Any review, use, distribution or disclosure by others is strictly
prohibited. If you have received it in error, please contact the sender and delete all copies."""
RULE = "*" * 60
LIST = "To unsubscribe from this list click here: http://lists.quay.example/u"
GERMAN = (
    "Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der richtige Adressat sind,"
    " informieren Sie bitte sofort den Absender."
)
SPANISH = (
    "Este mensaje contiene información confidencial. Si usted no es el destinatario, por favor"
    " elimine el mensaje e informe al remitente."
)


def of(body: str, role: Role = Role.AUTHORED) -> str:
    return "\n".join(body[s.start : s.end] for s in segment(body) if s.role is role).strip()


HIDDEN = {
    "below the name": f"-- \nAda Lovell\n{SAID}",
    "below the signature": f"-- \nAda Lovell\n\n{SAID}\n\n{MORE}\n\nRegards\nAda",
    "wrapped": "-- \nAda Lovell\n\n" + textwrap.fill(SAID, 30),
    "between contacts": f"--\nAda Lovell\n{SAID}\nTel 555-010-0123\nada@quay.example",
    "postscript": f"-- \nAda Lovell\n\nP.S. {SAID}",
    "below a device line": f"Sent from my iPhone\n\n{SAID}",
    "in the paragraph of a notice": f"{SHORT} {SAID}",
    "above a notice": f"{SAID}\n{LONG}",
    "within a notice": LONG.replace("Any review", f"{SAID} Any review"),
    "below a notice": f"{LONG}\n\n{SAID}",
    "under its last line": f"{LONG}\n" + textwrap.fill(SAID, 40),
    "postscript below a notice": f"{SHORT}\n\nP.S. {SAID}",
    "in the frame of a notice": f"{RULE}\n{LONG}\n\n{SAID}\n{RULE}",
    "under a list footer": f"{LIST}\n{SAID}",
    "below a list footer": f"{LIST}\n\n{SAID}",
}


@pytest.mark.parametrize("hidden", HIDDEN.values(), ids=HIDDEN.keys())
@pytest.mark.parametrize("above", ["", "See you at noon.\n\n"])
def test_what_somebody_says_is_authored(hidden: str, above: str) -> None:
    said = " ".join(of(above + hidden).split())
    assert SAID in said
    assert "Ada Lovell" not in said
    if MORE in hidden:
        assert said.endswith(f"{MORE} Regards Ada")


@pytest.mark.parametrize(
    ("said", "notice"),
    [
        ("Vernichte heute Nacht die Bücher, bevor morgen früh die Prüfer kommen.", GERMAN),
        ("Quema los libros esta noche antes de que mañana lleguen los inspectores.", SPANISH),
        ("今夜中に帳簿を処分してください。誰にも言わないで。", LONG),
        ("Сожги книги сегодня ночью, пока завтра утром не пришли проверяющие.", LONG),
    ],
)
@pytest.mark.parametrize("shape", ["-- \nAda\n{said}", "{notice}\n\n{said}"])
def test_in_any_language(said: str, notice: str, shape: str) -> None:
    assert said in of(f"Ok.\n\n{shape.format(said=said, notice=notice)}\n")


def test_a_short_postscript_and_short_sentences_are_authored() -> None:
    assert of("At noon.\n\n-- \nAda Lovell\nPS: burn it").endswith("PS: burn it")
    short = "Shred it. Do it tonight. Nobody may know. They come tomorrow."
    assert of(f"At noon.\n\n-- \nAda Lovell\n{short}").endswith(short)


def test_a_signature_above_the_answer_ends_with_its_block() -> None:
    assert of("-- \nAda Lovell\nHarbour Office\n\nYes, at noon.") == "Yes, at noon."
    assert of("Sent from my iPhone\n\nYes, at noon") == "Yes, at noon"


def test_a_message_that_is_nothing_but_a_signature_says_it() -> None:
    block = "Ida Dunmore\nHarbour Planner\nTel +31 10 555 0177"
    assert of(block) == block
    assert of(f"Here she is:\n\nBen\n\n{block}") == "Here she is:\n\nBen"
    assert of("Sent from my iPhone") == ""


QUOTATIONS = [
    '"Well begun is half done, and the rest is luck." - Old Proverb',
    "Better to be late than to be sorry for\nall that you did before.\n\t-- Anna Example",
    "'It is better to have dredged and lost.' (Ben Tarn)",
]


@pytest.mark.parametrize("line", [*QUOTATIONS, "Ida Dunmore\nHarbour Planner of the Eastern Docks"])
def test_signatures_stay_signatures(line: str) -> None:
    assert of(f"At noon.\n\n-- \n{line}\n") == "At noon."


@pytest.mark.parametrize("notice", [SHORT, LONG, LIST, GERMAN, SPANISH, f"{RULE}\n{LONG}\n{RULE}"])
@pytest.mark.parametrize("width", [40, 72, 1000])
def test_notices_stay_notices(notice: str, width: int) -> None:
    wrapped = "\n".join(textwrap.fill(line, width) for line in notice.split("\n"))
    body = f"At noon.\n\n{wrapped}\n"
    assert of(body) == "At noon."
    assert of(body, Role.DISCLAIMER) == wrapped


def test_a_reply_that_leaves_out_the_postscript_does_not_include_the_message() -> None:
    told = "We ship on Friday, whatever the weather and the harbour office say about it."
    hidden = f"{told}\n\n-- \nAda Lovell\nP.S. the real account is 55-443-221 at Lugano."
    reply = f"Good.\n\nOn Tue, Mar 5, 2024 at 8:01 AM Ada <ada@quay.example> wrote:\n> {told}\n"
    letters = [
        Letter(1, hidden, segment(hidden), "crates", "Ada"),
        Letter(2, reply, segment(reply), "crates", "Ben"),
    ]
    assert all(one.inclusive for one in inclusions(letters))
