"""The plots of a model card, as SVG that is the same for the same figures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from riskscan.learn.folder import PLOTS
from riskscan.learn.judged import Judged
from riskscan.learn.metrics import Floats, effort_curve, precision_recall, reliability

_POINTS = 80
_BLUE, _GREY = "#20639b", "#8a8f98"
_LEAST = 1e-3


def write_plots(judged: Judged, folder: Path) -> dict[str, str]:
    """Draw precision-recall, calibration and recall against effort; returns title to file name."""
    names: dict[str, str] = {}
    drawn = (
        ("Precision and recall", _precision_recall),
        ("Recall against reading effort", _effort),
        ("Calibration", _calibration),
    )
    for name, (title, draw) in zip(PLOTS, drawn, strict=True):
        _save(draw, judged, title, folder / name)
        names[title] = name
    return names


def _save(draw: Callable[[Axes, Judged], None], judged: Judged, title: str, file: Path) -> None:
    with mpl.rc_context():
        # Not what the user has set for their own plots.
        mpl.rcdefaults()
        mpl.rcParams.update({"svg.hashsalt": "riskscan", "svg.fonttype": "none"})
        figure = Figure(figsize=(4.6, 3.4), layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.subplots()
        axes.set_title(title, fontsize=11)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(color="#e6e8eb", linewidth=0.6)
        axes.set_axisbelow(True)
        draw(axes, judged)
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})


def _precision_recall(axes: Axes, judged: Judged) -> None:
    recall, precision = precision_recall(judged.flags, judged.scores, judged.weights)
    x, y = _thin(recall, precision)
    axes.plot(x, y, color=_BLUE, drawstyle="steps-post")
    rate = float((judged.weights * judged.flags).sum() / judged.weights.sum())
    axes.axhline(rate, color=_GREY, linewidth=0.8, linestyle="--", label="at random")
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1), ylim=(0, 1.02))
    axes.legend(frameon=False, fontsize=8, loc="upper right")


def _effort(axes: Axes, judged: Judged) -> None:
    x, y = _thin(*effort_curve(judged.flags, judged.scores, judged.weights))
    axes.plot(100 * x, 100 * y, color=_BLUE)
    random = np.geomspace(0.1, 100, 40)
    axes.plot(random, random, color=_GREY, linewidth=0.8, linestyle="--", label="at random")
    axes.legend(frameon=False, fontsize=8, loc="upper left")
    axes.set(xscale="log", xlim=(0.1, 100), ylim=(0, 102))
    axes.set(xlabel="% of the messages read, worst first", ylabel="% of the flagged found")
    axes.set_xticks([0.1, 1, 10, 100], labels=["0.1", "1", "10", "100"])


def _calibration(axes: Axes, judged: Judged) -> None:
    points = reliability(judged.flags, judged.scores, judged.weights)
    x, y = (np.maximum(np.array(column), _LEAST) for column in list(zip(*points, strict=True))[:2])
    axes.plot([_LEAST, 1], [_LEAST, 1], color=_GREY, linewidth=0.8, linestyle="--")
    axes.plot(x, y, color=_BLUE, marker="o", markersize=4, linewidth=1)
    axes.set(xscale="log", yscale="log", xlim=(_LEAST, 1.1), ylim=(_LEAST * 0.8, 1.2))
    axes.set(xlabel="score", ylabel="share flagged by the readers")


def _thin(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """So many points only: the file stays small."""
    if len(x) <= _POINTS:
        return x, y
    # Denser at the start, where the worst messages are.
    places = np.unique(np.geomspace(1, len(x), _POINTS).astype(int) - 1)
    return x[places], y[places]
