"""Merging: whom one word of a name means, and which acronyms and spellings are one company."""

from __future__ import annotations

from pathlib import Path

from people_building import Mail, build, forms, rows

from riskscan.mail.message import Address

NORA = Address("Nora Quill", "nora.quill@halden.example")
CHRIS = Address("Chris Foster", "chris.foster@halden.example")
OTHER = Address("Quill, Chris H.", "chris.quill@halden.example")
BEN = Address("Ben Tarn", "ben@quayside.example")
WORD = [("Chris", "PERSON")]


def meant(case: Path, word: str) -> list[tuple[str, str]]:
    """(name that a word was merged into, rule), in the order of the mail."""
    return rows(
        case,
        "SELECT m.name, l.rule FROM merged_mentions l JOIN entities e ON e.id = l.entity_id"
        f" JOIN merged m ON m.id = l.merged_id WHERE e.text = '{word}' ORDER BY e.id",
    )


def test_of_two_who_fit_the_place_in_the_message_decides(tmp_path: Path) -> None:
    case = build(
        tmp_path / "case",
        [
            Mail("The crates came.\n\nThanks,\nChris\n", CHRIS, [OTHER], entities=WORD),
            Mail("The crates came. Thanks, Chris", CHRIS, [OTHER], entities=WORD),
            Mail("Chris,\n\nThe crates came.", CHRIS, [OTHER], entities=WORD),
            Mail("The crates of Chris came.", CHRIS, [OTHER], entities=WORD),
        ],
    )
    assert meant(case, "Chris") == [
        ("Chris Foster", "signs the message"),
        ("Chris Foster", "signs the message"),
        ("Chris H. Quill", "is greeted in the message"),
        ("Chris", ""),
    ]


def test_of_two_who_fit_the_one_named_before_is_meant_unless_the_name_goes_on(
    tmp_path: Path,
) -> None:
    # The builder marks where a text first stands, and in the order of the list.
    marks = [("Chris Oakes", "PERSON"), *WORD]
    case = build(
        tmp_path / "case",
        [
            Mail("We like Chris! I mean Chris Oakes.", NORA, [OTHER], entities=marks),
            Mail("We like Chris Barrow and Chris Oakes.", NORA, [OTHER], entities=marks),
        ],
    )
    assert meant(case, "Chris") == [("Chris Oakes", "named in full before"), ("Chris", "")]


def test_initials_below_the_text_are_the_senders(tmp_path: Path) -> None:
    marks = [("CF", "PERSON")]
    case = build(
        tmp_path / "case",
        [
            Mail("Fine.\n\nCF\n", CHRIS, [BEN], entities=marks),
            Mail("Fine.\n\nCF\n", NORA, [BEN], entities=marks),
        ],
    )
    assert meant(case, "CF") == [("Chris Foster", "signs the message"), ("CF", "")]


def test_a_surname_alone_is_the_only_one_of_that_name_to_a_colleague(tmp_path: Path) -> None:
    often = [Mail("Fine.", CHRIS, [BEN]) for _ in range(10)]
    word = [("Foster", "PERSON")]
    asked = Mail("Ask Foster.", NORA, [Address("", "x@halden.example")], entities=word)
    outside = Mail("Ask Foster.", Address("", "news@paper.example"), [NORA], entities=word)
    case = build(tmp_path / "case", [*often, asked, outside])
    assert meant(case, "Foster") == [
        ("Chris Foster", "the only one of that surname"), ("Foster", "")
    ]  # fmt: skip
    brother = Mail("See Max Foster.", NORA, [BEN], entities=[("Max Foster", "PERSON")])
    case = build(tmp_path / "two", [*often, brother, asked])
    assert meant(case, "Foster") == [("Foster", "")]


def test_a_first_name_is_the_one_with_whom_the_sender_usually_writes(tmp_path: Path) -> None:
    often = [Mail("Fine.", NORA, [CHRIS]) for _ in range(10)]
    asked = Mail("Ask Chris.", NORA, [BEN], entities=WORD)
    greeted = Mail("Chris,\n\nFine.", NORA, [BEN], entities=WORD)
    case = build(tmp_path / "case", [*often, Mail("Fine.", NORA, [OTHER]), asked, greeted])
    assert meant(case, "Chris") == [
        ("Chris Foster", "the one whom the sender writes with"),
        ("Chris", ""),
    ]
    case = build(tmp_path / "two", [*often[:9], Mail("Fine.", NORA, [OTHER]), asked])
    assert meant(case, "Chris") == [("Chris", "")]


def test_a_name_written_as_it_sounds_is_still_the_one_who_takes_part(tmp_path: Path) -> None:
    tracey = Address("Tracey Fleming", "tracey.fleming@halden.example")
    case = build(
        tmp_path / "case", [Mail("Tracy,\nFine.", NORA, [tracey], entities=[("Tracy", "PERSON")])]
    )
    assert meant(case, "Tracy") == [("Tracey Fleming", "takes part in the message")]


def test_companies_that_differ_in_spaces_or_are_spelled_out_beside_their_acronym(
    tmp_path: Path,
) -> None:
    def body(*names: str) -> Mail:
        return Mail(", ".join(names) + " came.", entities=[(name, "ORG") for name in names])

    case = build(
        tmp_path / "case",
        [
            body("Halden North Quay", "HNQ"),
            body("TideBoard"),
            body("Tide Board"),
            body("Quayside Tern Line", "QTL"),
            body("Quarry Tower Land"),
            body("Texas Iron Stevedores Office"),
            body("TX ISO"),
        ],
    )
    assert forms(case, "HNQ")["HNQ"] == {"acronym in the same message"}
    assert set(forms(case, "HNQ")) == {"HNQ", "Halden North Quay"}
    assert set(forms(case, "TideBoard")) == {"TideBoard", "Tide Board"}
    assert set(forms(case, "QTL")) == {"QTL"}
    assert set(forms(case, "TX ISO")) == {"TX ISO", "Texas Iron Stevedores Office"}
    assert forms(case, "TX ISO")["TX ISO"] == {"first word and initials"}
