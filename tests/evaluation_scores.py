"""Songs in memory, and scores of songs that nobody has heard."""

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any

from hclarity.audio.values import Samples
from hclarity.evaluation.aggregates import Report, RowInfo
from hclarity.evaluation.scores import Score

__all__ = ["IDEAL", "MIXTURE", "NET", "output_of", "report_of", "scored", "song_of"]

MIXTURE = RowInfo("mixture", "floor", False, "m")
NET = RowInfo("net", "model", False, "n")
IDEAL = RowInfo("ideal ratio mask", "ceiling", False, "i")


def song_of(stems: Mapping[str, Samples], rate: int = 8000) -> Any:
    """What measures ask of a song."""
    track = SimpleNamespace(names=tuple(stems))
    return SimpleNamespace(name="a song", stems=stems, sample_rate=rate, track=track)


def output_of(truth: Mapping[str, Samples], estimates: Mapping[str, Samples]) -> Any:
    """What measures ask of an output."""
    return SimpleNamespace(
        row=SimpleNamespace(name="net"), song=song_of(truth), stems=dict(estimates)
    )


def scored(
    metric: str, row: str, by_stem: Mapping[str, Iterable[float | None]], **rest: Any
) -> list[Score]:
    """Scores of songs named 0, 1, …, in the order of the values of each stem."""
    return [
        Score(row, str(song), stem, metric, value, **rest)
        for stem, values in by_stem.items()
        for song, value in enumerate(values)
    ]


def report_of(*scores: Iterable[Score], rows: Iterable[RowInfo] = (MIXTURE, NET, IDEAL)) -> Report:
    """A report of songs of a data set."""
    about = {"title": "MUSDB18-HQ", "dataset": "musdb", "split": "test"}
    return Report([one for some in scores for one in some], tuple(rows), about)
