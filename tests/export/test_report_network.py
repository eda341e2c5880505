"""Around the findings: who and what the report names there, and who wrote to whom as a picture."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from people_building import Mail, build
from report_page import Page, spaced

from riskscan.export.report import write_report
from riskscan.export.report_network import PEOPLE, network
from riskscan.mail.message import Address

NORA = Address("Nora Quill", "nora.quill@halden.example")
BEN = Address("Ben Tarn", "ben@quayside.example")
FIRM = Address("Reed & Tarn LLP", "ada@reed-law.example")
WORRY = "Ben, we hid the invoices of Calloway from FERC."


def person(key: int, name: str = "", *, counsel: str = "", flagged: int = 1) -> dict[str, Any]:
    return {
        "id": key, "name": name or f"Person {key}", "counsel": counsel, "flagged": flagged,
        "messages": 2 * flagged, "wrote": 1,
    }  # fmt: skip


def ring(size: int) -> tuple[list[tuple[int, int, int]], dict[int, dict[str, Any]]]:
    """Everybody writes to the next two."""
    pairs = [(i, (i + step) % size, 1 + i % 3) for i in range(size) for step in (1, 2)]
    return pairs, {i: person(i) for i in range(size)}


@pytest.fixture
def page(tmp_path: Path) -> Page:
    marks = [("Ben", "PERSON"), ("Calloway", "ORG"), ("FERC", "REGULATOR")]
    case = build(
        tmp_path / "case",
        [
            Mail(WORRY, NORA, [BEN], cc=[FIRM], finding=WORRY, entities=marks),
            Mail("Fine.", BEN, [Address("Eve Far", "eve@far.example")]),
        ],
    )
    return Page(write_report(case, tmp_path / "report.html"))


def test_the_report_names_who_and_what_stands_around(page: Page) -> None:
    page.check()
    around = spaced(page.one("section#around"))
    for name in ("Nora Quill", "Ben Tarn", "Reed & Tarn LLP", "Calloway", "FERC"):
        assert name in around
    assert "Eve Far" not in around
    assert "1 flagged message" in around.lower()
    assert "not a decision" in around


def test_the_message_says_why_it_may_be_privileged(page: Page) -> None:
    hint = spaced(page.section(1).css_first("p.hint"))
    assert hint.startswith("Possibly privileged")
    assert "Reed & Tarn LLP is counsel" in hint
    assert hint.endswith("A hint, not a decision.")
    entities = spaced(page.section(1).css_first("dl.entities"))
    assert "Ben Tarn as “Ben”" in entities


def test_the_picture_has_a_row_a_name_and_an_arc_a_pair(page: Page) -> None:
    labels = [spaced(node) for node in page.all("svg.network text")]
    assert len(labels) == len(set(labels)) == 3
    assert "Reed & Tarn LLP †" in labels
    told = [spaced(node) for node in page.all("svg.network .arc title")]
    assert sorted(told) == [
        "Nora Quill to Ben Tarn: 1 flagged message",
        "Nora Quill to Reed & Tarn LLP: 1 flagged message",
    ]  # fmt: skip


def test_nothing_flagged_has_nothing_around(tmp_path: Path) -> None:
    case = build(tmp_path / "case", [Mail()])
    page = Page(write_report(case, tmp_path / "report.html"))
    page.check()
    assert not page.all("#around")


def test_labels_never_overlap_and_the_rest_is_counted() -> None:
    drawn = network(*ring(50))
    assert drawn is not None
    assert len(drawn.nodes) == PEOPLE
    heights = sorted(node.y for node in drawn.nodes)
    assert all(b - a >= 20 for a, b in pairwise(heights))
    assert drawn.more_people == 50 - PEOPLE
    assert drawn.more_pairs == 100 - len(drawn.arcs)


def test_arcs_stay_inside_and_end_at_the_reader() -> None:
    drawn = network(*ring(20))
    assert drawn is not None
    places = {node.name: node.y for node in drawn.nodes}
    for arc in drawn.arcs:
        x, start, wide, end = map(
            float, re.fullmatch(r"M(\S+) (\S+)A(\S+) \S+ 0 0 1 \S+ (\S+)", arc.path).groups()
        )  # type: ignore[union-attr]
        writer, reader = arc.told.split(":")[0].split(" to ")
        assert (start, end) == (places[writer], places[reader])
        assert (x > drawn.spine) is (end > start), "down on the right, up on the left"
        assert x - wide > 0
        assert x + wide < drawn.width
        assert arc.head.startswith(f"M{x:g} {end:g}")


def test_more_messages_draw_a_thicker_arc() -> None:
    people = {i: person(i) for i in range(4)}
    drawn = network([(0, 1, 9), (2, 3, 1)], people)
    assert drawn is not None
    assert [arc.number for arc in drawn.arcs] == [9, 1]
    assert drawn.arcs[0].width > drawn.arcs[1].width


def test_no_pair_no_picture() -> None:
    assert network([], {}) is None
