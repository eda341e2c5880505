"""The rule labels, through the shipped pipeline, on invented text."""

from __future__ import annotations

import time

import pytest
from spacy.language import Language

from riskscan.language.component import rule_matches
from riskscan.language.pipeline import entities

CASES = [
    ("Write to greta.holt@halden.example today.", "EMAIL", ["greta.holt@halden.example"]),
    ("See https://halden.example/fees?x=1, please.", "URL", ["https://halden.example/fees?x=1"]),
    ("Look at www.halden-shipping.com.", "URL", ["www.halden-shipping.com"]),
    ("Host 10.20.30.40 is down, 10.20.30.400 is none.", "IP", ["10.20.30.40"]),
    ("It came from 2001:db8::17 last night.", "IP", ["2001:db8::17"]),
    ("Call (713) 555-0142 or 713-555-0143 x12.", "PHONE", ["(713) 555-0142", "713-555-0143 x12"]),
    ("Ring +44 117 496 0017.", "PHONE", ["+44 117 496 0017"]),
    ("Pay into GB82 WEST 1234 5698 7654 32 now.", "ACCOUNT", ["GB82 WEST 1234 5698 7654 32"]),
    ("Pay into GB82 WEST 1234 5698 7654 33 now.", "ACCOUNT", []),
    ("The card 4111 1111 1111 1111 was used.", "ACCOUNT", ["4111 1111 1111 1111"]),
    ('He asked "Pellworm Transit, LLC" for it.', "ORG", ["Pellworm Transit, LLC"]),
    ("It says in Section 2.5 Pellworm Transit Inc. may.", "ORG", ["Pellworm Transit Inc."]),
    ("The Quay Company and Tern Freight, LLC came.", "ORG", ["Tern Freight, LLC"]),
    (
        "We ask that the papers be sent for signature to Pellworm \nTransit, LLC.",
        "ORG",
        ["Pellworm \nTransit, LLC."],
    ),
    ("Greta Holt\nPellworm Transit, LLC", "ORG", ["Pellworm Transit, LLC"]),
    ("12 Quay Street Port Tarn, TX 77002", "LOC", ["Port Tarn", "TX"]),
    ("Suite 4, St. Tarn, OR  97204-1234", "LOC", ["St. Tarn", "OR"]),
    ("He paid, TX 123 was late.", "LOC", []),
    ("Order 4111 1111 1111 1112 was filed.", "ACCOUNT", []),
    ("Use account no. 00123456789 for it.", "ACCOUNT", ["00123456789"]),
    ("They paid $1.5 million and US$40k.", "MONEY", ["$1.5 million", "US$40k"]),
    ("A bid of $45-50/MWh, or 50 cents.", "MONEY", ["$45-50", "50 cents"]),
    (
        "It cost five million dollars, not EUR 3,000.",
        "MONEY",
        ["five million dollars", "EUR 3,000"],
    ),
    ("Pay $1 \nmillion a year.", "MONEY", ["$1 \nmillion"]),
    ("See a $40k gap.", "MONEY", ["$40k"]),
    ("On Monday, May 7th, 2001 we met.", "DATE", ["Monday, May 7th, 2001"]),
    ("Due 5/14. It was 3/15/2001 or 2001-03-15.", "DATE", ["5/14", "3/15/2001", "2001-03-15"]),
    ("It is due on 5/14.", "DATE", ["5/14"]),
    ("From 30 September 2020 on, in Q1 2021.", "DATE", ["30 September 2020", "Q1 2021"]),
    ("tomorrow or next week or two weeks ago", "DATE", ["tomorrow", "next week", "two weeks ago"]),
    ("He may march in. May I sit?", "DATE", []),
    ("In May we sold it.", "DATE", ["May"]),
    ("Mix 1/2 cup; open 24/7.", "DATE", []),
    ("Section 206 of the Federal Power Act", "LAW", ["Section 206 of the Federal Power Act"]),
    ("Section 4.1 of the Agreement is silent.", "LAW", []),
    ("under Rule 10b-5 and Section 10(b)", "LAW", ["Rule 10b-5", "Section 10(b)"]),
    ("see 18 CFR 35.1 and 15 U.S.C. 78j(b)", "LAW", ["18 CFR 35.1", "15 U.S.C. 78j(b)"]),
    ("Article 6 of the GDPR, and HIPAA", "LAW", ["Article 6 of the GDPR", "HIPAA"]),
    ("the Clean Air Act and AB 1890", "LAW", ["Clean Air Act", "AB 1890"]),
    ("Order No. 888 and the Bankruptcy Code", "LAW", ["Order No. 888", "Bankruptcy Code"]),
    ("the Zip Code and the Dress Code", "LAW", []),
    ("in the Superior Court of New \nJersey", "COURT", ["Superior Court of New \nJersey"]),
    ("the Ninth Circuit agreed", "COURT", ["Ninth Circuit"]),
    ("in Marsh v. Halden Ltd. he won", "COURT", ["Marsh v. Halden Ltd"]),
    ("See Marsh v. Halden The ruling", "COURT", ["Marsh v. Halden"]),
    ("the bankruptcy court let it pass", "COURT", ["bankruptcy court"]),
    (
        "the Court of Common Pleas of Tern County, Ohio, said",
        "COURT",
        ["Court of Common Pleas of Tern County, Ohio"],
    ),
    (
        "Section 12(a)(2) of the Securities Act of 1933",
        "LAW",
        ["Section 12(a)(2) of the Securities Act of 1933"],
    ),
    (
        "Section 311 (a)(1) of the Natural Gas Policy Act",
        "LAW",
        ["Section 311 (a)(1) of the Natural Gas Policy Act"],
    ),
    ("Friday: Comets vs. Sparks, 7:30PM", "COURT", []),
    ("the lawsuit Marsh vs. Halden goes on", "COURT", ["Marsh vs. Halden"]),
    ("citing 410 U.S. 113 (1973)", "COURT", ["410 U.S. 113"]),
    ("FERC, the SEC and OSHA", "REGULATOR", ["FERC", "SEC", "OSHA"]),
    (
        "the California Public\nUtilities Commission",
        "REGULATOR",
        ["California Public\nUtilities Commission"],
    ),
    ("the Information Commissioner's Office", "REGULATOR", ["Information Commissioner's Office"]),
    ("ask the Department of Justice", "REGULATOR", ["Department of Justice"]),
    ("sold to Pellworm Transit, LLC today", "ORG", ["Pellworm Transit, LLC"]),
    ("From Halden & Sons Inc. in Oslo", "ORG", ["Halden & Sons Inc."]),
    ("we are an LLC, not an Inc.", "ORG", []),
    ("the CMS rollout at our DOT matrix", "REGULATOR", []),
    ("the CMS rules on billing", "REGULATOR", ["CMS"]),
]


