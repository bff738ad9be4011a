"""Make many mixtures of few songs: crops, random pairing, gains, equalisers, mono, silence.

Everything is drawn from one generator per item, so item number ``i`` of a training is the same
whenever and wherever it is made, and a resumed run needs no more than a count.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hclarity.audio.values import Samples

__all__ = ["Songs", "training_item"]

Songs = Sequence[NDArray[np.int16]]
"""Songs held as 16-bit samples ``[stems, channels, frames]``: an hour of four stems is 2.5 GB."""

COHERENT = 0.5  # share of items whose stems belong to one song
MONO = 0.3  # share of stems folded to the middle
SILENT = 0.08  # share of stems left out
GAIN_DB = (0.0, 4.0)  # mean and standard deviation of a stem's gain
# What real stems have and generated ones lack, by the stem's number in the order of the field.
# Accompaniment is often faint, and a net that never heard it so puts all it is unsure of there.
GAINS_DB = {2: (-4.0, 6.0)}
# Weighty kicks, and voices with presence: a bell between two frequencies in Hz, of a gain between
# two in dB, for a share of the items.
PRESENCE = {0: (35, 110, 0, 12, 0.3), 3: (600, 2600, 0, 10, 0.5)}


def training_item(songs: Songs, frames: int, sample_rate: int, rng: np.random.Generator) -> Samples:
    """Draw one set of stems; the mixture is their sum, of unit standard deviation.

    Args:
        songs: what to draw from.
        frames: length of the crop.
        sample_rate: of the songs, in Hz.
        rng: the item's own generator.

    Returns:
        ``[stems, channels, frames]`` float32.
    """
    stems = (
        _coherent(songs, frames, rng) if rng.random() < COHERENT else _paired(songs, frames, rng)
    )
    stems = np.stack([_varied(stem, number, sample_rate, rng) for number, stem in enumerate(stems)])
    keep = rng.random(len(stems)) >= SILENT
    if keep.any():
        stems *= keep[:, None, None]
    if rng.random() < 0.5:
        stems = stems[:, ::-1]
    return np.asarray(stems / (stems.sum(axis=0).std() + 1e-4), np.float32)


def _coherent(songs: Songs, frames: int, rng: np.random.Generator) -> Samples:
    """All stems from one place of one song."""
    return _crop(songs[int(rng.integers(len(songs)))], frames, rng)


def _paired(songs: Songs, frames: int, rng: np.random.Generator) -> Samples:
    """Each stem from its own song."""
    chosen = rng.integers(len(songs), size=len(songs[0]))
    return np.concatenate(
        [_crop(songs[song][stem : stem + 1], frames, rng) for stem, song in enumerate(chosen)]
    )


def _crop(song: NDArray[np.int16], frames: int, rng: np.random.Generator) -> Samples:
    start = int(rng.integers(max(1, song.shape[-1] - frames + 1)))
    crop = np.zeros((*song.shape[:-1], frames), np.float32)
    cut = song[..., start : start + frames]
    crop[..., : cut.shape[-1]] = cut / np.float32(32768)
    return crop


def _varied(stem: Samples, number: int, sample_rate: int, rng: np.random.Generator) -> Samples:
    """One stem ``[channels, frames]`` with another gain, colour, sign and width."""
    decibels = rng.normal(*GAINS_DB.get(number, GAIN_DB))
    if rng.random() < MONO:
        stem = np.broadcast_to(stem.mean(axis=0), stem.shape)
    stem = _coloured(stem, number, sample_rate, rng)
    sign = rng.choice([-1, 1])
    return np.asarray(sign * 10 ** (decibels / 20) * stem, np.float32)


def _coloured(stem: Samples, number: int, sample_rate: int, rng: np.random.Generator) -> Samples:
    """A random equaliser of up to three bells, at the stem's own level."""
    octaves = np.log2(np.linspace(1, sample_rate / 2, stem.shape[1] // 2 + 1))
    decibels = np.zeros_like(octaves)
    if number in PRESENCE:
        low, high, least, most, share = PRESENCE[number]
        if rng.random() < share:
            centre = np.log2(rng.uniform(low, high))
            decibels += rng.uniform(least, most) * np.exp(-0.5 * ((octaves - centre) / 0.7) ** 2)
    for _ in range(2):
        centre, width = rng.uniform(6, 13.5), rng.uniform(0.3, 1.5)
        decibels += rng.normal(0, 3) * np.exp(-0.5 * ((octaves - centre) / width) ** 2)
    spectrum = np.fft.rfft(stem, axis=1) * 10 ** (decibels / 20)
    coloured = np.fft.irfft(spectrum, stem.shape[1], axis=1)
    return np.asarray(coloured * (stem.std() / (coloured.std() + 1e-9)))
