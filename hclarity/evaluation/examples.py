"""Where a separator did best and worst, and what that sounds like."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hclarity.audio.values import Samples
from hclarity.evaluation.aggregates import ALL, Report
from hclarity.evaluation.rows import Output
from hclarity.evaluation.scores import REMIX
from hclarity.evaluation.truths import is_sum, truths

__all__ = ["Case", "Excerpt", "excerpts", "telling_cases"]

EXCERPT = 8.0  # s
_EACH = 3  # of the best and of the worst
_METRIC = "usdr"  # by which they are chosen, where it was measured


@dataclass(frozen=True)
class Case:
    """How a separator did on one stem of one song.

    Args:
        row: of the table.
        song: by its name.
        stem: of the song.
        metric: by which it was chosen.
        value: of that, finite.
        good: whether it is one of the best, not of the worst.
    """

    row: str
    song: str
    stem: str
    metric: str
    value: float
    good: bool


@dataclass(frozen=True)
class Excerpt:
    """A few seconds of a case, ``[channels, frames]`` each.

    Args:
        start_s: where in the song they begin.
        sample_rate: in Hz.
        mixture: of all stems.
        truth: the stem as it is.
        estimate: what the separator made of it.
    """

    start_s: float
    sample_rate: int
    mixture: Samples
    truth: Samples
    estimate: Samples

    @property
    def wrong(self) -> Samples:
        """What the estimate has too much, and with the sign turned what it lacks."""
        return self.estimate - self.truth


def telling_cases(report: Report) -> tuple[Case, ...]:
    """Return the best and the worst stems of songs of each separator.

    The best come first, the best of them first; then the worst, the worst of them first. They are
    chosen by uSDR, else by the first metric there is; of few songs no case is both.
    """
    if not report.metrics:
        return ()
    metric = _METRIC if _METRIC in report.metrics else report.metrics[0]
    stems = [name for name in report.stems(metric) if name not in (ALL, REMIX) and not is_sum(name)]
    separators = [row.name for row in report.rows if row.kind in ("model", "estimates")]
    return tuple(case for row in separators for case in _of_row(report, metric, row, stems))


def _of_row(report: Report, metric: str, row: str, stems: Sequence[str]) -> list[Case]:
    values = sorted(
        (-value, song, stem)
        for stem in stems
        for song, value in report.values(metric, row, stem).items()
        if value is not None and math.isfinite(value)
    )
    good = values[: min(_EACH, (len(values) + 1) // 2)]
    bad = values[len(good) :][: -_EACH - 1 : -1]
    return [
        Case(row, song, stem, metric, -value, some is good)
        for some in (good, bad)
        for value, song, stem in some
    ]


def excerpts(output: Output, stems: Sequence[str]) -> dict[str, Excerpt]:
    """Cut out where each of some true stems is loudest, from all there is to compare.

    Args:
        output: of a separator, which separates the song now, unless it has done so.
        stems: that it has.

    Raises:
        HclarityError: what `Output.stems` and `Song.stems` do.
    """
    song = output.song
    truth = truths(song, tuple(output.stems))
    length = round(EXCERPT * song.sample_rate)
    found = {}
    for stem in stems:
        first = _loudest(truth[stem], length)
        cut = slice(first, first + length)
        sounds = (song.mixture, truth[stem], output.stems[stem])
        mixture, true, estimate = (sound[:, cut].copy() for sound in sounds)
        start = (song.start + first) / song.sample_rate
        found[stem] = Excerpt(start, song.sample_rate, mixture, true, estimate)
    return found


def _loudest(samples: Samples, length: int) -> int:
    """The first of those frames, ``length`` in all, that have most energy."""
    if samples.shape[1] <= length:
        return 0
    power = np.square(samples, dtype=np.float64).sum(axis=0)
    until = np.concatenate([[0.0], np.cumsum(power)])
    return int(np.argmax(until[length:] - until[:-length]))
