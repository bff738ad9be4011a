"""Scores as a picture: for each stem, what share of songs score at most so much."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hclarity.evaluation.aggregates import Report, RowInfo, SongValues
from hclarity.evaluation.definitions import METRICS
from hclarity.report.console import one_line
from hclarity.report.pictures import GREY, PALE, check_picture, write_picture
from hclarity.report.score_content import caption

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["check_plot", "plot_scores"]

_KINDS = (".png", ".svg", ".pdf")
_PANEL, _LEGEND_ROW = (2.3, 1.9), 0.24  # inches
# Told apart by all eyes. Source: M. Okabe and K. Ito, "Color Universal Design", 2008.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_STROKES = ("-", (0, (5, 1.5)), (0, (1.5, 1)))  # when the colours begin again


def check_plot(path: Path) -> None:
    """Refuse what `plot_scores` would, before anything is computed.

    Raises:
        UsageError: when a file of that name cannot be drawn.
        UnavailableError: without matplotlib.
    """
    check_picture(path, _KINDS)


def plot_scores(report: Report, path: Path) -> None:
    """Draw the distribution of every metric's scores over songs, for each stem and row.

    Mixture and ideal ratio mask are grey; the dot of a curve is its median.

    Args:
        report: all scores.
        path: ``.png``, ``.svg`` or ``.pdf``.

    Raises:
        UsageError: for another suffix.
        UnavailableError: without matplotlib.
        CannotCreateError: when the file cannot be created.
        StorageError: when it cannot be written.
    """
    check_plot(path)
    write_picture(path, lambda: _drawn(report))


def _drawn(report: Report) -> "Figure":
    from matplotlib.figure import Figure

    columns = max((len(report.stems(metric)) for metric in report.metrics), default=1)
    rows = max(len(report.metrics), 1)
    legend = 0.55 + _LEGEND_ROW * (1 + len(report.rows) // max(columns, 2))
    size = (max(columns, 2) * _PANEL[0], rows * _PANEL[1] + legend)
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False, sharex="row", sharey=True)
    for number, metric in enumerate(report.metrics):
        _draw_metric(report, metric, panels[number])
    _add_legend(figure, report, max(columns, 2))
    return figure


def _draw_metric(report: Report, metric: str, panels: Sequence["Axes"]) -> None:
    stems, known = report.stems(metric), METRICS[metric]
    for axes, stem in zip(panels, stems, strict=False):
        axes.set_title(one_line(stem))
        axes.set_xlabel(f"{known.title} ({known.unit})" if known.unit else known.title)
        axes.set_ylim(0, 1.02)
        axes.set_yticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
        axes.grid(color=PALE, linewidth=0.6)
        axes.set_axisbelow(True)
        for row, look in zip(report.rows, _looks(report.rows), strict=True):
            _draw_curve(axes, report.values(metric, row.name, stem), look)
    for axes in panels[len(stems) :]:
        axes.set_axis_off()
    panels[0].set_ylabel("share of songs at most")


def _draw_curve(axes: "Axes", values: SongValues, look: Mapping[str, Any]) -> None:
    """The empirical distribution of values; infinite ones lie outside the picture."""
    ordered = sorted(value for value in values.values() if value is not None)
    if not ordered:
        return
    count = len(ordered)
    shares = np.arange(count + 1) / count
    axes.plot([ordered[0], *ordered], shares, drawstyle="steps-post", **look)
    middle = ordered[(count - 1) // 2] + ordered[count // 2]
    if math.isfinite(middle):
        above = look["zorder"] + 1
        axes.plot(middle / 2, 0.5, "o", markersize=4, color=look["color"], zorder=above)


def _looks(rows: Sequence[RowInfo]) -> list[Mapping[str, Any]]:
    """How each row is drawn."""
    frame = {"color": GREY, "linewidth": 1.2, "zorder": 2}
    separators = _separator_looks()
    kinds = {"floor": {**frame, "linestyle": ":"}, "ceiling": {**frame, "linestyle": "--"}}
    return [kinds.get(row.kind) or next(separators) for row in rows]


def _separator_looks() -> Iterator[Mapping[str, Any]]:
    for stroke, colour in cycle(product(_STROKES, _COLOURS)):
        yield {"color": colour, "linestyle": stroke, "linewidth": 1.6, "zorder": 3}


def _add_legend(figure: "Figure", report: Report, columns: int) -> None:
    from matplotlib.lines import Line2D

    looks = _looks(report.rows)
    names = [one_line(row.name) + (" †" if row.seen else "") for row in report.rows]
    title = caption(report, report.metrics[0]) if report.metrics else ""
    if any(row.seen for row in report.rows):
        title += "; † trained on these songs"
    figure.legend(
        [Line2D([], [], **look) for look in looks],
        names,
        title=title,
        loc="outside upper center",
        ncols=min(columns, len(names)) or 1,
        frameon=False,
    )
