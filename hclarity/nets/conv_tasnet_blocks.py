"""What a Conv-TasNet is made of: filterbanks, blocks of dilated convolutions, and norms.

The letters are those of the paper (`hclarity.nets.conv_tasnet`); the names of the parts are those
that published weights have.
"""

from collections.abc import Mapping, Sequence
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = [
    "NORMS",
    "ChannelNorm",
    "ConvBlock",
    "Decoder",
    "Encoder",
    "GlobalNorm",
    "Masks",
    "Norm",
    "Pointwise",
]

EPSILON = 1e-8


class Encoder(nn.Module):
    """``[batch, channels, samples] -> [batch, N, frames]``, not negative."""

    def __init__(self, channels: int, *, N: int, L: int) -> None:
        super().__init__()
        self.window = L
        self.stride = L // 2
        self.conv1d_U = nn.Conv1d(channels, N, L, stride=self.stride, bias=False)

    def forward(self, mixture: Tensor) -> Tensor:
        """Return how much of each of the N waveforms each frame holds."""
        return F.relu(self.conv1d_U(mixture))


class Decoder(nn.Module):
    """``[batch, N, frames]`` and masks ``[batch, stems, N, frames]`` to the stems' samples."""

    def __init__(self, channels: int, *, N: int, L: int) -> None:
        super().__init__()
        self.channels = channels
        self.stride = L // 2
        self.basis_signals = nn.Linear(N, channels * L, bias=False)

    def forward(self, encoded: Tensor, masks: Tensor) -> Tensor:
        """Return ``[batch, stems, channels, (frames + 1) * L / 2]``."""
        batch, stems, _, _ = masks.shape
        masked = encoded[:, None] * masks
        waveforms = self.basis_signals.weight.t().view(encoded.shape[1], self.channels, -1)
        samples = F.conv_transpose1d(masked.flatten(0, 1), waveforms, stride=self.stride)
        return samples.view(batch, stems, self.channels, -1)


class Masks(nn.Module):
    """``[batch, N, frames] -> [batch, stems, N, frames]``: the masks.

    Args:
        network: a norm; from N to B numbers a frame; R repeats of X blocks; from B numbers to N for
            each stem.
        mask: ``"relu"``, or ``"softmax"`` over the stems.
    """

    def __init__(self, network: nn.Sequential, mask: str) -> None:
        super().__init__()
        self.network = network
        self.mask = mask

    @property
    def blocks(self) -> "list[ConvBlock]":
        """All blocks of all repeats, in their order."""
        return [module for module in self.network.modules() if isinstance(module, ConvBlock)]

    def begin(self, encoded: Tensor) -> Tensor:
        """``[batch, N, frames] -> [batch, B, frames]``: what comes before the blocks."""
        norm, bottleneck, _, _ = self.network
        narrowed: Tensor = bottleneck(norm(encoded))
        return narrowed

    def end(self, found: Tensor, encoded: Tensor) -> Tensor:
        """``[batch, B, frames] -> [batch, stems, N, frames]``: what comes after the blocks."""
        batch, filters, frames = encoded.shape
        scores: Tensor = self.network[3](found).view(batch, -1, filters, frames)
        return F.relu(scores) if self.mask == "relu" else F.softmax(scores, dim=1)

    def forward(self, encoded: Tensor) -> Tensor:
        """Return the masks."""
        return self.end(self.network[2](self.begin(encoded)), encoded)

    def only(self, stems: Sequence[int], of: int) -> "Masks":
        """Return one for the stems of these numbers, of as many as there are; alike in weights."""
        scores = cast("Pointwise", self.network[3])
        weight = (
            scores.weight.detach().view(of, -1, scores.in_channels, 1)[list(stems)].flatten(0, 1)
        )
        fewer = Pointwise(scores.in_channels, len(weight))
        fewer.weight = nn.Parameter(weight, requires_grad=False)
        return Masks(nn.Sequential(*list(self.network)[:3], fewer), self.mask)


