"""Hybrid Demucs: a U-Net on the waveform and one on the spectrogram that share their core.

Source: A. Défossez, "Hybrid Spectrogram and Waveform Source Separation", ISMIR MDX workshop 2021;
the network is torchaudio's own class, so its published weights load strictly.
"""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from hclarity.nets.separation_net import SeparationNet
from hclarity.nets.torchaudio_models import HDemucs
from hclarity.nets.traits import Traits

__all__ = ["HybridDemucs", "RatioMaskHDemucs", "hdemucs"]

# Of a spectrogram's magnitudes where the mixture's standard deviation is 1: -60 dB or so.
QUIETEST = 1e-3


class HybridDemucs(HDemucs, SeparationNet):  # type: ignore[misc]  # torchaudio ships no types
    """Hybrid Demucs: what it says equals what the ``demucs`` package says, to the bit.

    Attributes:
        arguments: those of torchaudio's ``HDemucs`` that it was built with, beyond the stems, the
            channels and the width.
    """

    channels: int  # torchaudio's word for the width
    stride: int
    depth: int
    hop_length: int
    time_encoder: Any

    def __init__(
        self, stems: Sequence[str], *, sample_rate: int, channels: int, width: int, **arguments: Any
    ) -> None:
        super().__init__(list(stems), audio_channels=channels, channels=width, **arguments)
        self.arguments = arguments
        self.traits = Traits(
            stems=tuple(stems),
            sample_rate=sample_rate,
            channels=channels,
            stride=self._stride(arguments.get("time_stride", 2)),
            lookback=None,
            lookahead=None,
        )
        self._fewest = self._fewest_frames(arguments.get("dconv_comp", 4))

    def forward(self, mixture: Tensor) -> Tensor:
        """``[batch, channels, frames] -> [batch, stems, channels, frames]``."""
        frames = mixture.shape[-1]
        padded = functional.pad(mixture, (0, max(0, self._fewest - frames)))
        stems: Tensor = super().forward(padded)
        return stems[..., :frames]

    def only(self, stems: Sequence[str]) -> SeparationNet:
        """Return a net that says the same of these stems: only the last convolutions know them."""
        with torch.device("meta"):
            fewer = self._alike(stems)
        state = self.state_dict()
        numbers = [self.traits.stems.index(stem) for stem in stems]
        for decoder in ("freq_decoder", "time_decoder"):
            last = f"{decoder}.{len(getattr(self, decoder)) - 1}.conv_tr"
            for name, of_outputs in ((f"{last}.weight", 1), (f"{last}.bias", 0)):
                by_stem = state[name].unflatten(of_outputs, (len(self.traits.stems), -1))
                chosen = by_stem.index_select(of_outputs, torch.tensor(numbers).to(by_stem.device))
                state[name] = chosen.flatten(of_outputs, of_outputs + 1)
        fewer.load_state_dict(state, assign=True)
        return fewer.requires_grad_(False).train(self.training)

    def _alike(self, stems: Sequence[str]) -> "HybridDemucs":
        """Return a net of the same making for other stems, with random weights."""
        return HybridDemucs(
            stems,
            sample_rate=self.traits.sample_rate,
            channels=self.traits.channels,
            width=self.channels,
            **self.arguments,
        )

    def _stride(self, time_stride: int) -> int:
        """Return the frames of a step in the core, or refuse two halves that do not meet there."""
        halves = self.time_encoder
        steps = math.prod(layer.conv.stride[0] for layer in halves)
        if not halves[-1].empty or steps != self.hop_length:
            raise ValueError(
                f"nfft {self.nfft} and depth {self.depth} do not lead the spectrum to one bin and"
                " the waveform to its steps; nfft 4096 with depth 5 or 6 does, and 1024 with 4 or 5"
            )
        return int(self.hop_length * time_stride ** (self.depth - len(halves)))

    def _fewest_frames(self, compression: float) -> int:
        """Return how many frames it takes that no mean and deviation is of a single number."""
        if int(self.channels / compression) == 1:
            return int(self.stride) + 1
        return 2 if self.audio_channels == 1 else 1

    def _pad1d(
        self, x: Tensor, left: int, right: int, mode: str = "zero", value: float = 0.0
    ) -> Tensor:
        """Pad by reflection; zeros at the end of what is too short for it take their part of it.

        torchaudio pads with those zeros and then as much as if they were not there, and so refuses
        what is shorter than about 1300 frames; the ``demucs`` package does as is done here.
        """
        zeros = max(0, max(left, right) - x.shape[-1] + 1)
        at_right = min(right, zeros)
        at_left = zeros - at_right
        x = functional.pad(x, (at_left, at_right))
        return functional.pad(x, (left - at_left, right - at_right), mode, value)


