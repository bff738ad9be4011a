"""Conv-TasNet: a learned filterbank, masks from a stack of dilated convolutions, and its way back.

Source: Y. Luo and N. Mesgarani, "Conv-TasNet: Surpassing Ideal Time-Frequency Magnitude Masking for
Speech Separation", IEEE/ACM TASLP 27(8), 2019, for several channels and without skip connections as
in A. Défossez et al., "Music Source Separation in the Waveform Domain", 2019. The weights of
Demucs v2's ``tasnet`` and of the Cadenza challenge's ``ConvTasNetStereo`` have the same names here
and mean the same.
"""

from collections.abc import Mapping, Sequence
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hclarity.nets.conv_tasnet_blocks import (
    NORMS,
    ChannelNorm,
    ConvBlock,
    Decoder,
    Encoder,
    Masks,
    Pointwise,
)
from hclarity.nets.conv_tasnet_filterbank import sinusoidal_filterbank
from hclarity.nets.conv_tasnet_stream import ConvTasNetStream
from hclarity.nets.separation_net import Heard, SeparationNet
from hclarity.nets.traits import Traits

__all__ = ["ConvTasNet", "conv_tasnet"]


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
        self,
        traits: Traits,
        encoder: Encoder,
        separator: Masks,
        decoder: Decoder,
        *,
        consistent: bool = False,
    ) -> None:
        super().__init__()
        self.traits = traits
        self.encoder = encoder
        self.separator = separator
        self.decoder = decoder
        self.consistent = consistent

    def encode(self, mixture: Tensor) -> Heard:
        """Return the numbers of each frame, ``[batch, N, frames]``."""
        # The way from and to waveforms is a hundredth of the work; half precision there is noise.
        with torch.autocast(mixture.device.type, enabled=False):
            padding = max(0, self.encoder.window - mixture.shape[-1])
            encoded = self.encoder(F.pad(mixture, (0, padding)))
        return Heard(mixture, (encoded,))

    def core(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Return the masks, ``[batch, stems, N, frames]``."""
        return (self.separator(*inputs),)

    def decode(self, said: Sequence[Tensor], heard: Heard) -> Tensor:
        """Return the stems of which these are the masks."""
        mixture, (encoded,) = heard.mixture, heard.inputs
        with torch.autocast(mixture.device.type, enabled=False):
            stems: Tensor = self.decoder(encoded, said[0].to(encoded.dtype))
        stems = F.pad(stems, (0, mixture.shape[-1] - stems.shape[-1]))
        if self.consistent:
            stems = stems + (mixture - stems.sum(dim=1))[:, None] / stems.shape[1]
        return stems

    def only(self, stems: Sequence[str]) -> SeparationNet:
        """As `SeparationNet.only`: the masks of the other stems are not computed."""
        if self.consistent or self.separator.mask == "softmax":  # which make them compete
            return super().only(stems)
        numbers = [self.traits.stems.index(stem) for stem in stems]
        separator = self.separator.only(numbers, of=len(self.traits.stems))
        chosen = ConvTasNet(self.traits.of(stems), self.encoder, separator, self.decoder)
        return chosen.train(self.training)

    def stream(self) -> ConvTasNetStream | None:
        """As `SeparationNet.stream`: a causal net hears no further than the window it is in."""
        causal = self.traits.lookahead == self.encoder.window - 1
        return ConvTasNetStream(self) if causal and not self.consistent else None


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
    mixture_consistency: bool = False,
    filterbank: str = "random",
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
        mixture_consistency: share out what the stems leave of the mixture, so that they sum to it
            (S. Wisdom et al., "Differentiable Consistency Constraints for Improved Deep Speech
            Enhancement", ICASSP 2019, eq. 6, with equal weights).
        filterbank: what encoder and decoder begin as, before training: ``"random"``, or
            ``"sinusoids"`` (`sinusoidal_filterbank`), for windows long enough to hold some.

    Raises:
        ValueError: for a size below 1, an odd `L`, an even `P`, a norm, mask or filterbank that
            does not exist, or a causal net with statistics of the whole.
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
    _check(sizes, causal, norm, mask, filterbank)

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
        Masks(network, mask),
        Decoder(channels, N=N, L=L),
        consistent=mixture_consistency,
    )
    _initialise(net)
    if filterbank == "sinusoids":
        _begin_with(net, sinusoidal_filterbank(N, channels, L, sample_rate))
    return net


def _check(sizes: Mapping[str, int], causal: bool, norm: str, mask: str, filterbank: str) -> None:
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
    if filterbank not in {"random", "sinusoids"}:
        raise ValueError(f"filterbank must be random or sinusoids, got {filterbank!r}")
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


def _begin_with(net: ConvTasNet, waveforms: Tensor) -> None:
    """Encode by waveforms ``[N, channels, L]``, decode by the same, at about the same level."""
    N, channels, L = waveforms.shape
    gain = channels * L / N  # 1 / (waveforms that are not rectified away, for each new number)
    with torch.no_grad():
        net.encoder.conv1d_U.weight.copy_(waveforms)
        net.decoder.basis_signals.weight.copy_(gain * waveforms.flatten(1).t())
