"""A song in pieces that overlap, so that each can be encoded and decoded by itself."""

import numpy as np

from hclarity.audio.values import Samples

__all__ = ["Segmenter"]


class Segmenter:
    """Cuts what is pushed into segments, each with what comes just before and after it.

    Laws: segment ``k`` is ``[max(0, k * frames - padding), (k + 1) * frames + padding)``, as far as
    the song goes; block sizes never change the result; a song of one segment or none at all gives
    one.

    Args:
        frames: of a segment, without padding.
        padding: frames to each side; at most a segment.

    >>> segmenter = Segmenter(frames=3, padding=1)
    >>> [piece.tolist() for piece in [*segmenter.push(np.arange(8)[None]), *segmenter.flush()]]
    [[[0, 1, 2, 3]], [[2, 3, 4, 5, 6]], [[5, 6, 7]]]
    """

    def __init__(self, frames: int, padding: int) -> None:
        self._frames, self._padding = frames, padding
        self._held: Samples | None = None
        self._before = 0  # frames of padding that are held before the next segment
        self._cut = 0

    def push(self, block: Samples) -> list[Samples]:
        """Take ``[..., frames]``; return the segments that are now whole."""
        held = block if self._held is None else np.concatenate([self._held, block], axis=-1)
        whole = []
        while held.shape[-1] > self._before + self._frames + self._padding:
            whole.append(held[..., : self._before + self._frames + self._padding].copy())
            past = self._before + self._frames - self._padding
            held, self._before = held[..., past:], self._padding
        self._held = held.copy()
        self._cut += len(whole)
        return whole

    def flush(self) -> list[Samples]:
        """Return the end of the song: the segments that had no whole padding after them."""
        held = self._held
        if held is None:
            return []
        last: list[Samples] = []
        while held.shape[-1] > self._before or not (self._cut or last):
            last.append(held[..., : self._before + self._frames + self._padding])
            past = self._before + self._frames - self._padding
            held, self._before = held[..., past:], self._padding
        return last
