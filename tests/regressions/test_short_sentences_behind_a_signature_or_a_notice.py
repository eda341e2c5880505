"""Sentences of up to six words below a signature or within a notice counted as not written."""

from __future__ import annotations

import pytest

from riskscan.mail.message import Role
from riskscan.mail.segment import segment

NOTICE = (
    "This e-mail is confidential and intended only for the addressee. If you are not the intended\n"
    "recipient, notify the sender and delete this message."
)
REST = "Any dissemination is strictly prohibited."
BLOCK = "-- \nAda Lovell\nHarbour Manager\nQuay Works Ltd\nTel +31 10 555 0177"

SHORT = [
    "Destroy the files before Friday.",
    "Shred it all tonight.",
    "We broke the law.",
    "Pay him the bribe.",
    "Не пиши об этом.",
    "这是违法的，请销毁所有文件。",
    "違法です。",
    "불법이니까 전부 지우세요 오늘 밤에.",
]
LINES = [
    "delete everything tonight and tell nobody",
    "call 555-123456 and destroy the files before they come",
]
SENTENCES = [
    *LINES,
    "It's illegal what we do, isn't it? Keep quiet.",
    "Shred All The Files Tonight Before They Come Please",
]
LOUD = "PLEASE DESTROY ALL FILES BEFORE THE AUDIT COMES AROUND TOMORROW"
BARE = ["Hide it.", "Bitte vernichten."]


def of(body: str, role: Role = Role.AUTHORED) -> str:
    return "\n".join(body[s.start : s.end] for s in segment(body) if s.role is role).strip()


@pytest.mark.parametrize("said", [*SHORT, *SENTENCES, *BARE])
@pytest.mark.parametrize("mark", ["Sent from my iPhone\n\n", "Sent from my iPhone\n", "-- \n"])
def test_below_a_phones_line_or_a_mark_alone(said: str, mark: str) -> None:
    assert of(f"See you at one.\n\n{mark}{said}\n").endswith(said)


@pytest.mark.parametrize("said", [*SHORT, *SENTENCES])
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_below_a_signature(said: str, gap: str) -> None:
    body = f"See you at one.\n\n{BLOCK}{gap}{said}\n"
    assert of(body).endswith(said)
    assert of(body, Role.SIGNATURE) == BLOCK


@pytest.mark.parametrize("said", [*SHORT, *SENTENCES[:3], LOUD])
def test_among_the_lines_of_a_notice(said: str) -> None:
    assert said in of(f"See you at one.\n\n{NOTICE}\n{said}\n{REST}\n")


@pytest.mark.parametrize("said", SHORT)
def test_among_the_sentences_of_a_notice(said: str) -> None:
    assert said in of(f"See you at one.\n\n{NOTICE} {said} {REST}\n")


@pytest.mark.parametrize("said", [*SHORT, *SENTENCES])
def test_below_a_notice(said: str) -> None:
    body = f"See you at one.\n\n{NOTICE}\n\n{said}\n"
    assert of(body).endswith(said)
    assert of(body, Role.DISCLAIMER) == NOTICE


SIGNED = [
    BLOCK,
    "-- \nAda Lovell\nDirector of the Eastern Docks",
    "-- \nAda",
    "-- \nIda P. Dunmore Jr.\nBrightwell Inc.",
    "-- \nИда Дунмор\nПричал 4",
    "-- \n東京都港区港南\n港湾株式会社",
    '-- \n"Carpe diem."',
    "Sent from my iPhone\nAda Lovell\nHarbour Manager, Quay Works Ltd",
]


@pytest.mark.parametrize("signature", SIGNED)
def test_signatures_and_titles_stay_signatures(signature: str) -> None:
    assert of(f"See you at one.\n\n{signature}\n") == "See you at one."


@pytest.mark.parametrize(
    "notice",
    [
        f"{NOTICE}\n{REST}",
        f"{NOTICE} Thank you for your cooperation.",
        f"{NOTICE} {REST} All rights reserved.",
        f"{NOTICE}\nPlease do not attempt to respond to this message.",
        f"{NOTICE} Receipt is no waiver of attorney-client and/or work product\nprivileges.",
    ],
)
def test_notices_stay_notices(notice: str) -> None:
    body = f"See you at one.\n\n{notice}\n"
    assert of(body, Role.DISCLAIMER) == notice
