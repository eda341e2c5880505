"""Merging within a case: who is one person, which company is one, and what is left apart."""

from __future__ import annotations

from pathlib import Path

import pytest
from people_building import Mail, again, build, forms, rows

from riskscan.case.merged import ranking
from riskscan.case.store import connect
from riskscan.mail.message import Address

NORA = Address("Nora Quill", "nora.quill@halden.example")
JEFF = Address("Jeffrey Marlow", "jeff.marlow@halden.example")
BEN = Address("Ben Tarn", "ben@quayside.example")


def address(text: str) -> Address:
    name, _, bare = text.rpartition("<")
    return Address(name.strip(), bare.rstrip(">"))


def meant(case: Path) -> list[tuple[str, str, str]]:
    """(mention, name that it was merged into, rule), in the order of the mail."""
    return rows(
        case,
        "SELECT e.text, m.name, l.rule FROM merged_mentions l JOIN entities e ON e.id = l.entity_id"
        " JOIN merged m ON m.id = l.merged_id ORDER BY e.id",
    )


def groups(case: Path) -> set[frozenset[str]]:
    """The addresses of each person."""
    found: dict[int, set[str]] = {}
    for key, form in rows(case, "SELECT merged_id, form FROM merged_forms WHERE kind = 'address'"):
        found.setdefault(key, set()).add(form)
    return {frozenset(some) for some in found.values()}


def test_the_ways_to_write_one_person_are_one(tmp_path: Path) -> None:
    case = build(
        tmp_path / "case",
        [
            Mail("Dear all", NORA, [JEFF]),
            Mail("Dear all", address("Marlow, Jeffrey K. <k..marlow@halden.example>"), [NORA]),
            Mail("Dear all", NORA, [address("<jmarlow@halden.example>")]),
            Mail("Dear all", NORA, [address("<jeff_marlow@halden.example>")]),
            Mail("Ask Jeff Marlow.", NORA, [BEN], entities=[("Jeff Marlow", "PERSON")]),
            Mail("Ask Jeff.", NORA, [JEFF], entities=[("Jeff", "PERSON")]),
        ],
    )
    told = forms(case, "jmarlow@halden.example")
    assert told["k..marlow@halden.example"] == {"same name, same domain"}
    assert told["jmarlow@halden.example"] == {"initial and surname in the address"}
    assert told["Jeff Marlow"] == {"the only one of that name"}
    assert told["Jeff"] == {"takes part in the message"}
    assert {
        "jeff.marlow@halden.example",
        "jeff_marlow@halden.example",
        "Marlow, Jeffrey K.",
    } <= set(told)


def test_people_with_something_against_it_stay_apart(tmp_path: Path) -> None:
    some = [
        "Jeffrey A Marlow <jeff.marlow@halden.example>",
        "Jeffrey B Marlow <jeff.marlow2@halden.example>",
        "Jeff Marlow <jeff@halden.example>",  # which of the two?
        "Jeffrey A Marlow <jeff.marlow@pinnacle.example>",  # nobody in common
        "Jeffrey A Marlow <jam@gmail.com>",
        "Jeffrey A Marlow <jam1960@gmail.com>",  # a domain that says nothing
    ]
    case = build(tmp_path / "case", [Mail(sender=NORA, to=[address(text)]) for text in some])
    assert all(len(group) == 1 for group in groups(case))


def test_one_name_at_two_domains_that_writes_to_the_same_people(tmp_path: Path) -> None:
    home = address("Jeffrey Marlow <jm1960@gmail.com>")
    case = build(tmp_path / "case", [Mail(sender=s, to=[NORA, BEN]) for s in (JEFF, home)])
    assert frozenset({JEFF.address, home.address}) in groups(case)


def test_the_common_name_of_an_exchange_address_may_be_cut_off(tmp_path: Path) -> None:
    exchange = address("</o=halden/ou=na/cn=recipients/cn=jmarlo@halden.example>")
    case = build(tmp_path / "case", [Mail(sender=NORA, to=[JEFF, exchange])])
    assert frozenset({JEFF.address, exchange.address}) in groups(case)


