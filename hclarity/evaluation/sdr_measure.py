"""Signal-to-distortion ratios of all stems of a song."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hclarity.audio.values import Samples
from hclarity.evaluation.rows import Output
from hclarity.evaluation.scores import Score
from hclarity.evaluation.truths import truth_sources, truths
from hclarity.metrics.framewise import HOP, WINDOW, csdr
from hclarity.metrics.sdr import DELTA, si_sdr, usdr

__all__ = ["SdrMeasure"]


@dataclass(frozen=True)
class SdrMeasure:
    """Ratios in dB of what a row made of a song, for each stem that song and row have.

    A stem that is silent throughout has no value. cSDR, for which silence of one stem counts for
    all, is of all stems together, as museval has it: where a row has stems and also what some of
    them sound like together, the latter, and the stems beside it, are scored on their own.

    Args:
        metrics: of "usdr", "sisdr" and "csdr".
    """

    metrics: tuple[str, ...]

    @property
    def name(self) -> str:
        """The metrics."""
        return ",".join(self.metrics)

    @property
    def settings(self) -> Mapping[str, object]:
        """All that defines them."""
        return {
            "metrics": list(self.metrics),
            "delta": DELTA,
            "window_s": WINDOW,
            "hop_s": HOP,
        }

    def scores(self, output: Output) -> list[Score]:
        """Measure them."""
        truth = truths(output.song, tuple(output.stems))
        values = {metric: _values(metric, truth, output) for metric in self.metrics}
        return [
            Score(output.row.name, output.song.name, stem, metric, of_stems[stem])
            for metric, of_stems in values.items()
            for stem in truth
        ]


def _values(metric: str, truth: Mapping[str, Samples], output: Output) -> dict[str, float | None]:
    if metric == "csdr":
        return _csdr(truth, output)
    ratio = {"usdr": usdr, "sisdr": si_sdr}[metric]
    return {
        stem: _defined(ratio(samples, output.stems[stem])) if samples.any() else None
        for stem, samples in truth.items()
    }


def _csdr(truth: Mapping[str, Samples], output: Output) -> dict[str, float | None]:
    values: dict[str, float | None] = {}
    for stems in _scored_together(tuple(truth), output.song.track.names):
        references = [truth[stem] for stem in stems]
        estimates = [output.stems[stem] for stem in stems]
        ratios = csdr(references, estimates, output.song.sample_rate)
        values |= {stem: _defined(float(ratio)) for stem, ratio in zip(stems, ratios, strict=True)}
    return values


def _scored_together(stems: tuple[str, ...], names: tuple[str, ...]) -> Iterator[list[str]]:
    """The stems of the song; then each sum of them, with the stems that it does not have."""
    sources = truth_sources(names, stems)
    plain = [stem for stem in stems if stem in names]
    yield plain
    for stem in stems:
        if stem not in plain:
            yield [*(other for other in plain if other not in sources[stem]), stem]


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else value
