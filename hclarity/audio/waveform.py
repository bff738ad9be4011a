"""How a song looks from afar: its largest sample in each short time."""

import numpy as np

from hclarity.audio.reblocking import Reblocker
from hclarity.audio.values import Samples

__all__ = ["WaveformMeter"]

_PER_SECOND = 20


class WaveformMeter:
    """Finds the peaks of a song, block by block.

    Args:
        sample_rate: of every block, in Hz.
        channels: of every block.

    Attributes:
        per_second: how many peaks there are for each second.
    """

    def __init__(self, sample_rate: int, channels: int) -> None:
        self.per_second = _PER_SECOND
        self._reblocker = Reblocker(channels, round(sample_rate / _PER_SECOND))
        self._peaks: list[int] = []

    def push(self, block: Samples) -> None:
        """Hear the next ``[channels, frames]``."""
        self._peaks += map(_peak, self._reblocker.push(block))

    def flush(self) -> bytes:
        """A byte for each peak, 255 for full scale and more, once the song has ended."""
        rest = self._reblocker.rest()
        return bytes([*self._peaks, *([_peak(rest)] if rest.size else [])])


def _peak(step: Samples) -> int:
    return int(min(255, np.ceil(255 * np.abs(step).max())))
