"""What scores of many songs come to.

======  ===============================================================
uSDR    mean over songs; *all*: mean over a song's stems, then songs
SI-SDR  the same
cSDR    median over songs (of medians over windows); *all*: mean over
        stems of the medians over songs
HAAQI   mean over ears, then listeners and scenes, then songs
======  ===============================================================

Sources: Y. Mitsufuji et al., "Music Demixing Challenge 2021", Frontiers 2022 (uSDR); F.-R. Stöter,
A. Liutkus and N. Ito, "The 2018 Signal Separation Evaluation Campaign", LVA/ICA 2018 (cSDR of a
stem); Y. Luo and J. Yu, "Music Source Separation with Band-split RNN", arXiv 2209.15174 (whose
cSDR of all is the mean of those of the stems).

What has no value, such as the score of a stem that is silent, is counted and left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hclarity.evaluation.bootstrap import interval, over_songs
from hclarity.evaluation.definitions import IMPROVEMENTS, METRICS, Statistic
from hclarity.evaluation.rows import Kind
from hclarity.evaluation.scores import REMIX, Score
from hclarity.evaluation.truths import is_sum

__all__ = ["ALL", "Report", "RowInfo", "SongValues", "Summary"]

ALL = "all"  # in the place of a stem's name

SongValues = Mapping[str, float | None]
"""A value for each song; None where there is none."""


@dataclass(frozen=True)
class RowInfo:
    """What a table says of a row beside its scores.

    Args:
        name: of the row.
        kind: what it is.
        seen: whether it was trained on the songs that score it.
        digest: of all that its estimates depend on.
    """

    name: str
    kind: Kind
    seen: bool
    digest: str


@dataclass(frozen=True)
class Summary:
    """One cell of a table.

    Args:
        mean: over songs; None where no song has a value.
        median: over songs; likewise.
        low: where the 95 % interval of the metric's headline statistic begins, by resampling songs;
            None for fewer than two songs.
        high: where it ends.
        songs: how many have a value.
        silent: how many have none, though they were scored; of `ALL`, how many stems of songs.
    """

    mean: float | None
    median: float | None
    low: float | None
    high: float | None
    songs: int
    silent: int

    def statistic(self, name: Statistic) -> float | None:
        """Return the mean or the median."""
        return self.mean if name == "mean" else self.median


@dataclass(frozen=True)
class Report:
    """All scores, and who made them.

    Args:
        scores: in any order.
        rows: in the order that they were asked for.
        about: what was scored, and how; goes into JSON.
    """

    scores: Sequence[Score]
    rows: Sequence[RowInfo]
    about: Mapping[str, object] = field(default_factory=dict)

    @cached_property
    def metrics(self) -> tuple[str, ...]:
        """Those that were measured, in the order of `METRICS`."""
        there = {score.metric for score in self.scores}
        return tuple(metric for metric in METRICS if metric in there)

    @cached_property
    def improvements(self) -> tuple[str, ...]:
        """Those of `IMPROVEMENTS` that follow from them, where there is a row of the mixture."""
        there = self.metrics if self._floor else ()
        return tuple(name for name, metric in IMPROVEMENTS.items() if metric in there)

    def stems(self, metric: str) -> tuple[str, ...]:
        """Return the columns of a metric's table: stems, sums of some, `ALL`, `REMIX`."""
        measured = IMPROVEMENTS.get(metric, metric)
        names = dict.fromkeys(score.stem for score in self.scores if score.metric == measured)
        own = [stem for stem in names if stem != REMIX and not is_sum(stem)]
        sums = [stem for stem in names if is_sum(stem)]
        several = [ALL] if len(own) > 1 else []
        return (*own, *sums, *several, *([REMIX] if REMIX in names else []))

    def values(self, metric: str, row: str, stem: str) -> SongValues:
        """Return what each song has: listeners, ears and, for `ALL`, stems averaged."""
        matrix = self._by_stem(metric, row, stem)
        return {song: _mean(values.values()) for song, values in matrix.items()}

    def summary(self, metric: str, row: str, stem: str) -> Summary:
        """Return what all songs come to.

        `ALL` leaves out what is the sum of other stems, and songs of which a row has not all stems.
        """
        key = metric, row, stem
        if key not in self._summaries:
            headline = METRICS[IMPROVEMENTS.get(metric, metric)].headline
            matrix = self._by_stem(metric, row, stem)
            self._summaries[key] = _summary(matrix, headline)
        return self._summaries[key]

    def _by_stem(self, metric: str, row: str, stem: str) -> dict[str, SongValues]:
        """By song, then by stem: one of them, or all."""
        if metric in IMPROVEMENTS:
            metric = IMPROVEMENTS[metric]
            own, floor = self._by_stem(metric, row, stem), self._by_stem(metric, self._floor, stem)
            return {song: _less(own[song], floor[song]) for song in own if song in floor}
        of_row = self._averaged.get((metric, row), {})
        if stem != ALL:
            return {song: {stem: values[stem]} for song, values in of_row.items() if stem in values}
        return {
            song: {stem: values[stem] for stem in sorted(whole)}  # sums depend on the order
            for song, values in of_row.items()
            if (whole := self._whole[metric, song]) <= set(values)
        }

    @cached_property
    def _floor(self) -> str:
        return next((row.name for row in self.rows if row.kind == "floor"), "")

    @cached_property
    def _averaged(self) -> dict[tuple[str, str], dict[str, dict[str, float | None]]]:
        """By metric and row, then song, then stem: ears averaged, then listeners and scenes."""
        ears: dict[tuple[str, ...], dict[tuple[str, str], list[float | None]]] = {}
        for score in self.scores:
            of_stem = ears.setdefault((score.metric, score.row, score.song, score.stem), {})
            of_stem.setdefault((score.listener, score.scene), []).append(score.value)
        averaged: dict[tuple[str, str], dict[str, dict[str, float | None]]] = {}
        for (metric, row, song, stem), heard in ears.items():
            value = _mean(map(_mean, heard.values()))
            averaged.setdefault((metric, row), {}).setdefault(song, {})[stem] = value
        return averaged

    @cached_property
    def _whole(self) -> dict[tuple[str, str], set[str]]:
        """By metric and song: the stems that make up the song, as far as any row has them."""
        whole: dict[tuple[str, str], set[str]] = {}
        for score in self.scores:
            if score.stem != REMIX and not is_sum(score.stem):
                whole.setdefault((score.metric, score.song), set()).add(score.stem)
        return whole

    @cached_property
    def _summaries(self) -> dict[tuple[str, str, str], Summary]:
        """Those that were asked for."""
        return {}


