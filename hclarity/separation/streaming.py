"""A net that hears a song as a stream: no chunks, no cross-fades, nothing heard twice."""

import numpy as np
import torch

from hclarity.audio.reblocking import Reblocker
from hclarity.audio.values import Samples
from hclarity.nets.separation_net import Stream
from hclarity.registry.cards import Contract
from hclarity.separation.levels import Level

__all__ = ["Streaming"]

_STEP = 4096  # frames, or less: longer steps are hardly quicker


class Streaming:
    """The stems of one song by a net's stream, with the gesture of `OverlapAdd`.

    Args:
        stream: of the net.
        contract: of the net.
        level: of the whole song.
        stems: of the stream.
        device: where the net is.
    """

    def __init__(
        self, stream: Stream, contract: Contract, level: Level, *, stems: int, device: str
    ) -> None:
        self._stream, self._level, self._device = stream, level, device
        self._stride, self._share = contract.stride, 1 / len(contract.stems)
        # Of whole strides, so that what comes out does not depend on the blocks.
        self._steps = Reblocker(contract.channels, max(1, _STEP // self._stride) * self._stride)
        self._nothing = np.zeros((stems, contract.channels, 0), np.float32)
        self._owed = 0

    def push(self, block: Samples) -> Samples:
        """Take the song's next frames, ``[channels, frames]``; return the stems' that are ready."""
        self._owed += block.shape[-1]
        ready = [self._heard(step) for step in self._steps.push(block)]
        return self._returned(*ready)

    def flush(self) -> Samples:
        """Return the rest of the stems, ``[stems, channels, frames]``; the song has ended."""
        rest = self._steps.rest()
        # Silence up to whole strides, for a net may leave out what fills none, and a stride more,
        # so that the song's last frames are in the middle of something as all others are.
        padding = -rest.shape[-1] % self._stride + self._stride
        silence = self._level.offset  # as the net hears it
        last = self._heard(np.pad(rest, ((0, 0), (0, padding)), constant_values=silence))
        return self._returned(last, self._said(self._stream.flush()))

    def _heard(self, block: Samples) -> Samples:
        heard = torch.from_numpy(self._level.reached(block)).to(self._device)
        return self._said(self._stream.push(heard))

    def _said(self, stems: torch.Tensor) -> Samples:
        return self._level.given_back(stems.float().cpu().numpy(), self._share)

    def _returned(self, *ready: Samples) -> Samples:
        """All that is ready, but not what silence after the song has become."""
        stems = np.concatenate([self._nothing, *ready], axis=-1)[..., : self._owed]
        self._owed -= stems.shape[-1]
        return stems
