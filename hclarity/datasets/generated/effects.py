"""What a mixing desk does to a stem: equaliser, drive, compressor, room, width.

Each effect is a function of ``[channels, frames]`` and leaves the length as it is. `random_chain`
draws a plausible chain for one stem; half of all stems stay nearly dry, as close-miked music is.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.signal import fftconvolve

from hclarity.audio.values import Samples

__all__ = [
    "compress",
    "compressor_gain",
    "drive",
    "echo",
    "equalise",
    "random_chain",
    "reverberate",
    "set_width",
]


def equalise(
    samples: Samples, sample_rate: int, bells: list[tuple[float, float, float]]
) -> Samples:
    """Boost or cut around some frequencies, with zero phase.

    Args:
        samples: ``[channels, frames]``.
        sample_rate: in Hz.
        bells: centre in Hz, gain in dB and width in octaves (standard deviation of a Gaussian over
            log frequency).
    """
    hertz = np.fft.rfftfreq(samples.shape[1], 1 / sample_rate)
    octaves = np.log2(np.maximum(hertz, 20))
    decibels = np.zeros_like(octaves)
    for centre, gain, width in bells:
        decibels += gain * np.exp(-0.5 * ((octaves - np.log2(centre)) / width) ** 2)
    spectrum = fft.rfft(samples.astype(np.float32, copy=False), axis=1)
    spectrum *= (10 ** (decibels / 20)).astype(np.float32)
    return np.asarray(fft.irfft(spectrum, samples.shape[1], axis=1), np.float32)


def drive(samples: Samples, amount: float) -> Samples:
    """Saturate by ``tanh``; ``amount`` is the gain before it, relative to the stem's own level."""
    level = float(np.sqrt(np.mean(samples**2))) + 1e-9
    return np.asarray(level * np.tanh(amount * samples / level / 3) * 3 / amount, np.float32)


def compress(samples: Samples, sample_rate: int, ratio: float, threshold_db: float) -> Samples:
    """Turn down what rises above a threshold relative to the stem's own level; 20 ms steps."""
    gain = compressor_gain(samples, sample_rate, ratio, threshold_db)
    return np.asarray(samples * gain, np.float32)


def compressor_gain(
    samples: Samples, sample_rate: int, ratio: float, threshold_db: float
) -> NDArray[np.float64]:
    """``[frames]``: what `compress` multiplies with."""
    step = sample_rate // 50
    blocks = -(-samples.shape[1] // step)
    padded = np.zeros((samples.shape[0], blocks * step))
    padded[:, : samples.shape[1]] = samples
    energy = (padded**2).reshape(len(samples), blocks, step).mean(axis=(0, 2)) + 1e-12
    level = 10 * np.log10(energy / energy.mean())
    over = np.maximum(0, level - threshold_db)
    gain = 10 ** (-over * (1 - 1 / ratio) / 20)
    gain = np.minimum(gain, np.concatenate([gain[1:], gain[-1:]]))  # look ahead one step
    centres = (np.arange(blocks) + 0.5) * step
    return np.asarray(np.interp(np.arange(samples.shape[1]), centres, gain))


def reverberate(
    samples: Samples, sample_rate: int, seconds: float, wet: float, rng: np.random.Generator
) -> Samples:
    """Add a room: decaying noise, darker the later, different on each side."""
    length = int(seconds * sample_rate)
    time = np.arange(length) / sample_rate
    room = rng.standard_normal((samples.shape[0], length)) * 10 ** (-3 * time / seconds)
    room[:, : int(rng.uniform(0.002, 0.03) * sample_rate)] = 0
    room = _darken(room, rng.uniform(2500, 9000), sample_rate)
    room /= np.sqrt((room**2).sum(axis=1, keepdims=True))
    tail = fftconvolve(samples, room, axes=1)[:, : samples.shape[1]]
    return np.asarray(samples + wet * tail, np.float32)


def set_width(samples: Samples, width: float, balance: float) -> Samples:
    """Scale the side signal by ``width`` and shift by ``balance`` (-1 left … 1 right)."""
    middle, side = samples.mean(axis=0), (samples[0] - samples[1]) / 2 * width
    angle = (balance + 1) * np.pi / 4
    left, right = np.sqrt(2) * np.cos(angle), np.sqrt(2) * np.sin(angle)
    return np.stack([left * (middle + side), right * (middle - side)]).astype(np.float32)


def random_chain(
    samples: Samples, sample_rate: int, stem: str, rng: np.random.Generator
) -> Samples:
    """Send a stem ``[2, frames]`` through a chain of effects drawn for its kind."""
    centres = 2 ** rng.uniform(np.log2(80), np.log2(10000), 3)
    bells = [(float(f), float(rng.uniform(-7, 7)), float(rng.uniform(0.4, 1.5))) for f in centres]
    if stem == "vocals" and rng.random() < 0.7:  # real singing has its energy in 600-2500 Hz
        bells.append((float(rng.uniform(900, 2600)), float(rng.uniform(3, 14)), 0.7))
    if stem == "drums" and rng.random() < 0.5:  # real kicks can outweigh the rest of the kit
        bells.append((float(rng.uniform(40, 90)), float(rng.uniform(3, 14)), 0.6))
    samples = equalise(samples, sample_rate, bells)
    if rng.random() < {"drums": 0.3, "bass": 0.4, "other": 0.3, "vocals": 0.3}[stem]:
        samples = drive(samples, float(rng.uniform(0.5, 6)))
    if rng.random() < 0.6:
        samples = compress(samples, sample_rate, rng.uniform(1.5, 6), rng.uniform(-8, 3))
    if stem == "vocals" and rng.random() < 0.25:
        samples = echo(samples, int(rng.uniform(0.1, 0.5) * sample_rate), rng.uniform(0.1, 0.4))
    if stem != "bass" and rng.random() < 0.6:
        seconds, wet = rng.uniform(0.2, 2.5), rng.uniform(0.05, 0.6)
        samples = reverberate(samples, sample_rate, seconds, wet, rng)
    centred = stem in ("vocals", "bass")
    width = float(rng.choice([0, 0.1, 0.4]) if centred else rng.choice([0, 0.3, 0.6, 1.0, 1.4]))
    balance = float(rng.normal(0, 0.05 if centred else 0.25))
    return set_width(samples, width, float(np.clip(balance, -0.9, 0.9)))


def echo(samples: Samples, delay: int, gain: float) -> Samples:
    """Repeat three times, each ``delay`` frames later and ``gain`` times as loud."""
    echoed = samples.copy()
    for repeat in (1, 2, 3):
        if repeat * delay < samples.shape[1]:
            echoed[:, repeat * delay :] += gain**repeat * samples[:, : -repeat * delay]
    return echoed


def _darken(samples: NDArray[np.float64], corner: float, sample_rate: int) -> NDArray[np.float64]:
    """A first-order low-pass, by its frequency response."""
    hertz = np.fft.rfftfreq(samples.shape[1], 1 / sample_rate)
    response = 1 / (1 + 1j * hertz / corner)
    return np.fft.irfft(np.fft.rfft(samples, axis=1) * response, samples.shape[1], axis=1)
