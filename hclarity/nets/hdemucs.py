"""Hybrid Demucs: a U-Net on the waveform and one on the spectrogram that share their core.

Source: A. Défossez, "Hybrid Spectrogram and Waveform Source Separation", ISMIR MDX workshop 2021;
the network is torchaudio's own class, so its published weights load strictly.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from hclarity.nets.torchaudio_models import HDemucs

__all__ = ["RatioMaskHDemucs", "hdemucs"]

# Of a spectrogram's magnitudes where the mixture's standard deviation is 1: -60 dB or so.
QUIETEST = 1e-3


class RatioMaskHDemucs(HDemucs):  # type: ignore[misc]  # torchaudio ships no types
    """Hybrid Demucs whose spectral half shares out the mixture instead of writing spectrograms.

    A small net trained for hours cannot learn to write spectrograms, phases and all. It can learn
    *how much* of every time-frequency bin belongs to which stem. So the spectral half hears
    magnitudes, on a logarithmic scale, of left, right, middle and side, and what it says becomes
    masks that sum to one over the stems (ratio masks: Narayanan and Wang 2013; a softmax makes
    them so). The waveform half adds what masks cannot express, and the stems sum to the mixture.

    Args:
        sources: names of the stems.
        arguments: of torchaudio's ``HDemucs``; two channels of audio.

    Shape:
        ``[batch, 2, frames] -> [batch, stems, 2, frames]``, at least 1281 frames when ``nfft`` is
        4096. One call at a time: the mixture's spectrogram is kept between two steps of it.
    """

    def forward(self, mixture: Tensor) -> Tensor:
        """Return the stems, of which the sum is the mixture."""
        stems: Tensor = super().forward(mixture)
        rest = mixture - stems.sum(dim=1)
        return stems + rest[:, None] / stems.shape[1]

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
        masks = torch.softmax(scores[:, :, :2].float() + scores[:, :, 2:].float(), dim=1)
        return masks * spectrogram


def hdemucs(stems: Sequence[str], *, ratio_mask: bool = False, **arguments: Any) -> HDemucs:
    """Build a Hybrid Demucs.

    Args:
        stems: their names, in the order of the output.
        ratio_mask: share out the mixture (`RatioMaskHDemucs`) instead of writing spectrograms.
        arguments: of torchaudio's ``HDemucs``; with none it is its ``hdemucs_high``, the 84 M
            parameter network of the published weights.
    """
    build = RatioMaskHDemucs if ratio_mask else HDemucs
    return build(list(stems), **arguments)
