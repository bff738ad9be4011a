"""What a table of scores says, however it is printed."""

from collections.abc import Sequence
from dataclasses import dataclass

from hclarity.evaluation.aggregates import ALL, Report, RowInfo, Summary
from hclarity.evaluation.definitions import IMPROVEMENTS, METRICS, Metric
from hclarity.evaluation.published import Published
from hclarity.report.console import one_line
from hclarity.report.datasets import songs_in_words

__all__ = ["Cell", "Content", "Line", "caption", "content"]

SEEN = "†"
_NOTHING = "-"


@dataclass(frozen=True)
class Cell:
    """What a row says of a stem, in words.

    Args:
        headline: the metric's headline statistic, or what was published.
        other: the other statistic; empty where there is none.
        interval: of the former; empty where there is none.
        gain: of the former, over the mixture; empty where there is none.
        number: the former as it is, for sorting; None where there is none.
    """

    headline: str
    other: str = ""
    interval: str = ""
    gain: str = ""
    number: float | None = None

    @property
    def value(self) -> str:
        """Both statistics, as far as they are there."""
        return f"{self.headline} / {self.other}" if self.other else self.headline


@dataclass(frozen=True)
class Line:
    """A row of a table.

    Args:
        name: with its marks.
        cells: one for each column.
        row: its name as scores have it; empty for one that was published.
    """

    name: str
    cells: Sequence[Cell]
    row: str = ""


@dataclass(frozen=True)
class Content:
    """A table.

    Args:
        metric: that it is of.
        columns: the stems.
        sections: rows that were measured: the mixture, separators, the ideal mask.
        published: rows that others printed.
        caption: of what songs, and who listened.
        notes: what its marks mean, and what is missing.
        sources: of what was published, by its number.
    """

    metric: Metric
    columns: Sequence[str]
    sections: Sequence[Sequence[Line]]
    published: Sequence[Line]
    caption: str
    notes: Sequence[str]
    sources: Sequence[str]


def content(report: Report, name: str, published: Sequence[Published] = ()) -> Content:
    """Put together a metric's table.

    Args:
        report: all scores.
        name: of the metric.
        published: rows of any metric; those of this one are shown, where they have its stems.
    """
    metric, columns = METRICS[name], report.stems(name)
    there = [row for row in report.rows if _songs(report, name, row.name)]
    shown = [row for row in published if row.metric == name and set(row.scores) & set(columns)]
    shown.sort(key=lambda row: -_overall(row))
    separators = sorted(
        (row for row in there if row.kind in ("model", "estimates")),
        key=lambda row: _rank(report, metric, row),
    )
    sections = [
        [_line(report, metric, row, columns) for row in rows]
        for rows in (_of_kind(there, "floor"), separators, _of_kind(there, "ceiling"))
    ]
    return Content(
        metric,
        columns,
        [section for section in sections if section],
        [_quoted(metric, row, columns, number) for number, row in enumerate(shown, 1)],
        caption(report, name),
        [*_seen_note(there), *_silent_notes(report, name, there), *_gaps(report, name, there)],
        [_source(row) for row in shown],
    )


def _of_kind(rows: Sequence[RowInfo], kind: str) -> list[RowInfo]:
    return [row for row in rows if row.kind == kind]


def _overall(row: Published) -> float:
    return row.scores.get(ALL, sum(row.scores.values()) / len(row.scores))


def _rank(report: Report, metric: Metric, row: RowInfo) -> tuple[bool, float]:
    """The best first; those that lack a stem last."""
    columns = report.stems(metric.name)
    deciding = [ALL] if ALL in columns else columns
    found = [report.summary(metric.name, row.name, stem) for stem in deciding]
    values = [value for one in found if (value := one.statistic(metric.headline)) is not None]
    return len(values) < len(deciding), -sum(values) / max(len(values), 1)


