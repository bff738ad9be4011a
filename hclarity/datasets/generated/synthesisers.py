"""Basses, keyboards, guitars, strings and leads: patches drawn anew for every part.

Two kinds of voice make them all. A `Patch` shapes the harmonics of a wavetable: a source spectrum,
a low-pass that opens and closes, harmonics that decay each at its own rate as on a string, fixed
body resonances, detuned unison. An `FmPatch` is two-operator frequency modulation (Chowning 1973).
A distorted guitar is a patch whose sum goes through an amplifier.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from hclarity.datasets.generated.composition import Part
from hclarity.datasets.generated.waveforms import (
    Curve,
    Signal,
    drawn,
    edges,
    filtered,
    harmonic_numbers,
    hertz,
    noise,
    panned,
    place,
    scan,
    wavetable,
)

__all__ = ["accompaniment_track", "bass_track"]

ROWS = 20  # moments of a note at which its spectrum is computed
LEGATO = 0.06  # s between two notes up to which a player slides

Source = Callable[[Signal], Signal]  # harmonic numbers -> amplitudes
Amplifier = Callable[[Signal, int], Signal]


@dataclass(frozen=True)
class _Tone:
    """One note to be sounded; ``origin`` is the frequency it slides from."""

    hz: float
    origin: float
    seconds: float
    velocity: float


class _Voice(Protocol):
    def sound(self, tone: _Tone, sample_rate: int, rng: np.random.Generator) -> Signal: ...


@dataclass(frozen=True)
class _Motion:
    """How the pitch of a voice moves."""

    glide: float = 0.0  # s
    vibrato_hz: float = 5.0
    vibrato_cents: float = 0.0

    def cycles(self, tone: _Tone, time: Curve) -> Curve:
        """``[frames]``: the phase of the fundamental, in cycles."""
        cycles = tone.hz * time
        if self.glide and tone.origin != tone.hz:
            slide = (tone.origin - tone.hz) * self.glide
            cycles = cycles + slide * (1 - np.exp(-time / self.glide))
        if self.vibrato_cents:
            depth = tone.hz * self.vibrato_cents / 1731 / (2 * np.pi * self.vibrato_hz)
            late = np.minimum(time / 0.5, 1)
            cycles = cycles + depth * late * np.sin(2 * np.pi * self.vibrato_hz * time)
        return cycles


@dataclass(frozen=True)
class _Patch:
    """A wavetable voice; times in s, frequencies in Hz."""

    source: Source
    cutoff: float = 4000.0
    steepness: float = 2.0  # order of the low-pass
    resonance: float = 0.0  # of the low-pass at its edge
    sweep: float = 0.0  # octaves by which the low-pass begins open (above 0) or shut (below)
    sweep_seconds: float = 0.2
    damping: float = 0.0  # of the fundamental, 1/s at 220 Hz; higher notes die sooner
    damping_slope: float = 0.8  # how much sooner harmonic k dies: k**slope
    attack: float = 0.005
    release: float = 0.08
    unison: int = 1
    detune: float = 8.0  # cents
    spread: float = 0.0
    footing: int = 1  # the source begins this many times below the note (organ: 2)
    motion: _Motion = _Motion()
    body: tuple[tuple[float, float, float], ...] = ()  # resonances: Hz, dB, octaves
    noise: float = 0.0
    noise_seconds: float = 0.006

    def sound(self, tone: _Tone, sample_rate: int, rng: np.random.Generator) -> Signal:
        """``[2, frames]`` of one note with its release."""
        seconds = tone.seconds + self.release
        frames = int(seconds * sample_rate)
        time = np.arange(frames) / sample_rate
        table = wavetable(self._spectra(tone, seconds, sample_rate))
        rows = ((ROWS - 1) * np.sqrt(time / seconds)).astype(np.float32)
        cycles = self.motion.cycles(tone, time) / self.footing
        sound = np.zeros((2, frames), np.float32)
        sides = np.linspace(-1, 1, self.unison) if self.unison > 1 else np.zeros(1)
        for side in sides:
            bend = 2 ** (self.detune * side / 1200)
            voice = scan(table, bend * cycles + rng.random(), rows)
            sound += panned(voice, self.spread * side)
        if self.noise:
            burst = noise(rng, frames) * np.exp(-time / self.noise_seconds)
            sound += np.float32(self.noise) * burst.astype(np.float32)
        return sound * edges(frames, self.attack * sample_rate, self.release * sample_rate)

    def _spectra(self, tone: _Tone, seconds: float, sample_rate: int) -> Signal:
        """``[ROWS, harmonics]``: the spectrum at moments that lie closer at the onset."""
        base = tone.hz / self.footing
        numbers = harmonic_numbers(base, sample_rate)
        time = seconds * np.linspace(0, 1, ROWS, dtype=np.float32)[:, None] ** 2
        octaves = self.sweep * np.exp(-time / self.sweep_seconds) + 1.5 * (tone.velocity - 0.7)
        edge = np.maximum(self.cutoff * 2**octaves, 1.5 * tone.hz)
        ratio = base * numbers / edge
        filter_ = 1 / np.sqrt(1 + ratio ** (2 * self.steepness))
        filter_ += self.resonance * np.exp(-(np.log2(ratio) ** 2) / 0.1)
        speed = self.damping * (tone.hz / 220) ** 0.5
        decay = np.exp(-speed * time * (numbers / self.footing) ** self.damping_slope)
        return np.asarray(self.source(numbers) * self._body(base * numbers) * filter_ * decay)

    def _body(self, hz: Signal) -> Signal:
        """The gain of the body at each harmonic."""
        decibels = np.zeros_like(hz)
        for centre, height, width in self.body:
            decibels += height * np.exp(-((np.log2(hz / centre) / width) ** 2))
        return np.asarray(10 ** (decibels / 20), np.float32)


@dataclass(frozen=True)
class _FmPatch:
    """Two operators, and a second modulator for the strike."""

    ratio: float
    index: float
    index_seconds: float
    damping: float
    attack: float = 0.003
    release: float = 0.15
    strike: float = 0.0
    strike_ratio: float = 14.0
    tremolo_hz: float = 0.0
    motion: _Motion = _Motion()

    def sound(self, tone: _Tone, sample_rate: int, rng: np.random.Generator) -> Signal:
        """``[2, frames]`` of one note with its release."""
        frames = int((tone.seconds + self.release) * sample_rate)
        time = np.arange(frames, dtype=np.float32) / np.float32(sample_rate)
        turns = 2 * np.pi * (self.motion.cycles(tone, time) + rng.random())
        turns = turns.astype(np.float32)
        # Sidebands reach a few modulator frequencies up: keep them below the Nyquist frequency.
        room = sample_rate / 2 / tone.hz
        depth = min(self.index, 0.5 * room / self.ratio) * tone.velocity
        bend = depth * np.exp(-time / self.index_seconds) * np.sin(self.ratio * turns)
        if self.strike and self.strike_ratio < 0.6 * room:
            bend += self.strike * np.exp(-time / 0.05) * np.sin(self.strike_ratio * turns)
        level = np.exp(-self.damping * (tone.hz / 220) ** 0.5 * time)
        level *= edges(frames, self.attack * sample_rate, self.release * sample_rate)
        sway = 0.5 * np.sin(2 * np.pi * self.tremolo_hz * time) if self.tremolo_hz else 0.0
        mono = np.sin(turns + bend) * level
        return np.asarray(np.stack([mono * (1 + sway), mono * (1 - sway)]), np.float32)


# Sources: the amplitudes of harmonics 1, 2, 3, …


def _saw(numbers: Signal) -> Signal:
    return np.float32(1) / numbers


def _triangle(numbers: Signal) -> Signal:
    return (numbers % 2) / numbers**2


def _pulse(width: float) -> Source:
    """A rectangle that is high for ``width`` of its period; 0.5 is a square."""
    return lambda numbers: np.sin(np.pi * width * numbers) / numbers


def _string(point: float, slope: float) -> Source:
    """A string excited at ``point`` of its length: harmonics with a node there are missing."""
    return lambda numbers: np.sin(np.pi * point * numbers) / numbers**slope


def _drawbars(levels: np.ndarray) -> Source:
    """Nine drawbars from 16' to 1', over the fundamental of the 16'."""
    bars = np.zeros(17, np.float32)
    bars[[1, 3, 2, 4, 6, 8, 10, 12, 16]] = levels
    return lambda numbers: np.where(numbers <= 16, bars[np.minimum(numbers, 16).astype(int)], 0)


