"""A BandSplitRNN that shares out the mixture: ratio masks from magnitudes."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from hclarity.nets.bsrnn_blocks import JointNorm
from hclarity.nets.separation_net import Heard, SeparationNet
from hclarity.nets.spectrogram import long_enough, spectra, waveforms
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

    def encode(self, mixture: Tensor) -> Heard:
        """Return the levels of the spectra, ``[batch, steps, 4, bins]``."""
        heard = spectra(long_enough(mixture, self._n_fft), self._n_fft, self.traits.stride)
        left, right = heard.unbind(1)
        views = torch.stack([left, right, (left + right) / 2, (left - right) / 2], dim=2)
        return Heard(mixture, (torch.log10(views.abs() + QUIETEST),), (heard,))

    def core(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Return what speaks for each stem, ``[batch, steps, stems, 2, bins]``."""
        bands = zip(self.split, torch.split(inputs[0], self._widths, dim=3), strict=True)
        sound = torch.stack([band(level.flatten(2)) for band, level in bands], dim=2)
        sound = self.blocks(sound)
        shape = (len(self.traits.stems), 2, -1)
        scores = [
            band(sound[:, :, number]).unflatten(2, shape) for number, band in enumerate(self.scores)
        ]
        return (torch.cat(scores, dim=4),)

    def decode(self, said: Sequence[Tensor], heard: Heard) -> Tensor:
        """Return each stem's share of the mixture; the shares sum to 1."""
        (scores,), (mixed,) = said, heard.kept
        masked = mixed[:, None] * _shares(scores.to(mixed.real.dtype))
        return waveforms(masked, self._n_fft, self.traits.stride, heard.mixture.shape[-1])


def _shares(scores: Tensor) -> Tensor:
    """``[batch, steps, stems, 2, bins] -> [batch, stems, 2, steps, bins]``, summing to 1."""
    return torch.softmax(scores, dim=2).permute(0, 2, 3, 1, 4)
