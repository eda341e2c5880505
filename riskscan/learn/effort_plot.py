"""The plot of a simulation: recall against effort, as SVG that is the same for the same figures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

_STYLES = {
    "riskscan": ("riskscan: the loop", "#20639b", "-"),
    "score": ("riskscan: the score alone", "#6fa8d6", "--"),
    "asreview": ("ASReview, started cold", "#c9782a", "-"),
    "random": ("random order", "#8a8f98", ":"),
}


def write_effort_plot(result: Mapping[str, Any], file: Path) -> None:
    """Draw what ``riskscan.learn.simulate`` makes: a line for each kind, a band over its runs."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update({"svg.hashsalt": "riskscan", "svg.fonttype": "path"})
        figure = Figure(figsize=(6.4, 4.2), layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.subplots()
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(color="#e6e8eb", linewidth=0.6)
        axes.set_axisbelow(True)
        for name, (label, colour, line) in _STYLES.items():
            if name not in result["curves"]:
                continue
            rows = [row for row in result["curves"][name] if row[0] > 0]
            x, middle, low, high = ([100 * row[i] for row in rows] for i in range(4))
            axes.plot(x, middle, color=colour, linestyle=line, linewidth=1.6, label=label)
            if name != "score":
                axes.fill_between(x, low, high, color=colour, alpha=0.13, linewidth=0)
        axes.axhline(80, color="#d6d8dc", linewidth=0.8)
        axes.set(xscale="log", xlim=(0.05, 100), ylim=(0, 102))
        axes.set(
            xlabel=f"% of {result['messages']:,.0f} messages read (log scale)",
            ylabel="% of the flagged messages found",
        )
        axes.set_xticks([0.1, 1, 10, 100], labels=["0.1", "1", "10", "100"])
        axes.legend(frameon=False, fontsize=9, loc="upper left")
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