@pytest.mark.parametrize(("text", "label", "expected"), CASES)
def test_rule(text: str, label: str, expected: list[str]) -> None:
    assert [text[a:b] for a, b, found in rule_matches(text) if found == label] == expected


@pytest.mark.parametrize(("text", "label", "expected"), CASES[:8])
def test_rules_are_in_the_pipeline(
    nlp: Language, text: str, label: str, expected: list[str]
) -> None:
    (found,) = entities(nlp, [text])
    assert [e.text for e in found if e.label == label] == expected


UNITS = [
    *(
        "1",
        "1 ",
        "$",
        "A ",
        "Section 1, ",
        "the ",
        "(1",
        "1.",
        "a.a@",
        "Court of ",
        "A v. ",
        "Act ",
    ),
    *(
        "http://",
        "May ",
        "1/",
        "1-",
        ":1",
        "AB1 ",
        "account 1",
        "x1",
        "Federal ",
        "Mr. ",
        "In re A ",
    ),
]


@pytest.mark.parametrize("unit", UNITS)
def test_time_grows_with_the_length_alone(unit: str) -> None:
    def seconds(count: int) -> float:
        text = unit * count
        begun = time.process_time()
        rule_matches(text)
        return time.process_time() - begun

    small = min(seconds(2_000) for _ in range(3)) + 0.005
    assert seconds(16_000) < 40 * small  # 8 if linear, 64 if quadratic


def test_the_units_of_a_notes_address_are_no_names(nlp: Language) -> None:
    (found,) = entities(nlp, ["Greta Holt/NA/Enron on 3/1/2001, Ben Tarn/HOU/ECT@Enron"])
    assert [(one.text, one.label) for one in found if one.label != "DATE"] == [
        ("Greta Holt", "PERSON"),
        ("Ben Tarn", "PERSON"),
    ]
