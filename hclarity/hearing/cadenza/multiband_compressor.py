"""The multiband compressor of the second Cadenza challenge.

The same as ``clarity.enhancer.multiband_compressor`` of pyclarity 0.9.0, within 1e-9 in every band
but the two lowest: there pyclarity writes second-order all-passes as filters of the eighth order,
whose rounding errors reach 1e-7 of full scale at 44.1 kHz. Here they are of the second order.

Sources: S. H. Linkwitz, "Active crossover networks for noncoincident drivers", Journal of the Audio
Engineering Society 24 (1976) 2-8, and J. A. D'Appolito, "Active realization of multiway all-pass
crossover systems", AES Convention 76 (1984), for the bands; D. Giannoulis, M. Massberg and J. D.
Reiss, "Digital dynamic range compressor design", Journal of the Audio Engineering Society 60 (2012)
399-408, for what happens in them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp

import numpy as np
from numpy.typing import NDArray

__all__ = ["Band", "MultibandCompressor", "bands_of"]

Signal = NDArray[np.float64]


@dataclass(frozen=True)
class Band:
    """What is done in one band.

    Args:
        threshold_db: the level in dB full scale above which it grows ``ratio`` times more slowly.
        ratio: 1 or more.
        attack: time constant in s of a gain that goes down.
        release: and of one that goes up.
        gain_db: of the whole band.
    """

    threshold_db: float
    ratio: float
    attack: float
    release: float
    gain_db: float


@dataclass(frozen=True)
class MultibandCompressor:
    """Compresses each band on its own.

    With x the level of a sample in dB, the reduction is ``(x - threshold) (1 - 1 / ratio)`` above
    the threshold, then smoothed by a one-pole filter.

    Args:
        crossovers: between the bands, in Hz, ascending.
        bands: from the lowest to the highest, one more than crossovers.
    """

    crossovers: tuple[float, ...]
    bands: tuple[Band, ...]

    def compressed(self, samples: NDArray[np.floating], sample_rate: int) -> Signal:
        """Compress one channel, ``[frames]``."""
        from hclarity.hearing.cadenza.gain_smoothing import band_compressed  # which loads numba

        total = np.zeros(samples.size)
        split = bands_of(samples.astype(np.float64), self.crossovers, sample_rate)
        for band, signal in zip(self.bands, split, strict=True):
            total += band_compressed(
                signal,
                band.threshold_db,
                band.ratio,
                exp(-1 / (band.attack * sample_rate)),
                exp(-1 / (band.release * sample_rate)),
                band.gain_db,
            )
        return total


def bands_of(samples: Signal, crossovers: tuple[float, ...], sample_rate: int) -> Iterator[Signal]:
    """Split a channel into bands, from the lowest, whose sum is an all-pass of it.

    At each crossover Linkwitz-Riley filters of the fourth order, which are Butterworth filters
    twice, divide what is left. They turn the phase by a second-order all-pass together; so each
    band is given those of the crossovers above it.

    Args:
        samples: ``[frames]``.
        crossovers: in Hz, ascending.
        sample_rate: in Hz.
    """
    from scipy.signal import butter, lfilter  # here, for it takes a second to import

    lows = [butter(2, hz, "lowpass", fs=sample_rate) for hz in crossovers]
    rest = samples
    for number, hz in enumerate(crossovers):
        band = _twice(lows[number], rest)
        for _, poles in lows[number + 1 :]:
            band = lfilter(poles[::-1], poles, band)
        yield band
        rest = _twice(butter(2, hz, "highpass", fs=sample_rate), rest)
    yield rest


def _twice(section: tuple[Signal, Signal], samples: Signal) -> Signal:
    from scipy.signal import lfilter

    return np.asarray(lfilter(*section, lfilter(*section, samples)))
