"""BandSplitRNN: bands of a spectrogram, each with a net of its own, joined by recurrent ones.

Sources: Y. Luo and J. Yu, "Music Source Separation With Band-Split RNN", IEEE/ACM TASLP 31, 2023;
the mask's second hidden layer and the norms over a whole band are those of its authors' code. One
net for several stems, attention and joined channels: P. Magron et al., arXiv 2603.09187.
"""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hclarity.nets.bands import band_widths
from hclarity.nets.bsrnn_attention import Channels, FrameAttention
from hclarity.nets.bsrnn_blocks import (
    BandFeatures,
    Block,
    JointNorm,
    RecurrentPath,
    require_overlap,
    require_sizes,
)
from hclarity.nets.bsrnn_ratio import BandScores, RatioMaskBandSplitRNN
from hclarity.nets.separation_net import Heard, SeparationNet
from hclarity.nets.spectrogram import long_enough, spectra, waveforms
from hclarity.nets.traits import Traits

__all__ = ["BandSplitRNN", "bsrnn"]

_ACTIVATIONS = {"prelu": nn.PReLU, "tanh": nn.Tanh}


class _BandMask(nn.Module):
    """From features to a complex mask of a band, real parts before imaginary ones."""

    def __init__(self, width: int, features: int, hidden: int) -> None:
        super().__init__()
        self.norm = JointNorm(features)
        self.first = nn.Linear(features, hidden)
        self.second = nn.Linear(hidden, hidden)
        self.last = nn.Linear(hidden, 4 * width)

    def forward(self, features: Tensor) -> Tensor:
        """``[batch, steps, features] -> [batch, steps, 2, width]``."""
        hidden = torch.tanh(self.first(self.norm(features)))
        hidden = torch.tanh(self.second(hidden))
        mask = F.glu(self.last(hidden))
        return mask.view(*mask.shape[:2], 2, -1)


class _Mask(nn.ModuleList):
    """The masks of all bands for one stem."""

    def forward(self, sound: Tensor) -> Tensor:
        """``[batch, steps, bands, features] -> [batch, steps, 2, bins]``."""
        # A CPU is faster at this loop than at one product for all bands, or for those as wide
        # (0.25 against 0.30 s for 3 s of stereo at the paper's size).
        masks = [band(sound[:, :, number]) for number, band in enumerate(self)]
        return torch.cat(masks, dim=3)


class BandSplitRNN(SeparationNet):
    """A net of parts: bands to features, recurrent blocks, and a mask for each stem.

    Args:
        traits: of the whole.
        n_fft: frames in a window of the spectrogram.
        widths: bins of each band, from the lowest.
        split: one for each band.
        blocks: one after another.
        masks: one for each stem, or for all but the last.
        rest_stem: the last stem is what the others leave of the mixture.

    Shape:
        ``[batch, channels, frames] -> [batch, stems, channels, frames]``.
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
        rest_stem: bool,
    ) -> None:
        super().__init__()
        self.traits = traits
        self.split = split
        self.blocks = blocks
        self.masks = masks
        self._n_fft = n_fft
        self._rest_stem = rest_stem
        self._widths = list(widths)

    def encode(self, mixture: Tensor) -> Heard:
        """Return the parts of the spectra, ``[batch * channels, steps, 2, bins]``."""
        padded = long_enough(mixture, self._n_fft)
        heard = spectra(padded.flatten(0, 1), self._n_fft, self.traits.stride)
        return Heard(mixture, (torch.view_as_real(heard).transpose(2, 3),), (heard,))

    def core(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Return the masks, each ``[batch * channels, steps, 2, bins]``."""
        bands = zip(self.split, torch.split(inputs[0], self._widths, dim=3), strict=True)
        features = torch.stack([band(bins.flatten(2)) for band, bins in bands], dim=2)
        features = self.blocks(features)
        return tuple(mask(features) for mask in self.masks)

    def decode(self, said: Sequence[Tensor], heard: Heard) -> Tensor:
        """Return the stems of which these are the masks, and the rest."""
        mixture, frames = heard.mixture, heard.mixture.shape[-1]
        (mixed,) = heard.kept
        masked = torch.stack([_masked(mixed, mask) for mask in said], dim=1)
        sound = waveforms(masked, self._n_fft, self.traits.stride, frames)
        stems = sound.view(*mixture.shape[:2], -1, frames).transpose(1, 2)
        if not self._rest_stem:
            return stems
        return torch.cat([stems, mixture[:, None] - stems.sum(1, keepdim=True)], dim=1)

    def only(self, stems: Sequence[str]) -> SeparationNet:
        """Return a net without the masks that other stems take; a rest takes all of them."""
        numbers = [self.traits.stems.index(stem) for stem in stems]
        if max(numbers) >= len(self.masks):
            return super().only(stems)
        chosen = BandSplitRNN(
            self.traits.of(stems),
            self._n_fft,
            self._widths,
            split=self.split,
            blocks=self.blocks,
            masks=nn.ModuleList(self.masks[number] for number in numbers),
            rest_stem=False,
        )
        return chosen.train(self.training)