def _soft(power: float) -> Source:
    """Few harmonics: flutes, sine leads."""
    return lambda numbers: numbers**-power


# Families: each call draws one instrument of the kind.


def _body(
    rng: np.random.Generator, low: float, high: float
) -> tuple[tuple[float, float, float], ...]:
    """Four resonances (or notches) of a body, a pick-up or an equaliser."""
    return tuple(
        (drawn(rng, low, high), float(rng.uniform(-6, 9)), drawn(rng, 0.1, 0.6)) for _ in range(4)
    )


def _synth_source(rng: np.random.Generator) -> Source:
    sources = (_saw, _pulse(0.5), _pulse(float(rng.uniform(0.1, 0.45))), _triangle)
    return sources[rng.choice(4, p=[0.4, 0.2, 0.25, 0.15])]


def _pad(rng: np.random.Generator) -> _Patch:
    return _Patch(
        _synth_source(rng),
        cutoff=drawn(rng, 700, 5000),
        steepness=float(rng.choice([1, 2])),
        resonance=float(rng.uniform(0, 1)),
        sweep=float(rng.uniform(-2.5, 1)),
        sweep_seconds=drawn(rng, 0.2, 1.5),
        attack=drawn(rng, 0.03, 0.5),
        release=drawn(rng, 0.2, 0.8),
        unison=int(rng.choice([2, 3])),
        detune=drawn(rng, 4, 18),
        spread=float(rng.uniform(0.2, 1)),
        body=_body(rng, 300, 5000),
    )