def _summary(by_song: Mapping[str, SongValues], headline: Statistic) -> Summary:
    if not by_song:
        return Summary(None, None, None, None, 0, 0)
    values = _matrix(by_song, headline)
    mean, median = (_number(over_songs(values, which)) for which in ("mean", "median"))
    low, high = interval(values, headline) or (None, None)
    songs = int(np.count_nonzero(~np.isnan(values).all(axis=1)))
    silent = sum(value is None for of in by_song.values() for value in of.values())
    return Summary(mean, median, low, high, songs, silent)


def _matrix(by_song: Mapping[str, SongValues], headline: Statistic) -> NDArray[np.float64]:
    """``[songs, stems]``; of a mean, which is over the stems of a song first, ``[songs, 1]``."""
    if headline == "mean":
        return np.array([[_mean(values.values())] for values in by_song.values()], np.float64)
    stems = dict.fromkeys(stem for values in by_song.values() for stem in values)
    rows = [[values.get(stem) for stem in stems] for values in by_song.values()]
    return np.array(rows, np.float64)  # None becomes NaN


def _mean(values: Iterable[float | None]) -> float | None:
    there = np.array([value for value in values if value is not None], np.float64)
    if not there.size:
        return None
    with np.errstate(invalid="ignore"):  # infinite values of both signs
        return _number(np.mean(there))


def _less(own: SongValues, floor: SongValues) -> dict[str, float | None]:
    """What each stem is above the mixture, where both have a value."""
    return {stem: _difference(own[stem], floor[stem]) for stem in own if stem in floor}


def _difference(value: float | None, other: float | None) -> float | None:
    if value is None or other is None:
        return None
    with np.errstate(invalid="ignore"):  # both infinite
        return _number(np.subtract(value, other))


def _number(value: np.floating | NDArray[np.float64]) -> float | None:
    return None if np.isnan(value) else float(value)
