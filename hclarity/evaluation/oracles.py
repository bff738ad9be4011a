"""The rows that frame every table: the least that a separator should reach, and the most it might.

The ideal ratio mask shares out the mixture's spectrogram by the magnitudes of the true stems. It
knows the answer but for the phase: a bound for separators that mask, which others may exceed.
Source: F.-R. Stöter, A. Liutkus and N. Ito, "The 2018 Signal Separation Evaluation Campaign",
LVA/ICA 2018, whose oracle IRM1 it is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from hclarity.audio.values import Samples
from hclarity.evaluation.digests import digest_of_values
from hclarity.evaluation.rows import Kind
from hclarity.evaluation.songs import Song
from hclarity.evaluation.truths import summed, truth_sources

__all__ = ["IdealMaskRow", "MixtureRow", "ideal_ratio_mask"]

WINDOW, HOP = 4096, 1024  # frames, of a Hann window
BLOCK = 256 * HOP  # how much is masked at once, so that no song's spectrogram need fit into memory
_HANN = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
TINY = 1e-9  # linear full scale: where all stems are silent, so are the estimates


@dataclass(frozen=True)
class _Oracle:
    """A row that is made of the truth.

    Args:
        sums: what several stems sound like together, such as an accompaniment, to be answered for
            beside the stems of the song, because another row has it.
    """

    sums: tuple[str, ...] = ()
    seen: bool = field(default=False, init=False)
    enhanced: Path | None = field(default=None, init=False)

    def _sources(self, song: Song) -> dict[str, tuple[str, ...]]:
        """What to answer for, and the song's stems in it."""
        names = song.track.names
        sources = truth_sources(names, (*names, *self.sums))
        return {stem: of for stem, of in sources.items() if of}

    def digest_of(self, song: Song) -> str:
        return self.digest

    def files_of(self, song: Song) -> Mapping[Path, str]:
        return {}

    @property
    def digest(self) -> str:
        return digest_of_values(type(self).__name__, self.sums, WINDOW, HOP)


@dataclass(frozen=True)
class MixtureRow(_Oracle):
    """The mixture in the place of every stem: nothing was separated."""

    name: str = field(default="mixture", init=False)
    kind: Kind = field(default="floor", init=False)

    def estimate(self, song: Song) -> Mapping[str, Samples]:
        """Return the mixture for each stem."""
        return dict.fromkeys(self._sources(song), song.mixture)


@dataclass(frozen=True)
class IdealMaskRow(_Oracle):
    """The mixture shared out by the true stems' magnitudes."""

    name: str = field(default="ideal ratio mask", init=False)
    kind: Kind = field(default="ceiling", init=False)

    def estimate(self, song: Song) -> Mapping[str, Samples]:
        """Return the mixture's share for each stem; that of a sum is the sum of its stems'."""
        shares = ideal_ratio_mask(song.stems, song.mixture)
        return {stem: summed(shares, of) for stem, of in self._sources(song).items()}


def ideal_ratio_mask(truth: Mapping[str, Samples], mixture: Samples) -> dict[str, Samples]:
    """Share out a mixture by the true stems' magnitudes, ``|S| / sum |S|`` at each time and Hz.

    Blocks overlap by more than a window on the windows' own grid, so the song comes out as if it
    had been masked whole.

    Args:
        truth: the stems, ``[channels, frames]`` each.
        mixture: of the same shape.

    Returns:
        Estimates, as long as the mixture.
    """
    frames = mixture.shape[1]
    estimates = {stem: np.empty_like(mixture) for stem in truth}
    for begin in range(0, frames, BLOCK):
        end = min(begin + BLOCK, frames)
        first, last = max(0, begin - 2 * WINDOW), min(frames, end + 2 * WINDOW)
        heard = {stem: samples[:, first:last] for stem, samples in truth.items()}
        for stem, sound in _masked(heard, mixture[:, first:last]):
            estimates[stem][:, begin:end] = sound[:, begin - first : end - first]
    return estimates


def _masked(truth: Mapping[str, Samples], mixture: Samples) -> Iterator[tuple[str, Samples]]:
    magnitudes = {stem: np.abs(_spectra(samples)) for stem, samples in truth.items()}
    total = sum(magnitudes.values()) + np.float32(TINY)
    share = _spectra(mixture) / total
    for stem, magnitude in magnitudes.items():
        yield stem, _sound(share * magnitude, mixture.shape[1])


def _spectra(samples: Samples) -> NDArray[np.complex64]:
    """``[channels, frames] -> [channels, steps, bins]``, half a window of silence at either end.

    `scipy.signal` has the same with the steps last, which takes twice as long to compute there and
    back.
    """
    from scipy.fft import rfft

    steps = -(-samples.shape[1] // HOP) + 1
    after = (steps - 1) * HOP + WINDOW - WINDOW // 2 - samples.shape[1]
    padded = np.pad(samples, ((0, 0), (WINDOW // 2, after)))
    windows = sliding_window_view(padded, WINDOW, axis=1)[:, ::HOP]
    return np.asarray(rfft(windows * _HANN), np.complex64)


def _sound(spectra: NDArray[np.complex64], frames: int) -> Samples:
    """The way back, for spectra that may have been changed: the windows' least-squares sum."""
    from scipy.fft import irfft

    sound = _added(irfft(spectra, WINDOW) * _HANN)
    weight = _added(np.broadcast_to(np.square(_HANN), (1, spectra.shape[1], WINDOW)))
    within = slice(WINDOW // 2, WINDOW // 2 + frames)
    return np.asarray(sound[:, within] / weight[:, within], np.float32)


def _added(steps: NDArray[np.float32]) -> NDArray[np.float32]:
    """``[channels, steps, WINDOW]``, one every `HOP`, to their sum."""
    channels, number, _ = steps.shape
    parts = WINDOW // HOP
    cut = steps.reshape(channels, number, parts, HOP)
    total = np.zeros((channels, number + parts - 1, HOP), np.float32)
    for part in range(parts):
        total[:, part : part + number] += cut[:, :, part]
    return total.reshape(channels, -1)