def _strings(rng: np.random.Generator) -> _Patch:
    return _Patch(
        _saw,
        cutoff=drawn(rng, 2000, 7000),
        steepness=1.0,
        attack=drawn(rng, 0.05, 0.25),
        release=drawn(rng, 0.15, 0.4),
        unison=3,
        detune=drawn(rng, 6, 14),
        spread=float(rng.uniform(0.2, 0.9)),
        motion=_Motion(0, drawn(rng, 4.5, 6.5), drawn(rng, 5, 18)),
        body=_body(rng, 250, 4000),
        noise=0.02,
        noise_seconds=5.0,
    )


def _brass(rng: np.random.Generator) -> _Patch:
    return _Patch(
        _saw,
        cutoff=drawn(rng, 900, 3000),
        sweep=float(rng.uniform(-2, -0.5)),
        sweep_seconds=drawn(rng, 0.03, 0.1),
        attack=drawn(rng, 0.015, 0.05),
        unison=int(rng.choice([1, 2, 3])),
        detune=drawn(rng, 3, 9),
        spread=float(rng.uniform(0, 0.7)),
        motion=_Motion(0.02, drawn(rng, 4.5, 6), drawn(rng, 2, 15)),
        body=_body(rng, 500, 4000),
    )


def _flute(rng: np.random.Generator) -> _Patch:
    return _Patch(
        _soft(drawn(rng, 1.5, 3)),
        attack=drawn(rng, 0.03, 0.1),
        release=0.1,
        motion=_Motion(0.03, drawn(rng, 4.5, 6), drawn(rng, 8, 30)),
        noise=drawn(rng, 0.01, 0.06),
        noise_seconds=5.0,
    )


