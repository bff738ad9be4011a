"""Integrated loudness by ITU-R BS.1770-4, by blocks.

Filter coefficients are pyloudnorm's "DeMan" set, the standard's own filters carried to any sample
rate; its default set is an approximation and reads 0.04 LU lower at 1 kHz. pyloudnorm itself wants
the whole song at once, 1 GB for four minutes.
"""

import numpy as np
from numpy.typing import NDArray

from hclarity.audio.reblocking import Reblocker
from hclarity.audio.values import Audio, Samples

__all__ = ["LoudnessMeter", "integrated_loudness"]

_STEPS_A_SECOND = 10
_STEPS_A_BLOCK = 4  # gating blocks of 400 ms that overlap by three quarters
_OFFSET = -0.691  # LUFS, so that a 0 dBFS sine at 997 Hz reads -3.01 (BS.1770-4, equation 2)
_ABSOLUTE_GATE = -70.0  # LUFS
_RELATIVE_GATE = -10.0  # LU below the mean of what passes the absolute gate


class LoudnessMeter:
    """Measures the integrated loudness of one or two channels.

    Every channel weighs 1. Mono is one channel, as in the standard: played on both ears it is 3 LU
    louder than it reads, so compare mono with mono and stereo with stereo.

    Args:
        sample_rate: of every block, in Hz.
        channels: of every block, 1 or 2.
    """

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._reblocker = Reblocker(channels, round(sample_rate / _STEPS_A_SECOND))
        self._filters = _k_weighting(sample_rate)
        self._state = np.zeros((len(self._filters), channels, 2))
        self._energies: list[float] = []

    def push(self, block: Samples) -> None:
        """Take a block ``[channels, frames]``."""
        from scipy.signal import sosfilt  # here, for it takes 0.6 s to import

        for step in self._reblocker.push(block):
            weighted, self._state = sosfilt(
                self._filters, step.astype(np.float64), axis=1, zi=self._state
            )
            self._energies.append(float(np.square(weighted).mean(axis=1).sum()))

    def integrated(self) -> float | None:
        """Return the gated loudness so far in LUFS; None below 0.4 s, or when all is gated away."""
        if len(self._energies) < _STEPS_A_BLOCK:
            return None
        blocks = np.convolve(self._energies, np.full(_STEPS_A_BLOCK, 1 / _STEPS_A_BLOCK), "valid")
        loud = blocks[blocks > _energy(_ABSOLUTE_GATE)]
        if not loud.size:
            return None
        gated = loud[loud > loud.mean() * 10 ** (_RELATIVE_GATE / 10)]
        return float(_OFFSET + 10 * np.log10(gated.mean()))


def integrated_loudness(audio: Audio) -> float | None:
    """Integrated loudness in LUFS; None for less than 0.4 s or for silence.

    >>> seconds = np.arange(48000) / 48000
    >>> tone = Audio(np.sin(2 * np.pi * 997 * seconds)[None], 48000)
    >>> round(integrated_loudness(tone), 1)
    -3.0
    """
    meter = LoudnessMeter(audio.sample_rate, audio.channels)
    meter.push(audio.samples)
    return meter.integrated()


def _k_weighting(sample_rate: int) -> NDArray[np.float64]:
    """The two second-order sections, as `scipy.signal.sosfilt` wants them, ``[2, 6]``."""
    from pyloudnorm import Meter  # here, for it imports scipy.signal

    filters = Meter(sample_rate, filter_class="DeMan")._filters.values()
    return np.array([[*section.b, *section.a] for section in filters])


def _energy(lufs: float) -> float:
    """The mean square of K-weighted samples at a loudness."""
    return float(10 ** ((lufs - _OFFSET) / 10))
