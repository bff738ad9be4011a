"""BandSplitRNN that hears all channels of a band at once, for chunks of one length.

A variant that is used for its published weights, and described by them: real and imaginary parts
of every channel make up one vector for each band, gains belong to positions in time, and the
spectrogram is brought to mean 0 and standard deviation 1 as a whole. After Y. Luo and J. Yu,
"Music Source Separation With Band-Split RNN", IEEE/ACM TASLP 31, 2023.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hclarity.nets.bands import band_widths_by_edges
from hclarity.nets.bsrnn_blocks import (
    Block,
    RecurrentPath,
    SequenceNorm,
    require_overlap,
    require_sizes,
)
from hclarity.nets.separation_net import Heard, SeparationNet
from hclarity.nets.spectrogram import spectra, waveforms
from hclarity.nets.traits import Traits

__all__ = ["StereoBandSplitRNN", "bsrnn_stereo"]

_QUIETEST = 1e-5  # added to the standard deviation that the spectrogram is divided by


class _Band(nn.Module):
    """From the bins of a band, those of all channels, to features."""

    def __init__(self, parts: int, features: int, time_steps: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm((time_steps, parts))
        self.linear = nn.Linear(parts, features)

    def forward(self, bins: Tensor) -> Tensor:
        """``[batch, steps, parts] -> [batch, steps, features]``."""
        features: Tensor = self.linear(self.norm(bins))
        return features


class _BandMask(nn.Module):
    """From features to a complex mask of a band, for all channels."""

    def __init__(self, parts: int, features: int, hidden: int, time_steps: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm((time_steps, features))
        self.first = nn.Linear(features, hidden)
        self.second = nn.Linear(hidden, parts)
        self.gated = nn.Linear(parts, 2 * parts)

    def forward(self, features: Tensor) -> Tensor:
        """``[batch, steps, features] -> [batch, steps, parts]``."""
        hidden = torch.tanh(self.first(self.norm(features)))
        return F.glu(self.gated(self.second(hidden)))


class StereoBandSplitRNN(SeparationNet):
    """A net of parts: bands to features, recurrent blocks, and a mask.

    Args:
        traits: of the whole; `Traits.longest` is the length that all it is given is filled up to.
        n_fft: frames in a window of the spectrogram.
        widths: bins of each band, from the lowest.
        split: one for each band.
        blocks: one after another.
        masks: one for each band.

    Shape:
        ``[batch, channels, frames] -> [batch, 1, channels, frames]``, of at most
        `Traits.longest` frames.
    """

    def __init__(
        self,
        traits: Traits,
        n_fft: int,
        widths: Sequence[int],
        *,
        split: nn.ModuleList,
        blocks: nn.Sequential,
        masks: nn.ModuleList,
    ) -> None:
        super().__init__()
        self.traits = traits
        self.split = split
        self.blocks = blocks
        self.masks = masks
        self._n_fft = n_fft
        self._widths = list(widths)

    def encode(self, mixture: Tensor) -> Heard:
        """Return the parts of the normalised spectra, ``[batch, steps, channels, 2, bins]``.

        Raises:
            ValueError: for more frames than `Traits.longest`.
        """
        frames, longest = mixture.shape[-1], self.traits.longest
        if longest is None or frames > longest:
            raise ValueError(f"this net takes at most {longest} frames at once, got {frames}")
        heard = spectra(F.pad(mixture, (0, longest - frames)), self._n_fft, self.traits.stride)
        mean = heard.mean((1, 2, 3), keepdim=True)
        deviation = heard.std((1, 2, 3), keepdim=True)
        normal = (heard - mean) / (deviation + _QUIETEST)
        parts = torch.view_as_real(normal).permute(0, 2, 1, 4, 3)
        return Heard(mixture, (parts,), (normal, mean, deviation))

    def core(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Return the mask, ``[batch, steps, channels, 2, bins]``."""
        (parts,) = inputs
        bands = zip(self.split, torch.split(parts, self._widths, dim=4), strict=True)
        sound = torch.stack([band(bins.flatten(2)) for band, bins in bands], dim=2)
        sound = self.blocks(sound)
        masks = [
            mask(sound[:, :, number]).unflatten(2, (parts.shape[2], 2, -1))
            for number, mask in enumerate(self.masks)
        ]
        return (torch.cat(masks, dim=4),)

    def decode(self, said: Sequence[Tensor], heard: Heard) -> Tensor:
        """Return the stem of which this is the mask."""
        normal, mean, deviation = heard.kept
        real, imaginary = said[0].to(normal.real.dtype).unbind(3)
        masked = normal * torch.complex(real, imaginary).transpose(1, 2) * deviation + mean
        frames = heard.mixture.shape[-1]
        return waveforms(masked, self._n_fft, self.traits.stride, frames)[:, None]


def bsrnn_stereo(
    stems: Sequence[str],
    *,
    sample_rate: int,
    channels: int,
    bands: str = "v7",
    n_fft: int = 2048,
    hop: int = 512,
    features: int = 128,
    rnn_features: int = 256,
    blocks: int = 12,
    mask_features: int = 512,
    time_steps: int = 263,
) -> StereoBandSplitRNN:
    """Build a BandSplitRNN for one stem that hears all channels at once.

    Args:
        stems: the name of the stem.
        sample_rate: in Hz; the published one hears 44100.
        channels: of the mixture.
        bands: one of `hclarity.nets.bands.SCHEMES`.
        n_fft: frames in a window of the spectrogram.
        hop: frames between windows.
        features: of each band at each step.
        rnn_features: hidden ones of each direction of the LSTMs.
        blocks: how many recurrent blocks.
        mask_features: hidden ones of the masks.
        time_steps: of the spectrograms that it hears, always as many.

    Raises:
        ValueError: for arguments that no net can have.
    """
    widths = band_widths_by_edges(bands, sample_rate=sample_rate, n_fft=n_fft)
    require_sizes(
        channels=channels,
        features=features,
        rnn_features=rnn_features,
        blocks=blocks,
        mask_features=mask_features,
    )
    require_overlap(n_fft, hop)
    longest = (time_steps - 1) * hop
    if longest <= n_fft // 2:
        raise ValueError(f"{time_steps} time_steps are fewer than one window of {n_fft} frames")
    if len(stems) != 1:
        raise ValueError(f"this net has one stem, got {list(stems)}")

    def path() -> RecurrentPath:
        return RecurrentPath(SequenceNorm(features), features, rnn_features)

    parts = [2 * channels * width for width in widths]
    return StereoBandSplitRNN(
        Traits(tuple(stems), sample_rate, channels, hop, None, None, longest),
        n_fft,
        widths,
        split=nn.ModuleList(_Band(size, features, time_steps) for size in parts),
        blocks=nn.Sequential(*(Block(time=path(), bands=path()) for _ in range(blocks))),
        masks=nn.ModuleList(_BandMask(size, features, mask_features, time_steps) for size in parts),
    )
