"""A causal Conv-TasNet that hears a song in blocks, for a latency below a millisecond."""

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

if TYPE_CHECKING:
    from hclarity.nets.conv_tasnet import ConvTasNet
    from hclarity.nets.conv_tasnet_blocks import ConvBlock

__all__ = ["ConvTasNetStream"]


class ConvTasNetStream:
    """The stems of a song that comes in blocks; the same as those of the whole song.

    What it remembers does not grow with the song: less than a window of samples, and as many past
    frames as each convolution reaches back. For inference; one stream for each song.

    Args:
        net: built with ``causal=True``; where the stream runs, and in which precision.

    Attributes:
        latency: after so many frames and t more, t frames have come out or more: L - 1.

    Raises:
        ValueError: when the net needs to hear more than that ahead.
    """

    def __init__(self, net: "ConvTasNet") -> None:
        window, stride = net.encoder.window, net.encoder.stride
        if net.traits.lookahead != window - 1:
            raise ValueError(
                "only a causal net can stream: this one needs to hear"
                f" {net.traits.lookahead or 'all'} frames ahead, not {window - 1}"
            )
        self.latency = window - 1
        self._net = net
        self._blocks = net.separator.blocks
        stems, channels = len(net.traits.stems), net.traits.channels
        zeros = net.encoder.conv1d_U.weight.new_zeros
        self._unheard = zeros(channels, 0)
        self._past = [
            zeros(1, _reach(block), block.depthwise.in_channels) for block in self._blocks
        ]
        self._overlap = zeros(stems, channels, stride)
        self._owed = 0
        self._begun = False

    @torch.inference_mode()
    def push(self, block: Tensor) -> Tensor:
        """Take the song's next frames; return those of the stems that are ready.

        Args:
            block: ``[channels, frames]``, of any length.

        Returns:
            ``[stems, channels, frames]``, continuing where the last call ended.
        """
        heard = torch.cat([self._unheard, block], dim=-1)
        stride = self._net.encoder.stride
        steps = max(0, heard.shape[-1] - self.latency + stride - 1) // stride
        self._unheard = heard[:, steps * stride :].clone()
        self._owed += block.shape[-1]
        if not steps:
            return self._overlap[..., :0]
        self._begun = True
        encoded = self._net.encoder(heard[None])
        stems: Tensor = self._net.decoder(encoded, self._masks(encoded))[0]
        stems[..., :stride] += self._overlap
        self._overlap = stems[..., -stride:].clone()
        self._owed -= steps * stride
        return stems[..., :-stride]

    @torch.inference_mode()
    def flush(self) -> Tensor:
        """Return the rest of the stems, ``[stems, channels, frames]``; the song has ended."""
        owed = self._owed
        ready = self._overlap[..., :0]
        if not self._begun:  # a song shorter than a window is heard as if silence followed
            ready = self.push(self._unheard.new_zeros(len(self._unheard), self.latency + 1 - owed))
        ready = torch.cat([ready, self._overlap], dim=-1)[..., :owed]
        return F.pad(ready, (0, owed - ready.shape[-1]))

    def _masks(self, encoded: Tensor) -> Tensor:
        """``[1, N, frames] -> [1, stems, N, frames]``, continuing where the last call ended."""
        found = self._net.separator.begin(encoded)
        for number, block in enumerate(self._blocks):
            joined = torch.cat([self._past[number], block.widen(found).mT], dim=1)
            self._past[number] = joined[:, joined.shape[1] - _reach(block) :].clone()
            found = found + block.narrow(_convolve(block, joined).mT)
        return self._net.separator.end(found, encoded)


def _reach(block: "ConvBlock") -> int:
    """How many frames a block hears before each."""
    depthwise = block.depthwise
    return (depthwise.kernel_size[0] - 1) * depthwise.dilation[0]


def _convolve(block: "ConvBlock", heard: Tensor) -> Tensor:
    """Convolve over time what holds its own past: ``[1, frames, H]`` to `_reach` frames fewer.

    As a sum over the taps, for torch's convolution would first copy all of the past.
    """
    dilation = block.depthwise.dilation[0]
    frames = heard.shape[1] - _reach(block)
    taps = block.depthwise.weight[:, 0].unbind(-1)
    delayed = [heard[:, tap * dilation :][:, :frames] for tap in range(len(taps))]
    return torch.stack([tap * past for tap, past in zip(taps, delayed, strict=True)]).sum(dim=0)
