"""The mail that benchmarks/multiply.py makes: new in every round, the same for the same seed."""

from __future__ import annotations

import sys
from email import message_from_bytes
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))

from multiply import Round, mailboxes, take_stock, write_round

from riskscan.sources import Item, Limits, discover

_HEAD = """From MAILER-DAEMON Thu Jan  1 00:00:00 1970
Message-ID: <{id}@halden.example>
Date: Mon, {day} Jan 2018 09:00:00 +0000
From: {who}@halden.example
To: ben.tarn@quayside.example
Subject: {subject}

"""
_TEXT = "The crane on the north berth stands still until the harbour master has seen it.\n"


def corpus(place: Path) -> Path:
    place.mkdir()
    asked = _HEAD.format(id=1, day="08", who="nora.quill", subject="Berth plan") + _TEXT
    answered = _HEAD.format(id=2, day="15", who="ana.lund", subject="Re: Berth plan")
    other = "From there on it is ours, and the tide will not wait for anybody else.\n"
    quoted = "> " + _TEXT
    (place / "quill-n.mbox").write_text(f"{asked}\n{answered}{other}\n{quoted}\n")
    return place


def made(folder: Path, out: Path, number: int, most: int = 9) -> list[bytes]:
    new = Round(take_stock(folder, 1), 1, number, 1 / 3)
    assert write_round(folder, out, number, new, mailboxes(folder), most) == min(most, 2)
    units = discover([out / f"round-{number:04}"], Limits())
    return [e.data for unit in units for e in unit.events(0) if isinstance(e, Item)]  # type: ignore[union-attr]


def test_each_round_is_other_mail_of_the_same_shape(tmp_path: Path) -> None:
    folder = corpus(tmp_path / "corpus")
    rounds = [made(folder, tmp_path / "out", number) for number in (1, 2)]
    for name in ("message-id", "date"):
        assert len({message_from_bytes(data)[name] for some in rounds for data in some}) == 4
    for asked, answered in (map(message_from_bytes, some) for some in rounds):
        assert answered["in-reply-to"] == answered["references"] == asked["message-id"]
        assert asked["subject"] == answered["subject"].removeprefix("Re: ")
        # A quoted line is still that of the message which it is from.
        assert asked.get_payload().strip() in answered.get_payload()
    assert rounds[0][0].partition(b"\n\n")[2] != rounds[1][0].partition(b"\n\n")[2]


def test_the_same_seed_makes_the_same_bytes(tmp_path: Path) -> None:
    folder = corpus(tmp_path / "corpus")
    assert made(folder, tmp_path / "one", 3) == made(folder, tmp_path / "other", 3)
    assert len(made(folder, tmp_path / "few", 3, most=1)) == 1