class ConvBlock(nn.Module):
    """A block of the separator, ``[batch, B, frames] -> [batch, B, frames]``.

    Widened to H numbers a frame, convolved over time one by one, narrowed, and added.
    """

    def __init__(
        self, *, B: int, H: int, P: int, dilation: int, causal: bool, norm: "type[Norm]"
    ) -> None:
        super().__init__()
        separable = _Separable(B=B, H=H, P=P, dilation=dilation, causal=causal, norm=norm)
        self.net = nn.Sequential(Pointwise(B, H), nn.PReLU(), norm(H), separable)

    @property
    def depthwise(self) -> nn.Conv1d:
        """The convolution over time."""
        return cast("nn.Conv1d", cast("_Separable", self.net[3]).net[0])

    def widen(self, heard: Tensor) -> Tensor:
        """``[batch, B, frames] -> [batch, H, frames]``: what comes before the convolution."""
        convolution, activation, norm, _ = self.net
        widened: Tensor = norm(activation(convolution(heard)))
        return widened

    def narrow(self, convolved: Tensor) -> Tensor:
        """``[batch, H, frames] -> [batch, B, frames]``: what comes after it."""
        *_, activation, norm, convolution = cast("_Separable", self.net[3]).net
        narrowed: Tensor = convolution(norm(activation(convolved)))
        return narrowed

    def forward(self, heard: Tensor) -> Tensor:
        """Return what was heard, and what was found in it added."""
        found: Tensor = self.net(heard)
        return heard + found


class _Separable(nn.Module):
    """A convolution over time and, after it, one over channels."""

    def __init__(
        self, *, B: int, H: int, P: int, dilation: int, causal: bool, norm: "type[Norm]"
    ) -> None:
        super().__init__()
        reach = (P - 1) * dilation
        padding = reach if causal else reach // 2
        self.net = nn.Sequential(
            nn.Conv1d(H, H, P, padding=padding, dilation=dilation, groups=H, bias=False),
            *([_WithoutLast(reach)] if causal else []),
            nn.PReLU(),
            norm(H),
            Pointwise(H, B),
        )

    def forward(self, heard: Tensor) -> Tensor:
        convolved: Tensor = self.net(heard)
        return convolved


class Pointwise(nn.Conv1d):
    """A convolution of one tap: each frame by itself, ``[batch, channels, frames]`` to the same.

    On CPUs a matrix product is quicker, and it leaves the channels of a frame side by side in
    memory, where `ChannelNorm` wants them.
    """

    def __init__(self, heard: int, said: int) -> None:
        super().__init__(heard, said, 1, bias=False)

    def forward(self, heard: Tensor) -> Tensor:
        """Return the frames in their new channels."""
        return F.linear(heard.mT, self.weight[..., 0]).mT


class _WithoutLast(nn.Module):
    """Drop the last so many frames: what makes a convolution padded on both sides causal."""

    def __init__(self, frames: int) -> None:
        super().__init__()
        self.frames = frames

    def forward(self, heard: Tensor) -> Tensor:
        return heard[..., : heard.shape[-1] - self.frames]


class Norm(nn.Module):
    """Scale and offset of each channel, ``[batch, channels, frames]`` to the same."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(1, channels, 1))
        self.beta = nn.Parameter(torch.zeros(1, channels, 1))


class GlobalNorm(Norm):
    """gLN: zero mean and unit variance over channels and frames together."""

    def forward(self, heard: Tensor) -> Tensor:
        """Return the normalised frames."""
        return F.group_norm(heard, 1, self.gamma.flatten(), self.beta.flatten(), EPSILON)


class ChannelNorm(Norm):
    """cLN: zero mean and unit variance over the channels of each frame by itself."""

    def forward(self, heard: Tensor) -> Tensor:
        """Return the normalised frames."""
        channels = (heard.shape[1],)
        gamma, beta = self.gamma.flatten(), self.beta.flatten()
        normal = F.layer_norm(heard.transpose(1, 2), channels, gamma, beta, EPSILON)
        return normal.transpose(1, 2)


NORMS: Mapping[str, type[Norm]] = {"gLN": GlobalNorm, "cLN": ChannelNorm}
