"""Bowed and blown instruments, each player a little different: numpy alone.

A tone is a harmonic spectrum behind fixed formants, as the bodies of strings and the bores of
woodwinds have them (Meyer, "Acoustics and the Performance of Music", 2009), that brightens with
loudness, swells, and trembles in pitch; with the noise of bow or breath.
"""

from dataclasses import dataclass, replace

import numpy as np

from hclarity.datasets.generated.composition import Note, Part
from hclarity.datasets.generated.waveforms import (
    Signal,
    drawn,
    edges,
    filtered,
    harmonic_numbers,
    hertz,
    noise,
    place,
    scan,
    wavetable,
)

__all__ = ["INSTRUMENTS", "orchestral_track"]

_ROWS = 8  # loudnesses at which the spectrum of a tone is computed


@dataclass(frozen=True)
class _Voice:
    """An instrument.

    Args:
        slope: of the spectrum: harmonic k has the amplitude k**-slope.
        even: level of the even harmonics; the cylindrical bore of a clarinet has few.
        formants: resonances, in Hz, dB and octaves.
        attack: in s.
        vibrato: in cents.
        hiss: level of the noise of bow or breath.
    """

    slope: float
    formants: tuple[tuple[float, float, float], ...]
    attack: float
    vibrato: float
    hiss: float
    even: float = 1.0


INSTRUMENTS = {
    "violin": _Voice(1.0, ((280, 6, 0.3), (480, 7, 0.3), (2600, 8, 0.6)), 0.06, 22, 0.02),
    "viola": _Voice(1.05, ((220, 6, 0.3), (360, 7, 0.3), (1800, 6, 0.6)), 0.07, 18, 0.02),
    "cello": _Voice(1.1, ((110, 5, 0.3), (200, 7, 0.3), (1500, 6, 0.7)), 0.08, 16, 0.02),
    "flute": _Voice(2.2, ((800, 4, 0.8),), 0.06, 12, 0.05),
    "clarinet": _Voice(1.4, ((1500, 5, 0.5), (3500, 4, 0.5)), 0.03, 2, 0.01, even=0.15),
    "oboe": _Voice(1.0, ((1100, 12, 0.4), (2900, 9, 0.4)), 0.03, 12, 0.01),
    "sax": _Voice(1.0, ((700, 6, 0.5), (1300, 6, 0.5), (2400, 3, 0.5)), 0.04, 14, 0.02),
    "bassoon": _Voice(1.3, ((480, 12, 0.4), (1150, 7, 0.4)), 0.03, 8, 0.01),
}


def orchestral_track(part: Part, frames: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """``[frames]``: a part on the instrument that its style names, one of `INSTRUMENTS`."""
    voice = _one_of_its_kind(INSTRUMENTS[part.style], rng)
    track = np.zeros(frames, np.float32)
    for note in part.notes:
        start = round(note.start * sample_rate)
        if start < frames:
            place(track, _tone(note, voice, sample_rate, rng), start)
    return track


def _one_of_its_kind(voice: _Voice, rng: np.random.Generator) -> _Voice:
    """The same instrument by another maker, in other hands."""
    formants = tuple(
        (hz * drawn(rng, 0.9, 1.1), height + float(rng.normal(0, 2)), width * drawn(rng, 0.8, 1.25))
        for hz, height, width in voice.formants
    )
    return replace(
        voice,
        slope=voice.slope * drawn(rng, 0.85, 1.15),
        formants=formants,
        attack=voice.attack * drawn(rng, 0.5, 2),
        vibrato=voice.vibrato * drawn(rng, 0.4, 1.6),
        hiss=voice.hiss * drawn(rng, 0.5, 2),
    )


def _tone(note: Note, voice: _Voice, sample_rate: int, rng: np.random.Generator) -> Signal:
    """``[frames]`` of one note with its release."""
    release = 0.08
    frames = int((note.seconds + release) * sample_rate)
    time = np.arange(frames) / sample_rate
    hz = hertz(note.pitch) * 2 ** (rng.normal(0, 4) / 1200)
    turns, depth = drawn(rng, 4.5, 6.5), voice.vibrato / 1731 * np.clip(time / 0.4 - 0.3, 0, 1)
    cycles = hz * (time + depth * np.sin(2 * np.pi * turns * time) / (2 * np.pi * turns))
    loudness = note.velocity * (1 - float(rng.uniform(0, 0.4)) * np.abs(2 * time / time[-1] - 1))
    table = wavetable(_spectra(hz, voice, sample_rate))
    sound = scan(table, cycles + rng.random(), (_ROWS - 1) * loudness)
    hiss = filtered(noise(rng, frames), "bandpass", (hz, 6 * hz + 2000), sample_rate, 1)
    sound = (sound + voice.hiss * hiss) * loudness**1.5
    shape = edges(frames, voice.attack * sample_rate, release * sample_rate)
    return np.asarray(sound * shape, np.float32)


def _spectra(hz: float, voice: _Voice, sample_rate: int) -> Signal:
    """``[_ROWS, harmonics]``: from soft and dull to loud and bright, all of one power."""
    numbers = harmonic_numbers(hz, sample_rate)
    loudness = np.linspace(0, 1, _ROWS, dtype=np.float32)[:, None]
    amplitudes = numbers ** -(voice.slope * (1.7 - 0.9 * loudness))
    amplitudes = amplitudes * np.where(numbers % 2 == 0, voice.even, 1)
    decibels = np.zeros_like(numbers)
    for centre, height, width in voice.formants:
        decibels += height * np.exp(-((np.log2(hz * numbers / centre) / width) ** 2))
    amplitudes = amplitudes * 10 ** (decibels / 20)
    return np.asarray(amplitudes / np.sqrt((amplitudes**2).sum(axis=1, keepdims=True)), np.float32)
