"""Scores as programs read them: a line each, or one document."""

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from hclarity.evaluation.aggregates import Report
from hclarity.evaluation.scores import Score

__all__ = ["COLUMNS", "csv_text", "document", "plain"]

COLUMNS = ("row", "song", "scene", "stem", "listener", "ear", "metric", "value")


def csv_text(report: Report) -> str:
    """Return a line for each score, in an order that depends on the scores alone.

    A value that is not defined is empty; an infinite one is ``inf`` or ``-inf``.
    """
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(COLUMNS)
    for score in _ordered(report):
        value = "" if score.value is None else repr(float(score.value))
        lines.writerow([*(getattr(score, name) for name in COLUMNS[:-1]), value])
    return text.getvalue()


def document(report: Report) -> dict[str, Any]:
    """Return everything, as JSON can hold it: infinite values are the texts "inf" and "-inf"."""
    metrics = (*report.metrics, *report.improvements)
    rows = [
        {
            **asdict(row),
            "summaries": {metric: _summaries(report, metric, row.name) for metric in metrics},
        }
        for row in report.rows
    ]
    scores = [asdict(score) for score in _ordered(report)]
    return {
        key: plain(value)
        for key, value in (("about", report.about), ("rows", rows), ("scores", scores))
    }


def _summaries(report: Report, metric: str, row: str) -> dict[str, object]:
    found = {stem: report.summary(metric, row, stem) for stem in report.stems(metric)}
    return {stem: asdict(one) for stem, one in found.items() if one.songs or one.silent}


def _ordered(report: Report) -> list[Score]:
    """By row, as they were asked for; then by name."""
    place = {row.name: number for number, row in enumerate(report.rows)}
    return sorted(
        report.scores,
        key=lambda score: (
            place.get(score.row, len(place)),
            *(getattr(score, name) for name in COLUMNS[:-1]),
        ),
    )


def plain(value: object) -> Any:
    """As JSON can hold it: infinite numbers become the texts "inf" and "-inf", NaN none."""
    match value:
        case float() if not math.isfinite(value):
            return None if math.isnan(value) else str(value)
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case _:
            return value
