"""Cutting, marking and finding again of mail text, and the periods of the plot."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from riskscan.export.report_plot import plot
from riskscan.export.report_text import Quotation, Span, plain, runs, short, squeezed
from riskscan.export.report_words import amount, day, minute, percent, score, several, size

TEXT = st.text(alphabet=st.sampled_from("ab \n\u202e<ß"), max_size=300)


@given(TEXT, st.lists(st.tuples(st.integers(0, 300), st.integers(1, 60)), max_size=6))
def test_marks_are_the_text_at_their_offsets(text: str, places: list[tuple[int, int]]) -> None:
    spans = [Span(s, min(s + n, len(text)), "finding", f"f{s}") for s, n in places if s < len(text)]
    marked = "".join(r.text for r in runs(text, 0, len(text), spans, 10_000) if r.kind == "finding")
    covered = sorted({i for s in spans for i in range(s.start, s.end)})
    assert marked == "".join(text[i] for i in covered)


@given(TEXT, st.integers(40, 120), st.lists(st.integers(0, 299), max_size=4))
def test_what_is_left_out_is_counted(text: str, limit: int, places: list[int]) -> None:
    text = text.replace("\n", "x").strip().replace(" ", "_")
    spans = [Span(p, p + 1, "finding", "") for p in places if p < len(text)]
    made = runs(text, 0, len(text), spans, limit)
    assert sum(len(r.text) + r.left_out for r in made) == len(text)


@given(st.text(max_size=200))
def test_plain_text_has_nothing_that_reorders_or_controls(text: str) -> None:
    made = plain(text + "\u202e\x00\x9b\ud800")
    assert not any((c < " " and c not in "\t\n") or "\x7f" <= c <= "\x9f" for c in made)
    assert not set(made) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
    made.encode()


def test_a_sentence_is_found_again_in_a_quotation() -> None:
    sentence = "Keep the Halcyon payment off the books, please."
    quoted = (
        "On Monday Ada wrote:\n> Keep the HALCYON payment\n>> off  the\n> books, please. Thanks"
    )
    place = Quotation(quoted, 5, len(quoted)).find(sentence)
    assert place is not None
    assert quoted[slice(*place)].startswith("Keep") and quoted[slice(*place)].endswith("please")
    assert Quotation(quoted, 5, 60).find(sentence) is None
    assert Quotation(quoted, 0, len(quoted)).find("off the") is None, "too short to be sure"


@given(st.text(max_size=100))
def test_squeezed_text_is_letters_and_digits(text: str) -> None:
    assert len(squeezed(text)) == sum(c.isalnum() for c in text)


@given(
    st.dictionaries(
        st.dates(date(1, 1, 1), date(9999, 12, 31)),
        st.integers(1, 500).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
        min_size=1,
        max_size=30,
    )
)
def test_every_dated_message_is_drawn_or_counted(days: dict[date, tuple[int, int]]) -> None:
    drawn = plot({d.isoformat(): n for d, n in days.items()})
    assert drawn is not None
    assert len(drawn.bars) <= 97
    assert sum(b.messages for b in drawn.bars) + drawn.outside == sum(n for n, _ in days.values())
    assert sum(b.flagged for b in drawn.bars) + drawn.outside_flagged == sum(
        f for _, f in days.values()
    )
    assert all(0 <= b.high_flagged <= 100 and 0 <= b.high_messages <= 100 for b in drawn.bars)
    assert all(0 <= b.x <= 100 and b.x + b.width <= 100.1 for b in drawn.bars)


def test_the_period_fits_the_span() -> None:
    def unit(length: int) -> str:
        drawn = plot(
            {(date(2001, 5, 3) + timedelta(days=i)).isoformat(): (2, 1) for i in range(length)}
        )
        assert drawn is not None
        return drawn.unit

    assert [unit(n) for n in (1, 30, 200, 900, 4000, 9000)] == [
        "day", "day", "week", "month", "quarter", "year",
    ]  # fmt: skip
    assert plot({}) is None


def test_a_stray_date_does_not_flatten_the_plot() -> None:
    days = {(date(2001, 1, 1) + timedelta(days=i)).isoformat(): (10, 1) for i in range(365)}
    drawn = plot(days | {"1904-01-01": (1, 1), "2040-02-02": (1, 0)})
    assert drawn is not None and drawn.unit == "month" and len(drawn.bars) == 12
    assert (drawn.outside, drawn.outside_flagged) == (2, 1)
    assert drawn.bar_of("1904-01-01T00:00:00+00:00") is None
    assert drawn.bars[drawn.bar_of("2001-03-09T00:00:00+00:00") or 0].label == "Mar 2001"


def test_words_for_figures() -> None:
    assert score(0.9999) == "0.99" and score(0.3) == "0.30" and score(0.29) == "0.29"
    assert score(1.0) == "1.00" and score(None) == "not scored" and score(0.2999) == "0.29"
    assert percent(1, 77_392) == "under 0.1%" and percent(0, 0) == "0%"
    assert (several(1, "message"), several(0, "message")) == ("1 message", "no messages")
    assert (size(999), size(2_635_938), amount(77_392)) == ("999 bytes", "2.6 MB", "77,392")
    assert day(None) == "no date" and minute("2001-10-30T20:33:33+00:00") == (
        "30 Oct 2001, 20:33 UTC"
    )
    assert short("a  b\n" * 100, 7) == "a b a b…" and short("a  b", 7) == "a b"
