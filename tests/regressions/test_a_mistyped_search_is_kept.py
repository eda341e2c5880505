"""A search with a mistake in it lost what was typed, and the filters."""

from __future__ import annotations

from pathlib import Path

import pytest
from review_building import quay_case, reviewing


@pytest.mark.parametrize(
    ("typed", "more", "shown"),
    [
        ("%22unbalanced", "", "&#34;unbalanced"),
        ("a+OR", "&custodian=nora&since=2001-02-03", "a OR"),
        ("crates", "&custodian=nora&low=7", "crates"),
    ],
)
def test_what_was_typed_stays(tmp_path: Path, typed: str, more: str, shown: str) -> None:
    with reviewing(quay_case(tmp_path)) as ann:
        answer = ann.get(f"/?q={typed}{more}")
        assert answer.status_code == 400
        assert f'id="q" name="q" type="search" value="{shown}"' in answer.text
        for kept in [one for one in more.split("&") if one and "low" not in one]:
            name, _, value = kept.partition("=")
            assert f'<input type="hidden" name="{name}" value="{value}">' in answer.text
        assert "low=7" not in answer.text