def _masked(heard: Tensor, mask: Tensor) -> Tensor:
    """Complex ``[batch, steps, bins]`` times real ``[batch, steps, 2, bins]``."""
    real, imaginary = mask.to(heard.real.dtype).unbind(2)
    return heard * torch.complex(real, imaginary)


def bsrnn(
    stems: Sequence[str],
    *,
    sample_rate: int,
    channels: int,
    bands: str = "joint",
    n_fft: int = 2048,
    hop: int = 512,
    features: int = 128,
    blocks: int = 12,
    mask_factor: int = 4,
    rest_stem: bool = False,
    attention_heads: int = 0,
    attention_features: int = 16,
    tac: bool = False,
    tac_factor: int = 3,
    tac_activation: str = "prelu",
    ratio_mask: bool = False,
) -> BandSplitRNN | RatioMaskBandSplitRNN:
    """Build a BandSplitRNN.

    Args:
        stems: their names, in the order of the output; one or several.
        sample_rate: in Hz; the published ones hear 44100.
        channels: of the mixture. Each is heard alone, with the same weights, unless ``tac``.
        bands: one of `hclarity.nets.bands.SCHEMES`.
        n_fft: frames in a window of the spectrogram.
        hop: frames between windows.
        features: of each band at each step.
        blocks: how many recurrent blocks.
        mask_factor: hidden features of the masks' layers for each of ``features``.
        rest_stem: the last stem is the mixture minus all others.
        attention_heads: of an attention over time in each block; 0 for none.
        attention_features: of the queries and keys of each head and band.
        tac: channels hear each other in each block (transform, average, concatenate).
        tac_factor: hidden features of that for each of ``features``.
        tac_activation: of that; ``prelu`` or ``tanh``.
        ratio_mask: share out the mixture (`RatioMaskBandSplitRNN`) instead of a complex mask for
            each stem. Two channels, heard together: there is no ``tac`` then, and no rest.

    Raises:
        ValueError: for arguments that no net can have.
    """
    widths = band_widths(bands, sample_rate=sample_rate, n_fft=n_fft)
    require_sizes(
        channels=channels,
        features=features,
        blocks=blocks,
        mask_factor=mask_factor,
        attention_features=attention_features,
        tac_factor=tac_factor,
    )
    require_overlap(n_fft, hop)
    if len(stems) < 1 + rest_stem:
        raise ValueError(f"{list(stems)} are too few stems{' with a rest' if rest_stem else ''}")
    if attention_heads < 0 or (attention_heads and features % attention_heads):
        raise ValueError(f"{features} features cannot be shared by {attention_heads} heads")
    if ratio_mask and (channels != 2 or tac or rest_stem):
        raise ValueError("ratio_mask needs 2 channels, and neither tac nor rest_stem")
    if tac_activation not in _ACTIVATIONS:
        raise ValueError(f"tac_activation must be prelu or tanh, got {tac_activation!r}")

    def path() -> RecurrentPath:
        return RecurrentPath(JointNorm(features), features, 2 * features)

    def joining() -> Iterator[tuple[str, nn.Module]]:
        if tac:
            activation = _ACTIVATIONS[tac_activation]()
            yield "channels", Channels(channels, features, tac_factor, activation)
        if attention_heads:
            heads = (attention_heads, attention_features)
            yield "attention", FrameAttention(features, len(widths), *heads)

    hidden = mask_factor * features
    traits = Traits(tuple(stems), sample_rate, channels, hop, lookback=None, lookahead=None)
    between = nn.Sequential(
        *(Block(time=path(), bands=path(), **dict(joining())) for _ in range(blocks))
    )
    if ratio_mask:
        return RatioMaskBandSplitRNN(
            traits,
            n_fft,
            widths,
            split=nn.ModuleList(BandFeatures(4 * width, features) for width in widths),
            blocks=between,
            scores=nn.ModuleList(
                BandScores(2 * width * len(stems), features, hidden) for width in widths
            ),
        )
    return BandSplitRNN(
        traits,
        n_fft,
        widths,
        split=nn.ModuleList(BandFeatures(2 * width, features) for width in widths),
        blocks=between,
        masks=nn.ModuleList(
            _Mask(_BandMask(width, features, hidden) for width in widths)
            for _ in range(len(stems) - rest_stem)
        ),
        rest_stem=rest_stem,
    )
