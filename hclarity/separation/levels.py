"""The level of a song, which nets do not hear: songs are brought to one level first."""

import math
from dataclasses import dataclass

import numpy as np

from hclarity.audio.values import Samples

__all__ = ["Level", "LevelMeter"]

# -160 dB full scale, far below what 24 bits can hold: quieter is silence, and stays as it is.
_SILENCE = 1e-8


@dataclass(frozen=True)
class Level:
    """Mean and standard deviation of a song, over all its frames.

    Args:
        mean: its offset from zero, linear full scale.
        std: above 0; 1 for silence, so that dividing by it changes nothing.
    """

    mean: float = 0.0
    std: float = 1.0


class LevelMeter:
    """Measure the level of a song that comes in blocks.

    It is that of the mean over channels, with the unbiased standard deviation, as Demucs has it
    (``apply_model`` and its callers). Blocks are merged by the pairwise formula of Chan, Golub and
    LeVeque (1979) in float64, so that their sizes do not matter.
    """

    def __init__(self) -> None:
        self._frames = 0
        self._mean = 0.0
        self._squares = 0.0

    def push(self, block: Samples) -> None:
        """Take the song's next frames, ``[channels, frames]``."""
        mono = block.mean(axis=0, dtype=np.float64)
        if not mono.size:
            return
        mean = float(mono.mean())
        squares = float(np.square(mono - mean).sum())
        frames = self._frames + mono.size
        apart = mean - self._mean
        self._squares += squares + apart * apart * self._frames * mono.size / frames
        self._mean += apart * mono.size / frames
        self._frames = frames

    def level(self) -> Level:
        """Return the level of all frames so far."""
        std = math.sqrt(self._squares / max(1, self._frames - 1))
        return Level(self._mean, std if std > _SILENCE else 1.0)
