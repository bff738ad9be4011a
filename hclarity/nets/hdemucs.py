"""Building a Hybrid Demucs, and the kind of it that shares out the mixture."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from hclarity.nets.hybrid_demucs import HybridDemucs
from hclarity.nets.separation_net import Heard, SeparationNet

__all__ = ["RatioMaskHDemucs", "hdemucs"]

# Of a spectrogram's magnitudes where the mixture's standard deviation is 1: -60 dB or so.
QUIETEST = 1e-3


class RatioMaskHDemucs(HybridDemucs):
    """Hybrid Demucs whose spectral half shares out the mixture instead of writing spectrograms.

    A small net trained for hours cannot learn to write spectrograms, phases and all. It can learn
    *how much* of every time-frequency bin belongs to which stem. So the spectral half hears
    magnitudes, on a logarithmic scale, of left, right, middle and side, and what it says becomes
    masks that sum to one over the stems (ratio masks: Narayanan and Wang 2013; a softmax makes
    them so). The waveform half adds what masks cannot express, and the stems sum to the mixture.

    Two channels only.
    """

    def __init__(
        self, stems: Sequence[str], *, sample_rate: int, channels: int, width: int, **arguments: Any
    ) -> None:
        if channels != 2:
            raise ValueError(f"ratio_mask needs 2 channels, got {channels}")
        super().__init__(
            stems, sample_rate=sample_rate, channels=channels, width=width, **arguments
        )

    def decode(self, said: Sequence[Tensor], heard: Heard) -> Tensor:
        """Return the stems, of which the sum is the mixture."""
        stems = super().decode(said, heard)
        rest = heard.mixture - stems.sum(dim=1)
        return stems + rest[:, None] / stems.shape[1]

    def only(self, stems: Sequence[str]) -> SeparationNet:
        """Return a net that says the same of these stems; the masks take all of them."""
        return SeparationNet.only(self, stems)

    def _seen(self, spectra: Tensor) -> Tensor:
        """What the spectral half hears: ``[batch, 2, bins, steps] -> [batch, 4, bins, steps]``."""
        left, right = spectra[:, 0], spectra[:, 1]
        views = torch.stack([left, right, (left + right) / 2, (left - right) / 2], dim=1)
        return torch.log10(views.abs() + QUIETEST)

    def _masked(self, said: Tensor, heard: Heard) -> Tensor:
        """Turn what it says, ``[batch, stems, 4, bins, steps]``, into masked spectra."""
        (spectra,) = heard.kept
        precise = said.to(spectra.real.dtype)
        masks = torch.softmax(precise[:, :, :2] + precise[:, :, 2:], dim=1)
        return (masks * spectra[:, None]).mT


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
