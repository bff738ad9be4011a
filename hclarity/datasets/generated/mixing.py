"""A mixing engineer for the rich tier: amplifiers, tone, rooms, width, and the bus at the end.

The long-term spectrum of a stem is moved some way towards one drawn around those of recorded
stems: generated instruments, each plausible on its own, are otherwise too bright, too thin and
too far apart from one another to mask each other as they do on records.
"""

import numpy as np
from scipy import fft

from hclarity.audio.values import Samples
from hclarity.datasets.generated.effects import (
    compress,
    compressor_gain,
    drive,
    echo,
    equalise,
    reverberate,
    set_width,
)
from hclarity.datasets.generated.waveforms import drawn, filtered

__all__ = ["amplified", "glued", "mixed_stem", "toned", "with_room"]

# Typical energy of a stem in octaves from 44 Hz on (centres 62 Hz .. 16 kHz), dB of its own level,
# and the standard deviation of each from song to song.
CENTRES = 62.5 * 2.0 ** np.arange(9)
TYPICAL = {
    "drums": ((-3, -5, -10, -14, -15, -16, -17, -19, -26), (3, 3, 4, 4, 4, 4, 5, 5, 6)),
    "bass": ((-8, -2, -8, -17, -26, -32, -37, -48, -60), (4, 2, 4, 6, 8, 9, 9, 9, 9)),
    "other": ((-22, -9, -5, -6, -8, -11, -16, -27, -42), (8, 6, 4, 3, 4, 5, 6, 8, 10)),
    "vocals": ((-40, -22, -9, -5, -5, -9, -17, -23, -29), (6, 7, 6, 5, 3, 4, 5, 5, 6)),
}
TILT = 1.2  # standard deviation, dB an octave
FARTHEST = 18.0  # dB by which an octave is moved at most


def toned(
    samples: Samples, sample_rate: int, stem: str, amount: float, rng: np.random.Generator
) -> Samples:
    """Move a stem's spectrum ``amount`` (0..1) of the way to one drawn around `TYPICAL`."""
    means, deviations = (np.array(row, float) for row in TYPICAL[stem])
    octaves = np.arange(len(CENTRES))
    target = means + 0.8 * deviations * rng.standard_normal(len(CENTRES))
    target += TILT * rng.standard_normal() * (octaves - 3)
    spectrum = fft.rfft(samples.astype(np.float32, copy=False), axis=1)
    hertz = np.maximum(np.fft.rfftfreq(samples.shape[1], 1 / sample_rate), 20)
    place = np.log2(hertz / CENTRES[0])
    energy = np.bincount(
        np.clip(np.round(place), 0, len(CENTRES) - 1).astype(np.intp),
        (np.abs(spectrum) ** 2).sum(axis=0),
        len(CENTRES),
    )
    if not energy.any():
        return samples
    own = 10 * np.log10(energy / energy.sum() + 1e-9)
    gain = target - own
    gain -= (gain * 10 ** (target / 10)).sum() / (10 ** (target / 10)).sum()
    gain = amount * np.clip(gain, -FARTHEST, FARTHEST)
    spectrum *= (10 ** (np.interp(place, octaves, gain) / 20)).astype(np.float32)
    return np.asarray(fft.irfft(spectrum, samples.shape[1], axis=1), np.float32)


def amplified(samples: Samples, sample_rate: int, rng: np.random.Generator) -> Samples:
    """Through a guitar amplifier and its loudspeaker: from crunch to a saturated wall."""
    tight = filtered(samples, "highpass", drawn(rng, 60, 300), sample_rate, 1)
    level = float(np.sqrt(np.mean(tight**2))) + 1e-9
    bias = float(rng.uniform(-0.3, 0.3))
    hot = np.tanh(drawn(rng, 1, 30) * tight / level + bias)
    hot = filtered(hot.astype(np.float32), "lowpass", drawn(rng, 2500, 6000), sample_rate, 3)
    hot = filtered(hot, "highpass", 70, sample_rate)
    bells = [
        (drawn(rng, 90, 160), float(rng.uniform(0, 5)), 0.4),
        (drawn(rng, 300, 800), float(rng.uniform(-6, 3)), 0.7),
        (drawn(rng, 1500, 3500), float(rng.uniform(0, 6)), 0.5),
    ]
    return equalise(hot, sample_rate, bells)


def with_room(samples: Samples, sample_rate: int, rng: np.random.Generator) -> Samples:
    """Add microphones in the room, squeezed hard, as on drums."""
    room = reverberate(samples, sample_rate, rng.uniform(0.15, 1.2), 1.0, rng) - samples
    room = compress(room, sample_rate, rng.uniform(2, 10), rng.uniform(-12, 0))
    level = float(samples.std()) / (float(room.std()) + 1e-9)
    return np.asarray(samples + level * 10 ** (rng.uniform(-20, -3) / 20) * room, np.float32)


def mixed_stem(samples: Samples, sample_rate: int, stem: str, rng: np.random.Generator) -> Samples:
    """Send a whole stem ``[2, frames]`` through tone, dynamics, space and width."""
    if rng.random() < 0.85:
        samples = toned(samples, sample_rate, stem, float(rng.uniform(0.3, 1)), rng)
    bells = [
        (drawn(rng, 80, 10000), float(rng.uniform(-6, 6)), float(rng.uniform(0.3, 1))) for _ in "ab"
    ]
    samples = equalise(samples, sample_rate, bells)
    if rng.random() < {"drums": 0.3, "bass": 0.35, "other": 0.2, "vocals": 0.3}[stem]:
        samples = drive(samples, float(rng.uniform(0.5, 6)))
    if rng.random() < 0.65:
        squeezed = compress(samples, sample_rate, rng.uniform(1.5, 8), rng.uniform(-10, 3))
        dry = float(rng.choice([0, 0, 0.5]))
        samples = dry * samples + (1 - dry) * squeezed
    if stem == "vocals" and rng.random() < 0.25:
        samples = echo(samples, int(rng.uniform(0.1, 0.5) * sample_rate), rng.uniform(0.1, 0.4))
    if rng.random() < {"drums": 0.3, "bass": 0.1, "other": 0.5, "vocals": 0.6}[stem]:
        seconds, wet = drawn(rng, 0.2, 3), drawn(rng, 0.04, 0.6)
        samples = reverberate(samples, sample_rate, seconds, wet, rng)
    centred = stem in ("vocals", "bass")
    widths = [0, 0, 0.1, 0.3, 0.6] if centred else [0, 0.1, 0.3, 0.6, 1.0, 1.0]
    balance = float(np.clip(rng.normal(0, 0.04 if centred else 0.15), -0.9, 0.9))
    return _hissing(set_width(samples, float(rng.choice(widths)), balance), rng)


def _hissing(samples: Samples, rng: np.random.Generator) -> Samples:
    """The noise of amplifiers and microphones."""
    level = float(samples.std()) * 10 ** (rng.uniform(-70, -38) / 20)
    return np.asarray(samples + level * rng.standard_normal(samples.shape, np.float32), np.float32)


def glued(stems: Samples, sample_rate: int, rng: np.random.Generator) -> Samples:
    """Compress the sum ``[stems, 2, frames]``: every stem gets the gain that the mixture needs."""
    mixture = stems.sum(axis=0)
    ratio, threshold = float(rng.uniform(1.5, 4)), float(rng.uniform(-6, 3))
    return np.asarray(stems * compressor_gain(mixture, sample_rate, ratio, threshold), np.float32)