class RatioMaskHDemucs(HybridDemucs):
    """Hybrid Demucs whose spectral half shares out the mixture instead of writing spectrograms.

    A small net trained for hours cannot learn to write spectrograms, phases and all. It can learn
    *how much* of every time-frequency bin belongs to which stem. So the spectral half hears
    magnitudes, on a logarithmic scale, of left, right, middle and side, and what it says becomes
    masks that sum to one over the stems (ratio masks: Narayanan and Wang 2013; a softmax makes
    them so). The waveform half adds what masks cannot express, and the stems sum to the mixture.

    Two channels only. One call at a time: the mixture's spectrogram is kept between two steps of
    it.
    """

    def __init__(
        self, stems: Sequence[str], *, sample_rate: int, channels: int, width: int, **arguments: Any
    ) -> None:
        if channels != 2:
            raise ValueError(f"ratio_mask needs 2 channels, got {channels}")
        super().__init__(
            stems, sample_rate=sample_rate, channels=channels, width=width, **arguments
        )

    def forward(self, mixture: Tensor) -> Tensor:
        """Return the stems, of which the sum is the mixture."""
        stems = super().forward(mixture)
        rest = mixture - stems.sum(dim=1)
        return stems + rest[:, None] / stems.shape[1]

    def only(self, stems: Sequence[str]) -> SeparationNet:
        """Return a net that says the same of these stems; the masks take all of them."""
        return SeparationNet.only(self, stems)

    def _magnitude(self, spectrogram: Tensor) -> Tensor:
        """What the spectral half hears: ``[batch, 2, bins, steps] -> [batch, 4, bins, steps]``."""
        self._spectrogram = spectrogram
        left, right = spectrogram[:, 0], spectrogram[:, 1]
        views = torch.stack([left, right, (left + right) / 2, (left - right) / 2], dim=1)
        return torch.log10(views.abs() + QUIETEST)

    def _mask(self, scores: Tensor) -> Tensor:
        """Turn what it says, ``[batch, stems, 4, bins, steps]``, into masked spectrograms."""
        spectrogram = self._spectrogram[:, None]
        del self._spectrogram
        precise = scores.to(spectrogram.real.dtype)
        return torch.softmax(precise[:, :, :2] + precise[:, :, 2:], dim=1) * spectrogram


def hdemucs(
    stems: Sequence[str],
    *,
    sample_rate: int,
    channels: int,
    width: int = 48,
    ratio_mask: bool = False,
    **arguments: Any,
) -> HybridDemucs:
    """Build a Hybrid Demucs.

    Args:
        stems: their names, in the order of the output.
        sample_rate: in Hz; 44100 for the published weights.
        channels: of the mixture and of each stem.
        width: channels of the outermost layer, torchaudio's ``channels``.
        ratio_mask: share out the mixture (`RatioMaskHDemucs`) instead of writing spectrograms.
        arguments: further ones of torchaudio's ``HDemucs``; with none it is its ``hdemucs_high``,
            the 84 M parameter network of the published weights.

    Raises:
        TypeError: for an argument that torchaudio does not know.
        ValueError: for arguments that do not go together.
    """
    build = RatioMaskHDemucs if ratio_mask else HybridDemucs
    return build(stems, sample_rate=sample_rate, channels=channels, width=width, **arguments)
