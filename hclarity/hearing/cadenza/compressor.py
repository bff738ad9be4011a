"""The compressor of the first Cadenza challenge, for all frequencies at once.

Equal to ``clarity.enhancer.compressor`` of pyclarity 0.9.0 within 1e-9.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Compressor"]


@dataclass(frozen=True)
class Compressor:
    """Lowers the gain while a moving root mean square is above a threshold.

    The gain goes from 1 towards ``attenuation x level + (1 - attenuation) x threshold`` while the
    level is above the threshold, else back to 1: by ``1 / (time x sample rate)`` of the way each
    sample. All is linear, nothing in dB.

    Args:
        threshold: linear full scale.
        attenuation: 0 to 1.
        attack: the time for going down, in s.
        release: the time for going up, in s.
        window: over which the level is measured, in s; it ends with the sample.
    """

    threshold: float = 0.35
    attenuation: float = 0.1
    attack: float = 0.05
    release: float = 1.0
    window: float = 0.064

    def compressed(self, samples: NDArray[np.floating], sample_rate: int) -> NDArray[np.float64]:
        """Compress one channel, ``[frames]``."""
        from hclarity.hearing.cadenza.gain_smoothing import broadband_gains  # which loads numba

        signal = samples.astype(np.float64)
        gains = broadband_gains(
            signal,
            int(self.window * sample_rate),
            self.threshold,
            self.attenuation,
            1 / (self.attack * sample_rate),
            1 / (self.release * sample_rate),
        )
        return np.asarray(signal * gains)
