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

from hclarity.nets.separation_net import Heard, SeparationNet
from hclarity.nets.spectrogram import overlapped
from hclarity.nets.torchaudio_models import HDemucs
from hclarity.nets.traits import Traits

__all__ = ["HybridDemucs"]

_QUIETEST_DEVIATION = 1e-5  # added to those that are divided by
_WINDOWS_SQUARED = 1.5  # the sum of four Hann windows squared, each a quarter after the other


class HybridDemucs(SeparationNet, HDemucs):  # type: ignore[misc]  # torchaudio ships no types
    """Hybrid Demucs: what it says is what the ``demucs`` package says, within rounding.

    The layers are torchaudio's; the walk through them is written here, for it to be in three steps
    (`SeparationNet`), and the way back from spectrograms, for it to be quick.

    Attributes:
        arguments: those of torchaudio's ``HDemucs`` that it was built with, beyond the stems, the
            channels and the width.
    """

    # What torchaudio made:
    channels: int  # its word for the width
    stride: int
    depth: int
    nfft: int
    hop_length: int
    freq_encoder: Any
    freq_decoder: Any
    time_encoder: Any
    time_decoder: Any
    freq_emb: Any
    _spec: Any

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

    def encode(self, mixture: Tensor) -> Heard:
        """Return the spectrogram, ``[batch, parts, bins, steps]``, and the waveform."""
        padded = functional.pad(mixture, (0, max(0, self._fewest - mixture.shape[-1])))
        spectra = self._spec(padded)
        return Heard(mixture, (self._seen(spectra), padded), (spectra,))

    def core(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Return what either half says: ``[batch, stems, parts, bins, steps]``, and waveforms."""
        (spectra, mean, deviation), (waves, mean_t, deviation_t) = map(_normal, inputs)
        skips, skips_t, sizes, sizes_t = [], [], [], []
        for number, encode in enumerate(self.freq_encoder):
            sizes.append(spectra.shape[-1])
            joining = None
            if number < len(self.time_encoder):
                sizes_t.append(waves.shape[-1])
                encode_t = self.time_encoder[number]
                waves = encode_t(waves)
                if encode_t.empty:
                    joining = waves
                else:
                    skips_t.append(waves)
            spectra = encode(spectra, joining)
            if number == 0 and self.freq_emb is not None:
                of_bins = self.freq_emb(torch.arange(spectra.shape[-2], device=spectra.device))
                spectra = spectra + self.freq_emb_scale * of_bins.t()[None, :, :, None]
            skips.append(spectra)
        spectra = torch.zeros_like(spectra)
        for number, decode in enumerate(self.freq_decoder):
            spectra, before = decode(spectra, skips.pop(), sizes.pop())
            of_time = number - (self.depth - len(self.time_decoder))
            if of_time >= 0:
                decode_t = self.time_decoder[of_time]
                parted = (before[:, :, 0], None) if decode_t.empty else (waves, skips_t.pop())
                waves, _ = decode_t(*parted, sizes_t.pop())
        return (
            self._by_stem(spectra * deviation + mean),
            self._by_stem(waves * deviation_t + mean_t),
        )

    def decode(self, said: Sequence[Tensor], heard: Heard) -> Tensor:
        """Return the sum of what both halves say."""
        spectra, waves = said
        length, frames = waves.shape[-1], heard.mixture.shape[-1]
        # One stem after the other: that takes a quarter of the memory, and stays in the cache.
        sounds = [self._sound(stem, length) for stem in self._masked(spectra, heard).unbind(1)]
        return (torch.stack(sounds, 1) + waves)[..., :frames]

    def _by_stem(self, said: Tensor) -> Tensor:
        """``[batch, stems * others, ...] -> [batch, stems, others, ...]``."""
        return said.view(said.shape[0], len(self.traits.stems), -1, *said.shape[2:])

    def _seen(self, spectra: Tensor) -> Tensor:
        """What the spectral half hears: real parts of ``[batch, channels, bins, steps]``."""
        return torch.view_as_real(spectra).permute(0, 1, 4, 2, 3).flatten(1, 2)

    def _masked(self, said: Tensor, heard: Heard) -> Tensor:
        """What it says as spectra, ``[batch, stems, channels, steps, bins]``."""
        batch, stems, _, bins, steps = said.shape
        parts = said.view(batch, stems, -1, 2, bins, steps).permute(0, 1, 2, 5, 4, 3)
        return torch.view_as_complex(parts.contiguous())

    def _sound(self, spectra: Tensor, frames: int) -> Tensor:
        """``[..., steps, bins] -> [..., frames]``, the way back from `_spec`."""
        hop = self.hop_length
        edge = hop // 2 * 3  # what `_spec` mirrors; so all four windows over a frame are there
        sound = overlapped(spectra, self.nfft, hop)[..., edge : edge + frames]
        return sound * (math.sqrt(self.nfft) / _WINDOWS_SQUARED)

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


def _normal(numbers: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Each item of a batch with mean 0 and deviation 1; its mean; its deviation."""
    dims = tuple(range(1, numbers.ndim))
    mean = numbers.mean(dim=dims, keepdim=True)
    deviation = numbers.std(dim=dims, keepdim=True)
    return (numbers - mean) / (_QUIETEST_DEVIATION + deviation), mean, deviation
