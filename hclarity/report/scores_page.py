"""The scores page: one file built of `web/`, with a table's data, and excerpts of songs beside it.

What it shows and plays is in the page itself; these functions only fill in the data, whose fields
`web/scores/data.ts` names.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from hclarity import __version__
from hclarity.audio.opus import OPUS_RATE
from hclarity.audio.resampling import resample
from hclarity.audio.values import Audio, Samples
from hclarity.evaluation.aggregates import Report
from hclarity.evaluation.definitions import METRICS
from hclarity.evaluation.examples import Case, Excerpt
from hclarity.evaluation.published import Published
from hclarity.evaluation.score_files import plain
from hclarity.remixing.balancing import as_heard
from hclarity.report.browser_page import encoded_sound, filled_page, sound_script
from hclarity.report.score_content import Cell, Line, caption, content

__all__ = ["Example", "Heard", "example_name", "example_script", "scores_page"]

_FADE = 0.01  # s, for an excerpt is played again and again


@dataclass(frozen=True)
class Heard:
    """Where the sound of an example is.

    Args:
        number: of its file.
        start_s: where in the song it begins.
        seconds: how long it is.
    """

    number: int
    start_s: float
    seconds: float


@dataclass(frozen=True)
class Example:
    """A case that the page tells of.

    Args:
        case: which it is.
        heard: what can be heard of it; None where it could not be made.
        problem: why not, in a sentence for people.
    """

    case: Case
    heard: Heard | None
    problem: str = ""


def scores_page(
    report: Report, examples: Sequence[Example], published: Sequence[Published] = ()
) -> bytes:
    """The page as HTML.

    Args:
        report: all scores.
        examples: of single songs.
        published: rows that others printed, of any metric.
    """
    data = {
        "format": 1,
        "hclarity": __version__,
        "title": caption(report, report.metrics[0]) if report.metrics else "",
        "rows": [{"name": row.name, "kind": row.kind, "seen": row.seen} for row in report.rows],
        "metrics": [_metric(report, name, published) for name in report.metrics],
        "examples": [
            {
                **asdict(example.case),
                "heard": example.heard and asdict(example.heard),
                "problem": example.problem,
            }
            for example in examples
        ],
    }
    return filled_page("scores", plain(data))


def example_name(number: int) -> str:
    """The file of an example's sound, beside the page."""
    return f"sound/{number:04d}.js"


def example_script(number: int, excerpt: Excerpt) -> bytes:
    """The sound of an example: mixture, truth, estimate, and what is wrong with it.

    Raises:
        BadDataError: for more than two channels.
    """
    sounds = (excerpt.mixture, excerpt.truth, excerpt.estimate, excerpt.wrong)
    heard = (_heard(sound, excerpt.sample_rate) for sound in sounds)
    return sound_script("hclarityExample", number, map(encoded_sound, heard))


def _heard(sound: Samples, sample_rate: int) -> Samples:
    """As it is, but for its first and last milliseconds."""
    samples = resample(Audio(as_heard(sound), sample_rate), OPUS_RATE).samples.copy()
    fade = min(round(_FADE * OPUS_RATE), samples.shape[1] // 2)
    rise = np.linspace(0, 1, fade, endpoint=False, dtype=np.float32)
    samples[:, :fade] *= rise
    samples[:, samples.shape[1] - fade :] *= rise[::-1]
    return samples


def _metric(report: Report, name: str, published: Sequence[Published]) -> dict[str, object]:
    table = content(report, name, published)
    metric = METRICS[name]
    songs = dict.fromkeys(score.song for score in report.scores if score.metric == name)
    return {
        "name": name,
        "title": metric.title,
        "unit": metric.unit,
        "decimals": metric.decimals,
        "headline": metric.headline,
        "other": metric.other,
        "definition": metric.definition,
        "caption": table.caption,
        "notes": table.notes,
        "sources": table.sources,
        "columns": table.columns,
        "measured": [_line(line) for section in table.sections for line in section],
        "published": [_line(line) for line in table.published],
        "songs": list(songs),
        "values": {
            stem: {
                row.name: list(map(report.values(name, row.name, stem).get, songs))
                for row in report.rows
            }
            for stem in table.columns
        },
    }


def _line(line: Line) -> dict[str, object]:
    return {"row": line.row, "name": line.name, "cells": [_cell(cell) for cell in line.cells]}


def _cell(cell: Cell) -> dict[str, object]:
    words = {
        key: getattr(cell, key).replace("-", "\N{MINUS SIGN}").replace("inf", "\N{INFINITY}")
        for key in ("headline", "other", "interval", "gain")
    }
    return {**words, "number": cell.number}
