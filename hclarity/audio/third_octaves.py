"""How loud a song is in each third-octave band, and how much that changes: by blocks.

Levels are taken of windows that count for 125 ms, and their 30th and 99th percentiles are the range
of a song, as IEC 60118-15 has it for speech and Kirchberger and Russo (Trends in Hearing 20, 2016)
for music. 0 dB is a sine of full scale.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hclarity.audio.reblocking import Reblocker
from hclarity.audio.values import Samples
from hclarity.errors import BadDataError

__all__ = ["FAINTEST_DB", "THIRD_OCTAVES_HZ", "BandLevels", "ThirdOctaveMeter"]

THIRD_OCTAVES_HZ = (
    63.0, 80.0, 100.0, 125.0, 160.0, 200.0, 250.0, 315.0, 400.0, 500.0, 630.0, 800.0, 1000.0,
    1250.0, 1600.0, 2000.0, 2500.0, 3150.0, 4000.0, 5000.0, 6300.0, 8000.0, 10000.0, 12500.0,
    16000.0,
)  # fmt: skip
"""How the bands are called. Their true centres are tenths of a decade (IEC 61260-1, base ten)."""

FAINTEST_DB = -140.0
"""What silence reads."""

_LOUDEST_DB = 20.0
_BINS_PER_DB = 10
_HOP_S = 0.125
_SOFT_PERCENT, _LOUD_PERCENT = 30, 99

_Levels = NDArray[np.float64]


@dataclass(frozen=True)
class BandLevels:
    """How loud a song is in each third-octave band, in dB.

    Args:
        hz: the bands that the sample rate has room for, by their names, ascending.
        mean: of energy, over the song.
        soft: what 30 % of windows stay below.
        loud: what 99 % of windows stay below.

    Raises:
        BadDataError: when these are not equally many, or there is none.
    """

    hz: tuple[float, ...]
    mean: tuple[float, ...]
    soft: tuple[float, ...]
    loud: tuple[float, ...]

    def __post_init__(self) -> None:
        counts = [len(values) for values in (self.hz, self.mean, self.soft, self.loud)]
        if not 0 < min(counts) == max(counts):
            raise BadDataError(f"bands need as many levels of each kind, got {counts}")

    @property
    def overall(self) -> float:
        """The mean of all bands together, in dB."""
        return float(10 * np.log10(np.sum(10 ** (np.array(self.mean) / 10))))

    def raised(self, db: float | Sequence[float]) -> "BandLevels":
        """The same song louder: by so many dB, or by some for each band."""
        mean, soft, loud = (
            tuple((np.array(levels) + np.array(db)).tolist())
            for levels in (self.mean, self.soft, self.loud)
        )
        return BandLevels(self.hz, mean, soft, loud)


class ThirdOctaveMeter:
    """Measures third-octave levels, in a memory that does not grow.

    Hann windows of 250 ms begin every 125 ms. Nine tenths of what such a window hears lies within
    125 ms, and it tells the band at 63 Hz from its neighbours, for which one of 125 ms is too
    short. Block sizes never change the result.

    Args:
        sample_rate: of every block, in Hz, 8000 or more.
        channels: of every block.
    """

    def __init__(self, sample_rate: int, channels: int) -> None:
        hop = round(_HOP_S * sample_rate)
        self._reblocker = Reblocker(channels, hop)
        self._before: Samples | None = None
        window = np.hanning(2 * hop + 1)[:-1]
        # Twice, for a spectrum has the other half at negative frequencies; and twice again, for
        # the mean square of a full-scale sine is one half.
        self._window = np.asarray(window * np.sqrt(4 / (2 * hop * np.square(window).sum())))
        fitting = [n for n in range(len(THIRD_OCTAVES_HZ)) if _edge(n + 1) <= sample_rate / 2]
        self._hz = THIRD_OCTAVES_HZ[: len(fitting)]
        edges = np.array([_edge(n) for n in range(len(fitting) + 1)])
        # Bin k stands for the frequencies from k - 1/2 to k + 1/2; edges fall within bins.
        self._edge_bins, self._edge_parts = np.divmod(edges * 2 * hop / sample_rate + 0.5, 1)
        self._edge_bins = self._edge_bins.astype(np.int64)
        bins = round((_LOUDEST_DB - FAINTEST_DB) * _BINS_PER_DB)
        self._counts = np.zeros((channels, len(self._hz), bins), np.int64)
        self._energy = np.zeros((channels, len(self._hz)))

    def push(self, block: Samples) -> None:
        """Take a block ``[channels, frames]``."""
        for step in self._reblocker.push(block):
            if self._before is not None:
                self._count(self._energies(np.concatenate([self._before, step], axis=1)))
            self._before = step

    def levels(self, channel: int | None = None) -> BandLevels:
        """What was heard so far: in one channel, or in all of them, each window of each counting.

        A song shorter than 250 ms reads as silence.
        """
        chosen = slice(None) if channel is None else slice(channel, channel + 1)
        counts = self._counts[chosen].sum(axis=0)
        windows = max(int(counts[0].sum()), 1)
        mean = _decibels(self._energy[chosen].sum(axis=0) / windows)
        soft, loud = (_percentiles(counts, percent) for percent in (_SOFT_PERCENT, _LOUD_PERCENT))
        return BandLevels(self._hz, *(tuple(levels.tolist()) for levels in (mean, soft, loud)))

    def _energies(self, window: Samples) -> _Levels:
        """Of each channel and band, ``[channels, bands]``."""
        needed = self._edge_bins[-1] + 1
        spectrum = np.fft.rfft(window * self._window, axis=1)[:, :needed]
        power = np.square(spectrum.real) + np.square(spectrum.imag)
        below = np.cumsum(power, axis=1) - power
        at_edges = below[:, self._edge_bins] + self._edge_parts * power[:, self._edge_bins]
        return np.asarray(np.diff(at_edges, axis=1))

    def _count(self, energies: _Levels) -> None:
        self._energy += energies
        places = ((_decibels(energies) - FAINTEST_DB) * _BINS_PER_DB).astype(np.int64)
        places = np.minimum(places, self._counts.shape[2] - 1)
        channels, bands = np.indices(places.shape)
        self._counts[channels, bands, places] += 1


def _edge(number: int) -> float:
    """The lower edge of a band, in Hz; 1 kHz is the middle of number 12."""
    return float(1000 * 10 ** ((number - 12.5) / 10))


def _decibels(energies: _Levels) -> _Levels:
    return np.asarray(10 * np.log10(np.maximum(energies, 10 ** (FAINTEST_DB / 10))))


def _percentiles(counts: NDArray[np.int64], percent: float) -> _Levels:
    """The level of each band that a share of its windows stays below; silence where none is."""
    edges = FAINTEST_DB + np.arange(counts.shape[1] + 1) / _BINS_PER_DB
    below = np.pad(np.cumsum(counts, axis=1), ((0, 0), (1, 0)))
    return np.array([_crossing(row, row[-1] * percent / 100, edges) for row in below])


def _crossing(below: NDArray[np.int64], wanted: float, edges: _Levels) -> float:
    """Where a count reaches what is wanted, on a straight line within the bin."""
    above = max(int(np.searchsorted(below, wanted)), 1)
    within = (wanted - below[above - 1]) / max(int(below[above] - below[above - 1]), 1)
    return float(edges[above - 1] + within * (edges[above] - edges[above - 1]))