def test_an_address_of_several_people_is_nobodys(tmp_path: Path) -> None:
    several = ["Nora Quill", "Ben Tarn", "Ada Reed"]
    desk = [Address(name, "desk@halden.example") for name in several]
    case = build(
        tmp_path / "case",
        [*(Mail(sender=s, to=[JEFF]) for s in desk), Mail(sender=NORA, to=[JEFF])],
    )
    assert frozenset({"desk@halden.example"}) in groups(case)
    labels = dict(rows(case, "SELECT anchor, label FROM merged"))
    assert labels["@desk@halden.example"] == "MAILBOX"


def test_a_first_name_joins_only_when_one_takes_part(tmp_path: Path) -> None:
    other = address("Jeffrey Roe <jeff.roe@halden.example>")
    jeff = [("Jeff", "PERSON")]
    case = build(
        tmp_path / "case",
        [
            Mail("Ask Jeff.", NORA, [JEFF], entities=jeff),
            Mail("Ask Jeff.", NORA, [JEFF, other], entities=jeff),
            Mail("Ask Jeff.", NORA, [BEN], entities=jeff),
            Mail("Fine.", NORA, [other], thread="t"),
            Mail("Ask Jeff.", NORA, [BEN], entities=jeff, thread="t"),
            Mail(
                "Jeff Oakes came. Ask Jeff again.", NORA, [BEN],
                entities=[("Jeff Oakes", "PERSON"), ("Jeff", "PERSON")],
            ),
        ],
    )  # fmt: skip
    assert [(name, rule) for text, name, rule in meant(case) if text == "Jeff"] == [
        ("Jeffrey Marlow", "takes part in the message"),
        ("Jeff", ""),
        ("Jeff", ""),
        ("Jeffrey Roe", "takes part in the thread"),
        ("Jeff Oakes", "named in full in the message"),
    ]
    assert rows(case, "SELECT alone FROM merged WHERE name = 'Jeff'") == [(1,)]


def test_a_full_name_of_two_people_means_the_one_who_takes_part(tmp_path: Path) -> None:
    other = address("Jeffrey Marlow <jeffm@pinnacle.example>")
    jeff = [("Jeff Marlow", "PERSON")]
    case = build(
        tmp_path / "case",
        [
            Mail("Jeff Marlow left.", NORA, [other], entities=jeff),
            Mail("Jeff Marlow left.", BEN, [JEFF], entities=jeff),
            Mail("Jeff Marlow left.", NORA, [BEN], entities=jeff),
        ],
    )
    anchors = rows(
        case,
        "SELECT m.anchor, l.rule FROM merged_mentions l JOIN merged m ON m.id = l.merged_id"
        " ORDER BY l.entity_id",
    )
    assert anchors == [
        ("@jeffm@pinnacle.example", "named in full, takes part"),
        ("@jeff.marlow@halden.example", "named in full, takes part"),
        ("n:jeff marlow", ""),
    ]


def test_companies_with_their_short_and_long_names(tmp_path: Path) -> None:
    case = build(
        tmp_path / "case",
        [
            Mail(
                "Calloway Freight Ltd called. I trust Calloway.",
                entities=[("Calloway Freight Ltd", "ORG"), ("Calloway", "ORG")],
            ),
            Mail("CALLOWAY FREIGHT paid.", entities=[("CALLOWAY FREIGHT", "ORG")]),
            Mail(
                "The Port Tide Commission (PTC) wrote.",
                entities=[("Port Tide Commission", "REGULATOR"), ("PTC", "ORG")],
            ),
            Mail("PTC wrote again.", entities=[("PTC", "REGULATOR")]),
        ],
    )
    told = forms(case, "Calloway Freight Ltd")
    assert told["Calloway"] == {"short name"}
    assert set(told) == {"Calloway", "Calloway Freight Ltd", "CALLOWAY FREIGHT"}
    assert forms(case, "Port Tide Commission")["PTC"] == {"defined in a text"}
    assert rows(case, "SELECT DISTINCT label FROM merged WHERE name = 'PTC'") == [("REGULATOR",)]