def _organ(rng: np.random.Generator) -> _Patch:
    levels = rng.random(9) * (rng.random(9) < 0.6)
    levels[2] = 1
    return _Patch(
        _drawbars(levels),
        cutoff=9000,
        attack=0.006,
        release=0.03,
        unison=int(rng.choice([1, 2])),
        detune=3,
        spread=float(rng.uniform(0, 0.8)),
        footing=2,
        motion=_Motion(0, drawn(rng, 0.8, 7), drawn(rng, 2, 20)),
        noise=drawn(rng, 0.02, 0.2),
        noise_seconds=0.003,
    )


def _piano(rng: np.random.Generator) -> _Patch:
    return _Patch(
        _string(float(rng.uniform(0.09, 0.14)), drawn(rng, 0.8, 1.3)),
        cutoff=drawn(rng, 900, 3500),
        steepness=1.0,
        sweep=float(rng.uniform(0, 1.5)),
        sweep_seconds=0.15,
        damping=drawn(rng, 0.5, 1.5),
        damping_slope=0.6,
        attack=0.003,
        release=drawn(rng, 0.1, 0.3),
        unison=2,
        detune=drawn(rng, 0.6, 4),
        spread=float(rng.uniform(0, 0.6)),
        body=_body(rng, 150, 3000),
        noise=drawn(rng, 0.01, 0.1),
    )


def _electric_piano(rng: np.random.Generator) -> _FmPatch:
    return _FmPatch(
        ratio=float(rng.choice([1, 1, 2])),
        index=drawn(rng, 0.3, 2),
        index_seconds=drawn(rng, 0.1, 0.8),
        damping=drawn(rng, 0.5, 2),
        strike=drawn(rng, 0.05, 0.5),
        tremolo_hz=float(rng.choice([0, drawn(rng, 3, 7)])),
    )


def _bell(rng: np.random.Generator) -> _FmPatch:
    return _FmPatch(
        ratio=float(rng.choice([1.4, 2.76, 3.5, 4, 5, 7])),
        index=drawn(rng, 0.5, 3),
        index_seconds=drawn(rng, 0.1, 0.6),
        damping=drawn(rng, 1.5, 5),
        release=drawn(rng, 0.3, 0.8),
    )


def _acoustic_guitar(rng: np.random.Generator) -> _Patch:
    return _Patch(
        _string(float(rng.uniform(0.08, 0.3)), drawn(rng, 0.7, 1.2)),
        cutoff=drawn(rng, 2500, 9000),
        steepness=1.0,
        damping=drawn(rng, 0.7, 2.5),
        damping_slope=drawn(rng, 0.5, 1.1),
        attack=0.001,
        release=drawn(rng, 0.05, 0.2),
        unison=int(rng.choice([1, 2])),
        detune=drawn(rng, 1, 7),
        spread=float(rng.uniform(0, 0.8)),
        body=(
            (drawn(rng, 90, 120), 8.0, 0.3),
            (drawn(rng, 180, 230), 5.0, 0.2),
            *_body(rng, 300, 5000),
        ),
        noise=drawn(rng, 0.02, 0.3),
        noise_seconds=drawn(rng, 0.003, 0.012),
    )


def _clean_guitar(rng: np.random.Generator) -> _Patch:
    acoustic = _acoustic_guitar(rng)
    return replace(acoustic, cutoff=drawn(rng, 1200, 4500), body=_body(rng, 400, 4000), noise=0.02)


def _pluck(rng: np.random.Generator) -> _Patch:
    pad = _pad(rng)
    return replace(
        pad,
        cutoff=drawn(rng, 300, 1500),
        sweep=float(rng.uniform(1.5, 4)),
        sweep_seconds=drawn(rng, 0.04, 0.25),
        damping=drawn(rng, 1, 6),
        damping_slope=0.1,
        attack=0.002,
        release=drawn(rng, 0.05, 0.4),
    )