def _line(report: Report, metric: Metric, row: RowInfo, columns: Sequence[str]) -> Line:
    gains = {of: name for name, of in IMPROVEMENTS.items() if name in report.improvements}
    gain = gains.get(metric.name) if row.kind != "floor" else None
    cells = [
        _cell(
            metric,
            report.summary(metric.name, row.name, stem),
            report.summary(gain, row.name, stem) if gain else None,
        )
        for stem in columns
    ]
    return Line(one_line(row.name) + (f" {SEEN}" if row.seen else ""), cells, row.name)


def _cell(metric: Metric, summary: Summary, gain: Summary | None) -> Cell:
    if not summary.songs:
        return Cell(_NOTHING)
    headline, interval = summary.statistic(metric.headline), ""
    if summary.low is not None and summary.high is not None:
        decimals = metric.decimals - 1  # of what is not sharp
        interval = f"[{summary.low:.{decimals}f}, {summary.high:.{decimals}f}]"
    more = gain.statistic(metric.headline) if gain else None
    return Cell(
        _number(headline, metric),
        _number(summary.statistic(metric.other), metric),
        interval,
        "" if more is None else f"{more:+.{metric.decimals}f}",
        headline,
    )


def _number(value: float | None, metric: Metric) -> str:
    return _NOTHING if value is None else f"{value:.{metric.decimals}f}"


def _quoted(metric: Metric, row: Published, columns: Sequence[str], number: int) -> Line:
    scores = [row.scores.get(stem) for stem in columns]
    cells = [Cell(_number(score, metric), number=score) for score in scores]
    return Line(f"{one_line(row.name)} [{number}]", cells)


def _source(row: Published) -> str:
    differs = f" Differs: {row.differs}." if row.differs else ""
    return f"{row.dataset}, {row.split}: {row.source}.{differs}"


def caption(report: Report, metric: str) -> str:
    """Return how many songs of what, and who listened."""
    about = report.about
    most = max((_songs(report, metric, row.name) for row in report.rows), default=0)
    words = songs_in_words(most, None)
    if "title" in about and "split" in about:
        words += f" of {about['title']}, {about['split']}"
    listeners = {score.listener for score in report.scores if score.metric == metric} - {""}
    if listeners:
        words += f", {len(listeners)} listener{'s' if len(listeners) > 1 else ''}"
    if about.get("protocol"):
        words += f", protocol {about['protocol']}{' (strict)' if about.get('strict') else ''}"
    return one_line(words)


def _songs(report: Report, metric: str, row: str) -> int:
    """How many songs have a score, be it that they are silent."""
    columns = (stem for stem in report.stems(metric) if stem != ALL)
    return len({song for stem in columns for song in report.values(metric, row, stem)})


def _seen_note(rows: Sequence[RowInfo]) -> list[str]:
    if not any(row.seen for row in rows):
        return []
    return [f"{SEEN} trained on these songs: what it scores here says little of others"]


def _silent_notes(report: Report, metric: str, rows: Sequence[RowInfo]) -> list[str]:
    """In how many songs a stem, or what a row made of it, is silent."""
    told: dict[str, list[str]] = {}
    for row in rows:
        stems = [stem for stem in report.stems(metric) if stem != ALL]
        counts = {stem: report.summary(metric, row.name, stem).silent for stem in stems}
        words = [f"{stem} in {songs_in_words(n, None)}" for stem, n in counts.items() if n]
        told.setdefault(one_line(", ".join(words)), []).append(one_line(row.name))
    told.pop("", None)
    return [
        f"silent, without a value and left out: {words}"
        + ("" if len(names) == len(rows) else f" ({', '.join(names)})")
        for words, names in told.items()
    ]


def _gaps(report: Report, metric: str, rows: Sequence[RowInfo]) -> list[str]:
    """Rows that were not scored on all songs."""
    songs = {row.name: _songs(report, metric, row.name) for row in rows}
    most = max(songs.values(), default=0)
    return [
        f"{one_line(name)}: only {number} of {songs_in_words(most, None)}"
        for name, number in songs.items()
        if number < most
    ]
