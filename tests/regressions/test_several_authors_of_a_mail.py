"""Of several authors the first alone was kept, without a word; mails of others were duplicates."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskscan.case.read import Case
from riskscan.case.store import open_case
from riskscan.engine import Engine
from riskscan.mail.identity import copy_hash
from riskscan.mail.message import Message
from riskscan.mail.parse import parse_message
from riskscan.sources import Limits
from riskscan.stages.ingest import ingest
from riskscan.stages.progress import Silent


def letter(number: int, *authors: str) -> bytes:
    """A letter of authors, each in a From field of its own."""
    fields = "".join(f"From: {author}\r\n" for author in authors)
    return (
        f"{fields}To: cy@ferry.example\r\nSubject: Crates\r\nMessage-ID: <{number}@ferry.example>"
        "\r\nDate: Tue, 5 Mar 2024 08:00:00 +0000\r\n\r\nShred the crates.\r\n"
    ).encode()


def read(*authors: str) -> Message:
    return parse_message(letter(1, *authors))


def shown(value: str) -> tuple[str, str, list[str]]:
    message = read(value)
    assert message.sender is not None
    told = [one for one in message.defects if one.startswith("further")]
    return message.sender.name, message.sender.address, told


@pytest.mark.parametrize("mark", [", ", "; ", " on behalf of "])
@pytest.mark.parametrize(
    "names", [("Ada Quay", "Bob Tern"), ("Quay, Ada", "Tern, Bob"), ('"Quay, Ada"', '"Tern, Bob"')]
)
def test_the_second_author_is_told(mark: str, names: tuple[str, str]) -> None:
    first, second = (name.strip('"') for name in names)
    assert shown(f"{names[0]} <ada@quay.example>{mark}{names[1]} <bob@quay.example>") == (
        first,
        "ada@quay.example",
        [f"further senders: {second} <bob@quay.example>"],
    )


@pytest.mark.parametrize(
    ("value", "address", "others"),
    [
        ("ada@quay.example, bob@quay.example", "ada@quay.example", "<bob@quay.example>"),
        ("Smith, bob@quay.example", "bob@quay.example", "Smith"),
        ("Ada, Bob", "", "Bob"),
        (
            ", ".join(f"p{n}@quay.example" for n in range(14)),
            "p0@quay.example",
            f"{', '.join(f'<p{n}@quay.example>' for n in range(1, 11))}, and 3 more",
        ),
    ],
)
def test_whoever_else_stands_there_is_told(value: str, address: str, others: str) -> None:
    assert shown(value)[1:] == (address, [f"further senders: {others}"])


@pytest.mark.parametrize(
    "value", ["Ada <ada@quay.example>, ADA@quay.example", "Quay, Ada, PhD <ada@quay.example>"]
)
def test_one_author_is_one(value: str) -> None:
    assert shown(value)[1:] == ("ada@quay.example", [])


def test_so_are_the_authors_in_a_second_field() -> None:
    message = read("Ada <ada@quay.example>", "Eve <eve@quay.example>")
    assert message.defects == [
        "header from occurs more than once: the first is used",
        "further senders: Eve <eve@quay.example>",
    ]


def test_mails_of_other_authors_are_no_duplicates(tmp_path: Path) -> None:
    export = tmp_path / "export"
    export.mkdir()
    mails = ("", ", Bob <bob@quay.example>", ", Eve <eve@quay.example>", ", eve@quay.example")
    for number, more in enumerate(mails):
        path = export / f"{number}.eml"
        path.write_bytes(letter(number, f"Ada <ada@quay.example>{more}"))
    with open_case(tmp_path / "case") as store, Engine(0) as engine:
        ingest(store, engine, [export], None, Silent(), Limits())
    with Case(tmp_path / "case") as case:
        counts = case.counts()
    assert (counts["stored"], counts["duplicates"]) == (3, 1)


def test_neither_are_they_under_one_message_id() -> None:
    values = ["Ada <ada@q.example>", "Ada <ada@q.example>, Bob <bob@q.example>", "ADA@q.example"]
    alone, both, same = (copy_hash(read(value)) for value in values)
    assert alone == same != both