def _lead(rng: np.random.Generator) -> _Patch:
    source = _soft(drawn(rng, 2, 4)) if rng.random() < 0.2 else _synth_source(rng)
    return _Patch(
        source,
        cutoff=drawn(rng, 1500, 8000),
        resonance=float(rng.uniform(0, 2)),
        sweep=float(rng.uniform(-1, 2)),
        attack=drawn(rng, 0.003, 0.03),
        release=drawn(rng, 0.03, 0.2),
        unison=int(rng.choice([1, 2, 3])),
        detune=drawn(rng, 4, 15),
        spread=float(rng.uniform(0, 0.8)),
        motion=_Motion(float(rng.choice([0, 0.03, 0.06])), drawn(rng, 4.5, 6.5), drawn(rng, 3, 40)),
        body=_body(rng, 500, 5000),
    )


def _overdriven_guitar(rng: np.random.Generator) -> _Patch:
    """The strings alone; `_guitar_amplifier` follows."""
    return _Patch(
        _string(float(rng.uniform(0.08, 0.25)), 1.0),
        cutoff=drawn(rng, 2000, 6000),
        steepness=1.0,
        damping=drawn(rng, 0.3, 0.8),
        attack=0.001,
        release=drawn(rng, 0.02, 0.08),
        unison=2,
        detune=drawn(rng, 1, 8),
        spread=float(rng.choice([0, 0.3, 1.0])),
        motion=_Motion(0.03, drawn(rng, 4.5, 6), drawn(rng, 2, 20)),
        noise=0.03,
    )


def _guitar_amplifier(rng: np.random.Generator) -> Amplifier:
    drive, low, high = drawn(rng, 2, 40), drawn(rng, 80, 400), drawn(rng, 3500, 5500)

    def amplify(track: Signal, sample_rate: int) -> Signal:
        track = filtered(track, "highpass", low, sample_rate, 1)
        hot = np.tanh(drive * track / max(float(np.abs(track).max()), 1e-9))
        return filtered(filtered(hot, "lowpass", high, sample_rate, 4), "highpass", 70, sample_rate)

    return amplify


FAMILIES: dict[str, tuple[Callable[[np.random.Generator], _Voice], ...]] = {
    "strummed": (
        _acoustic_guitar, _acoustic_guitar, _clean_guitar, _overdriven_guitar, _overdriven_guitar,
        _piano, _electric_piano,
    ),
    "sustained": (_pad, _pad, _strings, _strings, _organ, _organ, _brass, _electric_piano,
        _overdriven_guitar, _piano),
    "arpeggio": (_pluck, _bell, _piano, _electric_piano, _acoustic_guitar, _clean_guitar, _pad),
    "riff": (_overdriven_guitar, _clean_guitar, _brass, _pluck, _organ, _lead, _piano),
    "lead": (_lead, _lead, _overdriven_guitar, _flute, _strings, _bell, _brass),
}  # fmt: skip


def _sub_bass(rng: np.random.Generator) -> _Patch:
    return _Patch(
        _soft(drawn(rng, 1.6, 3)),
        cutoff=drawn(rng, 200, 800),
        damping=float(rng.choice([0, drawn(rng, 0.3, 2)])),
        damping_slope=0.2,
        attack=0.006,
        release=drawn(rng, 0.03, 0.1),
        motion=_Motion(float(rng.choice([0, 0.04, 0.08]))),
    )


