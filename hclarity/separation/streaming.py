"""A causal net that hears a song as a stream: no chunks, no cross-fades, nothing heard twice."""

import numpy as np
import torch

from hclarity.audio.reblocking import Reblocker
from hclarity.audio.values import Samples
from hclarity.nets.conv_tasnet import ConvTasNet
from hclarity.nets.conv_tasnet_stream import ConvTasNetStream
from hclarity.separation.levels import Level

__all__ = ["Streaming"]

_STEP = 4096  # frames: longer ones are hardly quicker, and what comes out must not depend on blocks


class Streaming:
    """The stems of one song, by a net that `can_stream`; the same gesture as `OverlapAdd`.

    Args:
        net: on its device.
        level: of the whole song.
        offset: what is added to every stem, a share of the level's.
    """

    def __init__(self, net: ConvTasNet, level: Level, offset: float) -> None:
        self._stream = ConvTasNetStream(net)
        self._device = next(net.parameters()).device
        self._level, self._offset = level, offset
        self._steps = Reblocker(net.traits.channels, _STEP)
        self._nothing = np.zeros((len(net.traits.stems), net.traits.channels, 0), np.float32)
        self._owed = 0

    def push(self, block: Samples) -> Samples:
        """Take the song's next frames, ``[channels, frames]``; return the stems' that are ready."""
        self._owed += block.shape[-1]
        ready = [self._heard(step) for step in self._steps.push(block)]
        return self._returned(np.concatenate([self._nothing, *ready], axis=-1))

    def flush(self) -> Samples:
        """Return the rest of the stems, ``[stems, channels, frames]``; the song has ended."""
        # Silence fills the last window: the net leaves frames out that fill none.
        rest = np.pad(self._steps.rest(), ((0, 0), (0, self._stream.latency + 1)))
        return self._returned(self._heard(rest))

    def _heard(self, block: Samples) -> Samples:
        level = self._level
        heard = torch.from_numpy((block - level.offset) / level.scale).to(self._device)
        stems: Samples = self._stream.push(heard).cpu().numpy()
        return stems * level.scale + self._offset

    def _returned(self, stems: Samples) -> Samples:
        stems = stems[..., : self._owed]
        self._owed -= stems.shape[-1]
        return stems
