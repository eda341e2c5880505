"""Who reads as counsel, and which words claim privilege."""

from __future__ import annotations

import time

import pytest

from riskscan.language.counsel import (
    counsel_by_address,
    counsel_by_name,
    law_firms,
    privilege_words,
    signed_title,
    title_after,
)


@pytest.mark.parametrize(
    ("address", "rule"),
    [
        ("jane@kirkland.com", "known firm"),
        ("jane@chicago.kirkland.com", "known firm"),
        ("jane@quill-law.example", "domain"),
        ("jane@quilltarnlaw.example", "domain"),
        ("jane@quilltarnllp.example", "domain"),
        ("jane@quill.law", "domain"),
        ("legal@halden.example", "address"),
        ("general.counsel@halden.example", "address"),
    ],
)
def test_an_address_that_is_counsels(address: str, rule: str) -> None:
    found = counsel_by_address(address)
    assert found is not None
    assert found[0] == rule
    assert found[1]


@pytest.mark.parametrize(
    "address",
    ["jane@halden.example", "jane@outlaw.example", "jane@lawson.example", "news@law.com",
     "jane@law.north.edu", "legally.blonde@halden.example", "lawrence@halden.example", "", "legal"],
)  # fmt: skip
def test_an_address_that_is_nobodys_counsel(address: str) -> None:
    assert counsel_by_address(address) is None


@pytest.mark.parametrize(
    ("text", "counsel"),
    [
        ("Quill, Nora (Legal)", True),
        ("Nora Quill, Esq.", True),
        ("Quill & Tarn LLP", True),
        ("Nora - HTC Legal Quill", True),
        ("Nora Quill-HTC Legal", True),
        ("Quill, Nora, Paralegal", False),
        ("Nora Quill, General Counsel", True),
        ("Nora Quill", False),
        ("Assistant to the General Counsel", False),
        ("Attorney General of Tides", False),
    ],
)
def test_a_display_name_that_is_counsels(text: str, counsel: bool) -> None:
    assert (counsel_by_name(text) is not None) is counsel


def test_the_title_must_stand_below_the_senders_own_name() -> None:
    own = "Nora Quill\nSenior Counsel\nHalden Tide Co.\n555-0101"
    assert signed_title(own, ["quill"]) == "Senior Counsel"
    assert signed_title(own, ["tarn"]) == ""
    others = "Nora Quill\n\nCall Ada Reed, General Counsel, on 555-0102"
    assert signed_title(others, ["quill"]) == ""
    aide = "Nora Quill\nAssistant to the General Counsel"
    assert signed_title(aide, ["quill"]) == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("PRIVILEGED AND CONFIDENTIAL\n\nBen,", "PRIVILEGED AND CONFIDENTIAL"),
        ("This is attorney-client privileged.", "attorney-client privileged"),
        ("Prepared at the request of counsel.", "at the request of counsel"),
        ("Attorney Work Product: draft", "Attorney Work Product"),
        ("I feel privileged to work with you.", ""),
        ("These files are non-privileged documents.", ""),
        ("That is not privileged information.", ""),
        ("See quill_nora_000_1_1 (Non-Privileged).pst", ""),
        (
            "This e-mail may contain privileged information and is intended for the addressee. If "
            "you received it in error, delete it.",
            "",
        ),
    ],
)
def test_words_that_claim_privilege(text: str, words: str) -> None:
    assert privilege_words(text) == words


def test_the_shipped_list_is_whole() -> None:
    domains, names = law_firms()
    assert len(names) > 80
    assert all("." in domain and domain == domain.lower() for domain in domains)


def test_long_hostile_texts_take_linear_time() -> None:
    def spent(times: int) -> float:
        text = "privileged attorney client at the request of " * times
        began = time.process_time()
        privilege_words(text)
        signed_title("Nora " * times, ["nora"])
        return time.process_time() - began

    spent(100)
    assert spent(40_000) < 30 * max(spent(4_000), 0.005)


@pytest.mark.parametrize(
    ("after", "title"),
    [
        (", General Counsel of Halden", "General Counsel"),
        (", Managing Director & general\ncounsel", "general counsel"),
        (", as deputy general counsel,", "deputy general counsel"),
        ("\nGeneral Counsel\n", "General Counsel"),
        (" asked our general counsel", ""),
        (" and the General Counsel", ""),
        (", Ben Tarn and the general counsel", ""),
        (". General Counsel", ""),
        ("", ""),
    ],
)
def test_the_title_that_a_text_gives_somebody(after: str, title: str) -> None:
    assert title_after(after) == title