def test_companies_that_only_look_alike_stay_apart(tmp_path: Path) -> None:
    names = [
        "Halden", "Halden Inc", "Halden LLC", "Halden North America Corp", "Halden Tower",
        "Pinnacle", "Pinnacle Gas Inc", "Pinnacle Coal Inc", "Quayside", "Quayside Tower",
    ]  # fmt: skip
    body = "; ".join(reversed(names))
    case = build(tmp_path / "case", [Mail(body, entities=[(name, "ORG") for name in names])])
    # "Halden" is first found inside of a longer name: what counts is the text of the mention.
    found = rows(case, "SELECT name FROM merged WHERE label = 'ORG'")
    assert len(found) == len(names)


def test_the_counts_tell_messages_and_flagged_ones(tmp_path: Path) -> None:
    worry = "Jeff Marlow hid the invoices."
    case = build(
        tmp_path / "case",
        [
            Mail(worry, NORA, [BEN], finding=worry, entities=[("Jeff Marlow", "PERSON")]),
            Mail("Fine.", JEFF, [NORA]),
            Mail("Fine.", NORA, [JEFF], cc=[JEFF]),
        ],
    )
    engine = connect(case)
    try:
        ranked = {row["name"]: row for row in ranking(engine)}
        near = {row["name"] for row in ranking(engine, near_findings=True)}
    finally:
        engine.dispose()
    jeff = ranked["Jeffrey Marlow"]
    assert (jeff["messages"], jeff["flagged"]) == (3, 1)
    assert (jeff["wrote"], jeff["received"], jeff["named"]) == (1, 1, 1)
    assert (jeff["first"][:10], jeff["last"][:10]) == ("2024-03-02", "2024-03-04")
    assert near == {"Nora Quill", "Ben Tarn", "Jeffrey Marlow"}


def test_what_stands_far_from_a_finding_is_not_near(tmp_path: Path) -> None:
    worry = "We hid the invoices of Calloway."
    body = f"{worry} {'More follows. ' * 60}The crates of Pinnacle come."
    marks = [("Calloway", "ORG"), ("Pinnacle", "ORG")]
    case = build(
        tmp_path / "case",
        [
            Mail(body, finding=worry, entities=marks),
            Mail("Quayside.", entities=[("Quayside", "ORG")]),
        ],
    )
    engine = connect(case)
    try:
        near = [row["name"] for row in ranking(engine, label="ORG", near_findings=True)]
    finally:
        engine.dispose()
    assert near == ["Calloway"]


def test_the_same_case_merges_the_same(tmp_path: Path) -> None:
    mails = [
        Mail(
            "Ask Jeff and Ada Reed.",
            s,
            [JEFF],
            entities=[("Jeff", "PERSON"), ("Ada Reed", "PERSON")],
        )
        for s in (NORA, BEN, address("Reed, Ada <ada@halden.example>"))
    ]
    case = build(tmp_path / "case", mails)
    tables = ("merged", "merged_forms", "merged_mentions", "appearances", "counsel")
    before = [rows(case, f"SELECT * FROM {table}") for table in tables]
    again(case)
    assert [rows(case, f"SELECT * FROM {table}") for table in tables] == before
    assert all(before[:4])


def test_a_case_without_mail_merges_to_nothing(tmp_path: Path) -> None:
    case = build(tmp_path / "case", [])
    assert rows(case, "SELECT count(*) FROM merged") == [(0,)]


@pytest.mark.parametrize(
    "name", ["", "@", "a@b@c", "É@Ü.EXAMPLE", "ſ@K.example", "'; DROP TABLE merged; --", "\x00"]
)
def test_hostile_headers_are_merged_like_others(tmp_path: Path, name: str) -> None:
    odd = Address(name, name)
    case = build(tmp_path / "case", [Mail(sender=odd, to=[odd, NORA])])
    assert rows(case, "SELECT count(*) FROM merged WHERE name = 'Nora Quill'") == [(1,)]
