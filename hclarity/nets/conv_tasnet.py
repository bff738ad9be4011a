"""Conv-TasNet: a learned filterbank, masks from a stack of dilated convolutions, and its way back.

Source: Y. Luo and N. Mesgarani, "Conv-TasNet: Surpassing Ideal Time-Frequency Magnitude Masking for
Speech Separation", IEEE/ACM TASLP 27(8), 2019, for several channels and without skip connections as
in A. Défossez et al., "Music Source Separation in the Waveform Domain", 2019. The weights of
Demucs v2's ``tasnet`` and of the Cadenza challenge's ``ConvTasNetStereo`` have the same names here
and mean the same.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hclarity.nets.conv_tasnet_stream import ConvTasNetStream
from hclarity.nets.separation_net import SeparationNet
from hclarity.nets.traits import Traits

__all__ = ["ChannelNorm", "ConvBlock", "ConvTasNet", "GlobalNorm", "conv_tasnet"]

EPSILON = 1e-8


class ConvTasNet(SeparationNet):
    """A Conv-TasNet made of its three parts; `conv_tasnet` builds them.

    The mixture is cut into frames of L samples, one every L / 2. An encoder turns each into N
    numbers that are not negative, the separator says how much of each number belongs to each stem,
    and the decoder adds up N learned waveforms accordingly.

    Shape:
        ``[batch, channels, frames] -> [batch, stems, channels, frames]``. Frames at the end that
        do not fill half a window are silent; fewer than L are heard as if silence followed.
    """

    def __init__(
        self, traits: Traits, encoder: "Encoder", separator: "Separator", decoder: "Decoder"
    ) -> None:
        super().__init__()
        self.traits = traits
        self.encoder = encoder
        self.separator = separator
        self.decoder = decoder

    def forward(self, mixture: Tensor) -> Tensor:
        """Return the stems."""
        frames = mixture.shape[-1]
        heard = F.pad(mixture, (0, max(0, self.encoder.window - frames)))
        # The way from and to waveforms is a hundredth of the work; half precision there is noise.
        with torch.autocast(mixture.device.type, enabled=False):
            encoded = self.encoder(heard)
        masks = self.separator(encoded).to(encoded.dtype)
        with torch.autocast(mixture.device.type, enabled=False):
            stems: Tensor = self.decoder(encoded, masks)
        return F.pad(stems, (0, frames - stems.shape[-1]))

    def only(self, stems: Sequence[str]) -> SeparationNet:
        """As `SeparationNet.only`: the masks of the other stems are not computed."""
        if self.separator.mask == "softmax":  # which makes them compete
            return super().only(stems)
        numbers = [self.traits.stems.index(stem) for stem in stems]
        separator = self.separator.only(numbers, of=len(self.traits.stems))
        chosen = ConvTasNet(self.traits.of(stems), self.encoder, separator, self.decoder)
        return chosen.train(self.training)

    def stream(self) -> ConvTasNetStream | None:
        """As `SeparationNet.stream`: a causal net hears no further than the window it is in."""
        causal = self.traits.lookahead == self.encoder.window - 1
        return ConvTasNetStream(self) if causal else None


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


class Separator(nn.Module):
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

    def only(self, stems: Sequence[int], of: int) -> "Separator":
        """Return one for the stems of these numbers, of as many as there are; alike in weights."""
        scores = cast("Pointwise", self.network[3])
        weight = (
            scores.weight.detach().view(of, -1, scores.in_channels, 1)[list(stems)].flatten(0, 1)
        )
        fewer = Pointwise(scores.in_channels, len(weight))
        fewer.weight = nn.Parameter(weight, requires_grad=False)
        return Separator(nn.Sequential(*list(self.network)[:3], fewer), self.mask)


class ConvBlock(nn.Module):
    """A block of the separator, ``[batch, B, frames] -> [batch, B, frames]``.

    Widened to H numbers a frame, convolved over time one by one, narrowed, and added.
    """

    def __init__(
        self, *, B: int, H: int, P: int, dilation: int, causal: bool, norm: "type[_Norm]"
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
        self, *, B: int, H: int, P: int, dilation: int, causal: bool, norm: "type[_Norm]"
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


class _Norm(nn.Module):
    """Scale and offset of each channel, ``[batch, channels, frames]`` to the same."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(1, channels, 1))
        self.beta = nn.Parameter(torch.zeros(1, channels, 1))


class GlobalNorm(_Norm):
    """gLN: zero mean and unit variance over channels and frames together."""

    def forward(self, heard: Tensor) -> Tensor:
        """Return the normalised frames."""
        return F.group_norm(heard, 1, self.gamma.flatten(), self.beta.flatten(), EPSILON)