def _picked_bass(rng: np.random.Generator) -> _Patch:
    return _Patch(
        _string(float(rng.uniform(0.08, 0.3)), drawn(rng, 0.9, 1.6)),
        cutoff=drawn(rng, 400, 3000),
        steepness=1.0,
        damping=drawn(rng, 0.5, 2.5),
        damping_slope=drawn(rng, 0.4, 0.9),
        attack=0.002,
        release=drawn(rng, 0.03, 0.1),
        motion=_Motion(float(rng.choice([0, 0, 0.03]))),
        body=_body(rng, 80, 2500),
        noise=drawn(rng, 0.003, 0.15),
        noise_seconds=drawn(rng, 0.002, 0.01),
    )


def _synth_bass(rng: np.random.Generator) -> _Patch:
    return _Patch(
        _synth_source(rng),
        cutoff=drawn(rng, 150, 1500),
        resonance=float(rng.uniform(0, 2.5)),
        sweep=float(rng.uniform(0, 3.5)),
        sweep_seconds=drawn(rng, 0.04, 0.4),
        release=drawn(rng, 0.02, 0.1),
        unison=int(rng.choice([1, 1, 2])),
        detune=drawn(rng, 3, 12),
        spread=float(rng.choice([0, 0, 0.4])),
        motion=_Motion(float(rng.choice([0, 0.03, 0.07]))),
    )


def _fm_bass(rng: np.random.Generator) -> _FmPatch:
    return _FmPatch(
        ratio=float(rng.choice([1, 1, 2, 3])),
        index=drawn(rng, 0.7, 5),
        index_seconds=drawn(rng, 0.05, 0.6),
        damping=drawn(rng, 0.3, 3),
        release=0.05,
    )


BASSES = (_sub_bass, _picked_bass, _picked_bass, _picked_bass, _synth_bass, _synth_bass, _fm_bass)


def _bass_amplifier(rng: np.random.Generator) -> Amplifier:
    """From hardly warmer to fuzz; the clean low end is kept beside the drive."""
    drive, blend, high = drawn(rng, 0.5, 12), float(rng.uniform(0.3, 1)), drawn(rng, 1500, 7000)

    def amplify(track: Signal, sample_rate: int) -> Signal:
        track = track / max(float(np.abs(track).max()), 1e-9)
        hot = filtered(np.tanh(drive * track), "lowpass", high, sample_rate)
        return (1 - blend) * track + blend * hot

    return amplify


def _tones(part: Part, seconds: float) -> Iterator[tuple[float, _Tone]]:
    """When each note begins, in s, and the note, sliding where it follows another closely."""
    last, end = 0.0, -np.inf
    for note in part.notes:
        if note.start >= seconds:
            continue
        hz = hertz(note.pitch)
        origin = last if 0 <= note.start - end + LEGATO <= 2 * LEGATO else hz
        yield note.start, _Tone(hz, origin, min(note.seconds, seconds - note.start), note.velocity)
        last, end = hz, note.start + note.seconds


def _play(
    part: Part, voice: _Voice, frames: int, sample_rate: int, rng: np.random.Generator
) -> Signal:
    track = np.zeros((2, frames), np.float32)
    for start, tone in _tones(part, frames / sample_rate):
        sound = np.float32(tone.velocity) * voice.sound(tone, sample_rate, rng)
        place(track, sound, round(start * sample_rate))
    return track


def bass_track(part: Part, frames: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """``[2, frames]``: the part on a bass of its own."""
    voice = BASSES[rng.integers(len(BASSES))](rng)
    amplify = _bass_amplifier(rng)
    driven = rng.random() < 0.6
    track = _play(part, voice, frames, sample_rate, rng)
    return amplify(track, sample_rate) if driven else track


def accompaniment_track(
    part: Part, frames: int, sample_rate: int, rng: np.random.Generator
) -> Signal:
    """``[2, frames]``: the part on an instrument that its style calls for."""
    families = FAMILIES[part.style]
    family = families[rng.integers(len(families))]
    track = _play(part, family(rng), frames, sample_rate, rng)
    return _guitar_amplifier(rng)(track, sample_rate) if family is _overdriven_guitar else track
