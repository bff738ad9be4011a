"""A BandSplitRNN that shares out the mixture: ratio masks from magnitudes."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from hclarity.nets.bsrnn_blocks import JointNorm, long_enough, spectra, waveforms
from hclarity.nets.separation_net import SeparationNet
from hclarity.nets.traits import Traits

__all__ = ["BandScores", "RatioMaskBandSplitRNN"]

# Of a spectrogram's magnitudes where the mixture's standard deviation is 1: -90 dB or so.
QUIETEST = 1e-3


class BandScores(nn.Module):
    """From features to what speaks for each stem in each bin of a band."""

    def __init__(self, outputs: int, features: int, hidden: int) -> None:
        super().__init__()
        self.norm = JointNorm(features)
        self.first = nn.Linear(features, hidden)
        self.last = nn.Linear(hidden, outputs)

    def forward(self, features: Tensor) -> Tensor:
        """``[batch, steps, features] -> [batch, steps, outputs]``."""
        scores: Tensor = self.last(torch.tanh(self.first(self.norm(features))))
        return scores


class RatioMaskBandSplitRNN(SeparationNet):
    """Bands of magnitudes to features, recurrent blocks, and masks that sum to one over the stems.

    A small net trained for hours learns how much of every time-frequency bin belongs to which stem
    long before it learns phases (ratio masks: Narayanan and Wang 2013; a softmax makes them so).
    It hears magnitudes on a logarithmic scale, of left, right, middle and side. The stems sum to
    the mixture.

    Args:
        traits: of the whole; two channels.
        n_fft: frames in a window of the spectrogram.
        widths: bins of each band, from the lowest.
        split: one for each band, of four numbers a bin.
        blocks: one after another.
        scores: one for each band, of two numbers a bin for each stem.

    Shape:
        ``[batch, 2, frames] -> [batch, stems, 2, frames]``.
    """

    def __init__(
        self,
        traits: Traits,
        n_fft: int,
        widths: Sequence[int],
        *,
        split: nn.ModuleList,
        blocks: nn.Sequential,
        scores: nn.ModuleList,
    ) -> None:
        super().__init__()
        self.traits = traits
        self.split = split
        self.blocks = blocks
        self.scores = scores
        self._n_fft = n_fft
        self._widths = list(widths)

    def forward(self, mixture: Tensor) -> Tensor:
        """Return the stems of a mixture."""
        n_fft, hop, frames = self._n_fft, self.traits.stride, mixture.shape[-1]
        padded = long_enough(mixture, n_fft)
        heard = spectra(padded, n_fft, hop)
        masked = heard[:, None] * self._masks(self.blocks(self._features(heard)), heard.real.dtype)
        return waveforms(masked, n_fft, hop, padded.shape[-1])[..., :frames]

    def _features(self, heard: Tensor) -> Tensor:
        """``[batch, 2, steps, bins] -> [batch, steps, bands, features]``."""
        left, right = heard.unbind(1)
        views = torch.stack([left, right, (left + right) / 2, (left - right) / 2], dim=2)
        levels = torch.log10(views.abs() + QUIETEST)
        bands = zip(self.split, torch.split(levels, self._widths, dim=3), strict=True)
        return torch.stack([band(level.flatten(2)) for band, level in bands], dim=2)

    def _masks(self, sound: Tensor, precision: torch.dtype) -> Tensor:
        """``[batch, steps, bands, features] -> [batch, stems, 2, steps, bins]``, summing to 1."""
        stems = len(self.traits.stems)
        scores = [
            band(sound[:, :, number]).unflatten(2, (stems, 2, -1))
            for number, band in enumerate(self.scores)
        ]
        shares = torch.softmax(torch.cat(scores, dim=4).to(precision), dim=2)
        return shares.permute(0, 2, 3, 1, 4)