class ChannelNorm(_Norm):
    """cLN: zero mean and unit variance over the channels of each frame by itself."""

    def forward(self, heard: Tensor) -> Tensor:
        """Return the normalised frames."""
        channels = (heard.shape[1],)
        gamma, beta = self.gamma.flatten(), self.beta.flatten()
        return F.layer_norm(heard.mT, channels, gamma, beta, EPSILON).mT


NORMS: Mapping[str, type[_Norm]] = {"gLN": GlobalNorm, "cLN": ChannelNorm}


def conv_tasnet(
    stems: Sequence[str],
    *,
    sample_rate: int,
    channels: int,
    N: int = 256,
    L: int = 20,
    B: int = 256,
    H: int = 512,
    P: int = 3,
    X: int = 8,
    R: int = 4,
    causal: bool = False,
    norm: str = "gLN",
    mask: str = "relu",
) -> ConvTasNet:
    """Build a Conv-TasNet with random weights; the letters are those of the paper.

    Args:
        stems: their names, in the order of the output.
        sample_rate: in Hz.
        channels: of the mixture and of each stem.
        N: waveforms in the encoder and decoder.
        L: their length, in samples; even, for they overlap by half.
        B: numbers a frame between the blocks.
        H: numbers a frame inside a block.
        P: taps of the convolutions over time; odd.
        X: blocks in a repeat, of which the dilation doubles from 1 on.
        R: repeats.
        causal: hear no frame that comes later. Needs ``norm="cLN"``.
        norm: ``"gLN"``, over the whole of what is given, or ``"cLN"``, for each frame by itself.
        mask: ``"relu"``, or ``"softmax"`` over the stems.

    Raises:
        ValueError: for a size below 1, an odd `L`, an even `P`, a norm or mask that does not
            exist, or a causal net with statistics of the whole.
    """
    sizes = {
        "stems": len(stems),
        "channels": channels,
        "N": N,
        "L": L,
        "B": B,
        "H": H,
        "P": P,
        "X": X,
        "R": R,
    }
    _check(sizes, causal, norm, mask)

    def repeat() -> nn.Sequential:
        block = partial(ConvBlock, B=B, H=H, P=P, causal=causal, norm=NORMS[norm])
        return nn.Sequential(*(block(dilation=2**x) for x in range(X)))

    repeats = nn.Sequential(*(repeat() for _ in range(R)))
    scores = Pointwise(B, len(stems) * N)
    network = nn.Sequential(ChannelNorm(N), Pointwise(N, B), repeats, scores)
    reach = R * (P - 1) * (2**X - 1)  # of the separator, in frames
    net = ConvTasNet(
        _traits(stems, sample_rate, channels, L // 2, reach, causal, norm),
        Encoder(channels, N=N, L=L),
        Separator(network, mask),
        Decoder(channels, N=N, L=L),
    )
    _initialise(net)
    return net


def _check(sizes: Mapping[str, int], causal: bool, norm: str, mask: str) -> None:
    for name, size in sizes.items():
        if size < 1:
            raise ValueError(f"{name} must be 1 or more, got {size}")
    if sizes["L"] % 2:
        raise ValueError(f"L must be even, for windows overlap by half, got {sizes['L']}")
    if not sizes["P"] % 2:
        raise ValueError(f"P must be odd, got {sizes['P']}")
    if norm not in NORMS:
        raise ValueError(f"norm must be {' or '.join(NORMS)}, got {norm!r}")
    if mask not in {"relu", "softmax"}:
        raise ValueError(f"mask must be relu or softmax, got {mask!r}")
    if causal and norm == "gLN":
        raise ValueError("a causal net needs norm = 'cLN': gLN hears all frames, later ones too")


def _traits(
    stems: Sequence[str],
    sample_rate: int,
    channels: int,
    stride: int,
    reach: int,
    causal: bool,
    norm: str,
) -> Traits:
    """What the net says of itself, when a frame of the masks depends on `reach` others.

    A sample lies in two windows. The earlier one begins up to ``2 * stride - 1`` samples before
    it, the later one ends as many after it; the masks add whole strides to either side.
    """
    before, after = (reach, 0) if causal else (reach // 2, reach // 2)
    everything = norm == "gLN"
    return Traits(
        tuple(stems),
        sample_rate,
        channels,
        stride,
        lookback=None if everything else (before + 2) * stride - 1,
        lookahead=None if everything else (after + 2) * stride - 1,
    )


def _initialise(net: ConvTasNet) -> None:
    for module in net.modules():
        if isinstance(module, nn.Conv1d | nn.Linear):
            nn.init.xavier_normal_(module.weight)
