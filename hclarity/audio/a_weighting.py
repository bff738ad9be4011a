"""A-weighted level, by blocks: what safe listening is counted in.

The curve is that of IEC 61672-1 itself, applied to spectra: a filter of few coefficients would miss
it towards half the sample rate, by 5 dB and more at 16 kHz of 44.1. Overlapping spectra under a
sine window add up to the energy of the song exactly, for its square and that of its neighbour, half
a window on, sum to 1.
"""

import numpy as np
from numpy.typing import NDArray

from hclarity.audio.reblocking import Reblocker
from hclarity.audio.values import Samples

__all__ = ["AWeightedMeter", "a_weighting_db"]

_POLES = (20.598997, 107.65265, 737.86223, 12194.217)  # Hz; IEC 61672-1, annex E
_WINDOW_S = 0.34  # at least: 3 Hz between the lines of a spectrum, for the slope at low frequencies


def a_weighting_db(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """The A-weighting, in dB, 0 at 1 kHz (IEC 61672-1, annex E).

    >>> a_weighting_db(np.array([100.0, 1000.0, 10000.0])).round(1).tolist()
    [-19.1, 0.0, -2.5]
    """
    with np.errstate(divide="ignore"):  # -inf dB at 0 Hz
        return np.asarray(10 * np.log10(_a_weighting(hz)))


def _a_weighting(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same as a factor on power."""
    return np.asarray(_unscaled(hz) / _unscaled(np.array(1000.0)))


def _unscaled(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    squared = np.square(hz)
    first, second, third, fourth = np.square(_POLES)
    rising = np.square(squared) / ((squared + first) * (squared + fourth))
    return np.asarray(np.square(rising) / ((squared + second) * (squared + third)))


class AWeightedMeter:
    """Measures the A-weighted level of each channel: the mean of its energy over the song.

    Block sizes never change the result.

    Args:
        sample_rate: of every block, in Hz.
        channels: of every block.
    """

    def __init__(self, sample_rate: int, channels: int) -> None:
        window = 1 << round(_WINDOW_S * sample_rate - 1).bit_length()
        hz = np.arange(window // 2 + 1, dtype=np.float64) * (sample_rate / window)
        self._window = np.sin(np.pi * (np.arange(window) + 0.5) / window).astype(np.float32)
        # Lines above 0 Hz stand for those below it, too; that at half the rate stands alone.
        sides = np.where(2 * np.arange(hz.size) == window, 1, 2)
        self._weights = sides * _a_weighting(hz) / window
        self._reblocker = Reblocker(channels, window // 2)
        self._last = np.zeros((channels, window // 2), np.float32)
        self._energy = np.zeros(channels)
        self._frames = 0

    def push(self, block: Samples) -> None:
        """Take a block ``[channels, frames]``."""
        self._frames += block.shape[1]
        for step in self._reblocker.push(block):
            self._energy += self._heard(self._last, step)
            self._last = step

    def levels(self) -> list[float | None]:
        """Level so far of each channel in dB, where a full-scale sine at 1 kHz has 0 (AES17).

        None for a channel that is silent, or when nothing was pushed.
        """
        ending = self._reblocker.held()
        silence = np.zeros_like(self._last)
        ending = np.concatenate([ending, silence[:, ending.shape[1] :]], axis=1)
        energy = self._energy + self._heard(self._last, ending) + self._heard(ending, silence)
        return [float(10 * np.log10(2 * one / self._frames)) if one > 0 else None for one in energy]

    def _heard(self, first: Samples, second: Samples) -> NDArray[np.float64]:
        """The weighted energy of each channel under one window."""
        spectrum = np.fft.rfft(np.concatenate([first, second], axis=1) * self._window)
        power = np.square(spectrum.real) + np.square(spectrum.imag)
        weighed: NDArray[np.float64] = (power * self._weights).sum(axis=1)
        return weighed
