"""A net that hears chunks, applied to a song that comes in blocks.

Every ``hop`` frames a chunk begins, and chunks that overlap are cross-faded, since nets err most
near the edges of what they hear. The weight of an estimate falls linearly towards both edges of its
chunk, and the sum is divided by the sum of weights, so neither end of the song fades::

    chunk 0      ████████████▇▅▃▁
    chunk 1                  ▁▃▅▇████████▇▅▃▁
    last chunk                           ▁▃▅▇██████
    but it hears                   ················

The last chunk is moved left until it ends with the song, or less than a stride after it, so that it
is full of music rather than mostly padding; it fades in where it would have begun, and what it says
of earlier frames is context that is dropped. A song shorter than one chunk is given as it is, with
silence up to whole strides and no further: nets do worse where half of what they hear is silence.

Every chunk begins at a whole number of the net's strides. Strided nets are not indifferent to where
they begin, and estimates from unlike places do not fit together: a random Hybrid Demucs in chunks
of 16 strides agrees with itself on the whole song to 17 dB when the hop is 11.7 of them, and to
36 dB when it is 12; then the seams are no worse than the rest.

What comes out depends on the song alone, never on the blocks in which it came.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from hclarity.audio.values import Samples
from hclarity.errors import BadDataError

__all__ = ["Estimate", "OverlapAdd"]


class Estimate(Protocol):
    """The stems of a chunk, perhaps still to come; a `concurrent.futures.Future` is one."""

    def result(self) -> Samples:
        """Return them, ``[1, stems, channels, frames]``, as soon as they are there."""

    def cancel(self) -> bool:
        """Compute them no more, if that has not begun; return whether that is so."""


class OverlapAdd:
    """Overlap-add over the chunks of one song.

    It holds two chunks of mixture and one of stems, however long the song, and as many more as the
    net works on.

    Args:
        net: begins with ``[1, channels, frames]``, of a chunk's frames or, for a song shorter than
            that, some whole strides.
        at_once: how many chunks the net can work on at once.
        channels: of the song.
        stems: that the net estimates.
        chunk: frames that the net is given.
        hop: frames from the beginning of a chunk to that of the next, at most ``chunk``.
        stride: of which ``hop`` is a multiple, in frames.

    Raises:
        BadDataError: for a hop that leaves gaps or is not a multiple of the stride, or for sizes
            below 1.
    """

    def __init__(
        self,
        net: Callable[[Samples], Estimate],
        *,
        at_once: int = 1,
        channels: int,
        stems: int,
        chunk: int,
        hop: int,
        stride: int = 1,
    ) -> None:
        if min(channels, stems) < 1:
            raise BadDataError(f"expected 1 or more channels and stems, got {channels} and {stems}")
        if not 1 <= stride <= hop <= chunk or hop % stride:
            raise BadDataError(
                f"a chunk of {chunk} frames cannot move on by {hop} in strides of {stride}"
            )
        self._net = net
        # As one is waited for, the net has as many others as it can work on.
        self._most_waiting = at_once if at_once > 1 else 0
        self._begun: deque[_Begun] = deque()
        self._chunk = chunk
        self._hop = hop
        self._stride = stride
        self._weight = _triangle(chunk)
        # The next chunk, preceded by the hop before it: the context of a last chunk moved left.
        self._heard = np.zeros((channels, hop + chunk), np.float32)
        self._filled = hop
        # Estimates of the next chunk's frames so far, weighted, and the sums of their weights.
        self._sum = np.zeros((stems, channels, chunk), np.float32)
        self._weights = np.zeros(chunk, np.float32)
        self._first = True

    def push(self, block: Samples) -> Samples:
        """Take the song's next frames; return those of the stems that are ready.

        Args:
            block: ``[channels, frames]``, of any length.

        Returns:
            ``[stems, channels, frames]``, continuing where the last call ended.
        """
        ready = [self._sum[..., :0]]
        while block.shape[-1]:
            room = self._heard.shape[-1] - self._filled
            piece, block = block[:, :room], block[:, room:]
            self._heard[:, self._filled : self._filled + piece.shape[-1]] = piece
            self._filled += piece.shape[-1]
            if self._filled == self._heard.shape[-1]:
                self._begin_full_chunk()
                ready += self._finished(waiting=self._most_waiting)
        return np.concatenate(ready, axis=-1)

    def flush(self) -> Samples:
        """Return the rest of the stems, ``[stems, channels, frames]``; the song has ended."""
        pending = self._filled - self._hop
        self._heard[:, self._filled :] = 0
        if self._first and pending:
            frames = min(self._strides(pending), self._chunk)
            self._begin(self._heard[:, self._hop : self._hop + frames], frames=pending)
        elif not self._first and self._filled > self._chunk:  # more than some chunk has heard
            start = self._strides(self._filled - self._chunk)
            chunk = self._heard[:, start : start + self._chunk]
            self._begin(chunk, dropped=self._hop - start, frames=pending)
        return np.concatenate([*self._finished(waiting=0), self._take(pending)], axis=-1)

    def give_up(self) -> None:
        """Begin with nothing any more that the net has not begun with."""
        for begun in self._begun:
            begun.estimate.cancel()

    def _strides(self, frames: int) -> int:
        """The whole strides, in frames, that hold so many frames."""
        return -(-frames // self._stride) * self._stride

    def _begin_full_chunk(self) -> None:
        """After it the frames before the chunk that follows it are ready."""
        self._begin(self._heard[:, self._hop :], frames=self._chunk, ready=self._hop)
        self._heard[:, : self._chunk] = self._heard[:, self._hop :].copy()
        self._filled -= self._hop
        self._first = False

    def _begin(self, chunk: Samples, *, frames: int, dropped: int = 0, ready: int = 0) -> None:
        self._begun.append(_Begun(self._net(chunk[np.newaxis].copy()), dropped, frames, ready))

    def _finished(self, waiting: int) -> list[Samples]:
        """What is ready once no more than so many chunks are being waited for."""
        ready = []
        while len(self._begun) > waiting:
            begun = self._begun.popleft()
            self._add(begun)
            ready.append(self._take(begun.ready))
        return ready

    def _add(self, begun: "_Begun") -> None:
        estimate = begun.estimate.result()
        if estimate.shape[:-1] != (1, *self._sum.shape[:2]):
            raise BadDataError(
                f"expected {self._sum.shape[:2]} from the net, got {estimate.shape[1:]}"
            )
        weight = self._weight[: begun.frames]
        heard = estimate[0, ..., begun.dropped : begun.dropped + begun.frames]
        self._sum[..., : begun.frames] += weight * heard
        self._weights[: begun.frames] += weight

    def _take(self, frames: int) -> Samples:
        """Return the first ``frames`` frames, which nothing will be added to any more."""
        taken: Samples = self._sum[..., :frames] / self._weights[:frames]
        for sums in (self._sum, self._weights):
            sums[..., : self._chunk - frames] = sums[..., frames:].copy()
            sums[..., self._chunk - frames :] = 0
        return taken


@dataclass(frozen=True)
class _Begun:
    """A chunk that the net works on, or has worked on.

    Args:
        estimate: of its stems.
        dropped: how many frames of that are context.
        frames: how many are not.
        ready: how many frames of the song nothing will be added to any more after it.
    """

    estimate: Estimate
    dropped: int
    frames: int
    ready: int


def _triangle(frames: int) -> Samples:
    """Rise and fall linearly, from above 0 to 1 and back.

    >>> _triangle(4).tolist()
    [0.5, 1.0, 1.0, 0.5]
    """
    rising = np.arange(1, frames + 1)
    triangle = np.minimum(rising, rising[::-1])
    weights: Samples = (triangle / triangle.max()).astype(np.float32)
    return weights
