"""What is left of a song when its stems are taken away."""

import numpy as np

from hclarity.audio.values import Samples

__all__ = ["Rest"]


class Rest:
    """Keeps a song until its stems are there, and subtracts them from it.

    The song is what was heard, so stems and rest together are the song, to rounding.

    Args:
        channels: of the song.
    """

    def __init__(self, channels: int) -> None:
        self._song = np.zeros((channels, 0), np.float32)

    def push(self, block: Samples) -> None:
        """Take the song's next frames, ``[channels, frames]``."""
        self._song = np.concatenate([self._song, block], axis=-1)

    def beside(self, stems: Samples) -> Samples:
        """Return the next stems, ``[stems, channels, frames]``, and as one more what they leave."""
        frames = stems.shape[-1]
        rest = self._song[:, :frames] - stems.sum(axis=0)
        self._song = self._song[:, frames:]
        return np.concatenate([stems, rest[np.newaxis]])
