"""Links that narrow the ranked table to a signal, custodian, sender or period, without a script.

A link goes to an empty element before the table; a style rule for that element as the target hides
the rows of other classes. Names of classes and elements are numbers, never text of a mail.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from riskscan.export.report_figures import Figures, Ranked, Tally
from riskscan.export.report_plot import Bar, Plot
from riskscan.export.report_words import signal_name


@dataclass(frozen=True, slots=True)
class Facet:
    """One link: ``anchor`` is its target and the class of its rows, ``listed`` their number."""

    anchor: str
    title: str
    flagged: int
    listed: int


class Facets:
    """All facets that have a row in the ranked table."""

    def __init__(self, found: Figures, drawn: Plot | None) -> None:
        self._drawn = drawn
        self._signals = {t.key: i for i, t in enumerate(found.signals)}
        self._custodians = {t.key: i for i, t in enumerate(found.custodians)}
        self._senders = {t.key: i for i, t in enumerate(found.senders)}
        rows = Counter(name for row in found.ranked for name in self._names(row))
        wanted = [
            *((f"s{i}", f"with the signal “{signal_name(t.key)}”", t.flagged)
              for i, t in enumerate(found.signals)),
            *((f"c{i}", f"in the mailbox of {t.name or 'nobody named'}", t.flagged)
              for i, t in enumerate(found.custodians)),
            *((f"p{i}", f"from {t.name or t.key or 'an unnamed sender'}", t.flagged)
              for i, t in enumerate(found.senders)),
            *((f"t{b.number}", f"of {b.label}", b.flagged)
              for b in (drawn.bars if drawn else [])),
        ]  # fmt: skip
        self.all = [
            Facet(name, title, flagged, rows[name]) for name, title, flagged in wanted if rows[name]
        ]
        self._anchors = {facet.anchor for facet in self.all}

    def classes(self, row: Ranked) -> str:
        """The classes of a row of the ranked table."""
        return " ".join(name for name in self._names(row) if name in self._anchors)

    def signal(self, tally: Tally) -> str:
        """The anchor of a signal, or nothing when no row has it."""
        return self._known(f"s{self._signals[tally.key]}")

    def custodian(self, tally: Tally) -> str:
        """The anchor of a custodian, or nothing."""
        return self._known(f"c{self._custodians[tally.key]}")

    def sender(self, tally: Tally) -> str:
        """The anchor of a sender, or nothing."""
        return self._known(f"p{self._senders[tally.key]}")

    def period(self, bar: Bar) -> str:
        """The anchor of a bar of the plot, or nothing."""
        return self._known(f"t{bar.number}")

    def css(self) -> str:
        """The style rules; on paper every row stays."""
        rules = "".join(
            f"#only-{a}:target~.only-{a}{{display:block}}"
            f"#only-{a}:target~.ranked tbody tr:not(.{a}){{display:none}}\n"
            for a in (facet.anchor for facet in self.all)
        )
        return f"@media screen{{\n{rules}}}\n"

    def _known(self, name: str) -> str:
        return name if name in self._anchors else ""

    def _names(self, row: Ranked) -> list[str]:
        names = [f"s{self._signals[s]}" for s in row.signals if s in self._signals]
        names += [f"c{self._custodians[c]}" for c in row.custodians if c in self._custodians]
        if row.sender_key in self._senders:
            names.append(f"p{self._senders[row.sender_key]}")
        bar = self._drawn.bar_of(row.date) if self._drawn else None
        return [*names, f"t{bar}"] if bar is not None else names
