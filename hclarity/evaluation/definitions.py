"""The metrics that a table may be of: what they are called, and what is said of many songs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["IMPROVEMENTS", "METRICS", "Metric", "Statistic"]

Statistic = Literal["mean", "median"]


@dataclass(frozen=True)
class Metric:
    """What a metric is, in words.

    Args:
        name: as scores have it.
        title: as a table has it.
        unit: of its values; none for one that has none.
        headline: the statistic over songs that papers give.
        definition: for a caption.
        decimals: that are worth showing.
    """

    name: str
    title: str
    unit: str
    headline: Statistic
    definition: str
    decimals: int = 2

    @property
    def other(self) -> Statistic:
        """The statistic that is not the headline."""
        return "median" if self.headline == "mean" else "mean"


METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric(
            "usdr",
            "uSDR",
            "dB",
            "mean",
            "signal-to-distortion ratio of the whole song, channels taken together, 1e-7 added to"
            " both sums (MDX 2021); mean over stems, then over songs",
        ),
        Metric(
            "csdr",
            "cSDR",
            "dB",
            "median",
            "SDR of BSS Eval v4 as museval 0.4.1 has it, in windows of 1 s; median over windows,"
            " then over songs, then mean over stems",
        ),
        Metric(
            "sisdr",
            "SI-SDR",
            "dB",
            "mean",
            "scale-invariant signal-to-distortion ratio of the whole song, one scale for all"
            " channels, no mean removed; mean over stems, then over songs",
        ),
        Metric(
            "haaqi",
            "HAAQI",
            "",
            "mean",
            "Hearing-Aid Audio Quality Index (Kates and Arehart 2016); mean over ears,"
            " listeners and stems, then over songs",
            decimals=3,
        ),
    )
}

IMPROVEMENTS: Mapping[str, str] = {"usdri": "usdr", "csdri": "csdr", "sisdri": "sisdr"}
"""Over the mixture: a song's value less that of the mixture in the stem's place."""
