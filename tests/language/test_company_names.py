"""Names of companies: core and legal form, short names that a text defines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskscan.language.companies import defined_name, is_acronym, may_be_short_for, parse_company


@pytest.mark.parametrize(
    ("text", "core", "form"),
    [
        ("Calloway Freight Ltd", "calloway freight", "ltd"),
        ("Calloway Freight, Limited", "calloway freight", "ltd"),
        ("the Calloway Freight Company's", "calloway freight", ""),
        ("Quill & Tarn Co.", "quill and tarn", ""),
        ("The Southern Company", "southern company", ""),
        ("HALDEN\n CORP.", "halden", "corp"),
        ("U.S. Department of Tides", "department of tides", ""),
        ("Ltd", "ltd", ""),
        ("Calloway,s", "calloway", ""),
        ("Calloway\u2019s", "calloway", ""),
    ],
)
def test_core_and_legal_form(text: str, core: str, form: str) -> None:
    found = parse_company(text)
    assert found is not None
    assert (found.core, found.form) == (core, form)


@pytest.mark.parametrize(
    ("long", "after", "short"),
    [
        ("Federal Tide Regulatory Commission", " (FTRC) said", "FTRC"),
        ("Calloway Freight Ltd", ' ("Calloway") and', "Calloway"),
        ("Calloway Freight Ltd", " (hereinafter “Calloway”)", "Calloway"),
        ("Calloway Freight Ltd", ' (the "Company")', ""),
        ("Calloway Freight Ltd", " (see below)", ""),
        ("Calloway Freight Ltd", " (Nora Quill)", ""),
        ("Calloway Freight Ltd", "", ""),
    ],
)
def test_what_a_text_defines(long: str, after: str, short: str) -> None:
    assert defined_name(long, after) == short


def test_small_words_have_no_initial_in_an_acronym() -> None:
    assert is_acronym("SEC", "Securities and Exchange Commission")
    assert is_acronym("Q&T", "Quill & Tarn")
    assert not is_acronym("SEC", "Securities Commission")
    assert not is_acronym("S", "Securities")


def test_a_part_of_a_company_is_not_the_company() -> None:
    assert may_be_short_for("calloway", "calloway freight")
    assert not may_be_short_for("calloway", "calloway north america")
    assert not may_be_short_for("calloway", "calloways freight")
    assert not may_be_short_for("cal", "cal freight")


@given(st.text(max_size=300), st.text(max_size=200))
def test_any_text_is_read_in_bounds(text: str, after: str) -> None:
    found = parse_company(text)
    assert found is None or found.core
    defined_name(text, after)
    is_acronym(text, after)
