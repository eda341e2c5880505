"""Short sentences below a notice, or on a line of it, were part of it where its words are theirs.

Below one that says "received" all sentences were, of which none has four words of somebody's own.
"""

from __future__ import annotations

import pytest

from riskscan.mail.parse import parse_message

NOTICE = (
    "This e-mail may contain privileged material for the sole use of the intended recipient. If\n"
    "you have received it in error, notify the sender and delete this message."
)
OTHER = "Any dissemination is strictly prohibited."
LIST = (
    "You received this message because you are subscribed to the list.\n"
    "To unsubscribe, write to pier-unsubscribe@lists.example"
)
SAID = [
    "Burn it.",
    "Read and destroy",
    "Seriously, delete this e-mail.",
    "Please delete this message.",
    "Destroy all copies of the contract.",
    "Please delete this message and all copies of it before the audit.",
    "And no, the auditors are not intended recipients either.",
    "We received their confidential files in error and did not delete them.",
    "The disclosure was unauthorized and we are liable.",
    "Is this communication privileged?",
    "It is unlawful to disclose this",
    "This message was sent to the regulator.",
    "Nobody at the company is authorised and regulated",
    "ALL COPIES HAVE BEEN DELETED!!",
    "The material was destroyed. All copies have been deleted. Is this legal?",
    "Remove yourself from this mailing list before legal asks for it.",
    "Die Weitergabe der Daten war unzulässig.",
    "Merci de détruire ce message.",
]


def authored(body: str) -> str:
    return " ".join(parse_message(f"From: ada@quay.example\n\n{body}".encode()).authored.split())


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("notice", [NOTICE, LIST, f"{OTHER}\n\n{NOTICE}"])
def test_below_above_and_between(said: str, notice: str) -> None:
    for body in (f"{notice}\n\n{said}", f"{notice}\n\n{said}\n\n{OTHER}", f"{said}\n\n{notice}"):
        assert said in authored(f"At noon.\n\n{body}\n"), body
    assert said in authored(f"At noon.\n\n****\n{notice}\n\n{said}\n****\n")


@pytest.mark.parametrize("said", [said for said in SAID if said[-1] in ".!?"])
def test_on_lines_of_a_notice(said: str) -> None:
    for body in (f"{NOTICE}\n{said}", f"{said}\n{NOTICE}", f"{NOTICE}\n{said}\n{OTHER}"):
        assert said in authored(f"At noon.\n\n{body}\n"), body
    assert said in authored(f"At noon.\n\n{NOTICE} {said}\n")


@pytest.mark.parametrize(
    "line",
    [
        "All rights reserved.",
        "This e-mail is confidential. Please notify the sender.",
        "Thank you for your cooperation.",
        "Quay Works Ltd is registered in England, company number 0123456.",
        "Please consider the environment before printing this e-mail.",
        "Copyright 2024 Quay Works Ltd. All rights reserved.",
    ],
)
def test_lines_of_notices_stay_theirs(line: str) -> None:
    assert authored(f"At noon.\n\n{NOTICE}\n{line}\n") == "At noon."
    assert authored(f"At noon.\n\n{NOTICE}\n\n{line}\n") == "At noon."
