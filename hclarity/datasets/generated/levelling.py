"""How loud a stem is where it sounds, and how loud it is made in a mixture."""

from dataclasses import dataclass

import numpy as np

from hclarity.audio.values import Samples

__all__ = ["PEAK", "Fader", "active_level"]

PEAK = 0.89  # of a finished mixture: -1 dBFS
_ACTIVE = 1e-3  # of the loudest block's energy: below it nothing plays


@dataclass(frozen=True)
class Fader:
    """How the level of a stem is drawn, in dB.

    Args:
        mean: of a normal distribution.
        spread: its standard deviation.
        lowest: what is drawn is not below.
        highest: nor above.
    """

    mean: float
    spread: float
    lowest: float
    highest: float

    def level(self, samples: Samples, sample_rate: int, rng: np.random.Generator) -> Samples:
        """Bring a stem, ``[2, frames]``, to a drawn level."""
        drawn = np.clip(rng.normal(self.mean, self.spread), self.lowest, self.highest)
        gain = 10 ** (drawn / 20) / active_level(samples, sample_rate)
        return np.asarray(gain * samples, np.float32)


def active_level(samples: Samples, sample_rate: int) -> float:
    """RMS over the tenths of a second in which something sounds; 1 where nothing does."""
    step = sample_rate // 10
    blocks = samples.shape[1] // step
    if blocks == 0:
        return 1.0
    energy = (samples[:, : blocks * step] ** 2).reshape(2, blocks, step).mean(axis=(0, 2))
    active = energy[energy > _ACTIVE * energy.max()]
    return float(np.sqrt(active.mean())) if active.size else 1.0
