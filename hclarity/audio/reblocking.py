"""Blocks of any size become blocks of one size.

What works in steps of its own, on blocks that someone else has cut, keeps the law *block sizes
never change the result* for free when its own steps always begin at the same frames.
"""

import numpy as np

from hclarity.audio.values import Samples

__all__ = ["Reblocker"]


class Reblocker:
    """Collects blocks and hands them on in steps of one size.

    Args:
        channels: of every block.
        frames: of every step.

    >>> reblocker = Reblocker(channels=1, frames=3)
    >>> [step.tolist() for step in reblocker.push(np.arange(7, dtype=np.float32)[None])]
    [[[0.0, 1.0, 2.0]], [[3.0, 4.0, 5.0]]]
    >>> reblocker.rest().tolist()
    [[6.0]]
    """

    def __init__(self, channels: int, frames: int) -> None:
        self._channels = channels
        self._frames = frames
        self._held: list[Samples] = []
        self._held_frames = 0

    def push(self, block: Samples) -> list[Samples]:
        """Take a block ``[channels, frames]``; return the steps that are now whole."""
        self._held.append(block.copy())
        self._held_frames += block.shape[1]
        if self._held_frames < self._frames:
            return []
        joined = self.rest()
        whole = joined.shape[1] // self._frames * self._frames
        self._held = [joined[:, whole:].copy()]
        self._held_frames = joined.shape[1] - whole
        return [joined[:, at : at + self._frames] for at in range(0, whole, self._frames)]

    def held(self) -> Samples:
        """What does not fill a step yet, ``[channels, fewer frames]``."""
        return np.concatenate([np.empty((self._channels, 0), np.float32), *self._held], axis=1)

    def rest(self) -> Samples:
        """Return what does not fill a step, ``[channels, fewer frames]``, and start anew."""
        joined = self.held()
        self._held, self._held_frames = [], 0
        return joined
