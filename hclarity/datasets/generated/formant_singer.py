"""A singer without words: a glottal spectrum shaped by formants that glide from sound to sound.

Source and filter after Fant (1960): every 10 ms the harmonics of the sung pitch are weighted by the
glottal tilt and by a cascade of resonances, one row of a wavetable; reading down the table gives
the voice. Consonants are formant targets (m, n, l, w, y, r) or bursts of noise (s, sh, t, k, …).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hclarity.datasets.generated.composition import Note, Part
from hclarity.datasets.generated.waveforms import (
    Curve,
    Signal,
    drawn,
    edges,
    filtered,
    harmonic_numbers,
    noise,
    panned,
    place,
    scan,
    wavetable,
)

__all__ = ["singer_track"]

STEP = 0.01  # s between two rows
MARGIN = 0.1  # s of silence before and after a phrase, room for consonants and releases
PHRASE_GAP = 0.15  # s of rest that make a new phrase
LONGEST_PHRASE = 24  # notes, which bounds the memory of a wavetable

# First three formants in Hz, adult male means of Peterson and Barney (1952).
VOWELS = np.array([
    (730, 1090, 2440), (660, 1720, 2410), (530, 1840, 2480), (390, 1990, 2550), (270, 2290, 3010),
    (570, 840, 2410), (440, 1020, 2240), (300, 870, 2240), (640, 1190, 2390), (490, 1350, 1690),
])  # fmt: skip
OPEN = (0, 2, 8)  # vowels that every singer uses: a, e, and the one of *cut*
UPPER = (3400, 4400, 5600, 6900)  # formants that hardly move
BANDWIDTHS = np.array([70, 90, 130, 180, 260, 400, 550])
# Voiced consonants: three formants in Hz and a level in dB.
VOICED = (
    ((250, 1000, 2200), -9), ((270, 1500, 2400), -9),  # m, n
    ((350, 1200, 2700), -4), ((290, 650, 2300), -5),  # l, w
    ((280, 2250, 3000), -4), ((320, 1150, 1600), -4),  # y, r
)  # fmt: skip
# Unvoiced consonants: band in Hz, seconds, level in dB below the vowels.
UNVOICED = (
    ((4500, 11000), 0.11, -9), ((2300, 6500), 0.10, -7), ((2000, 9000), 0.07, -17),  # s, sh, f
    ((3000, 8000), 0.035, -8), ((1400, 3800), 0.035, -8), ((500, 2500), 0.02, -11),  # t, k, p
    ((700, 5000), 0.07, -18),  # h
)  # fmt: skip


@dataclass(frozen=True)
class _Throat:
    """What makes a voice this one."""

    scale: float  # of all formants: 0.85 a large man .. 1.3 a child
    tilt: float  # amplitude of harmonic k is k**-tilt: low when belted
    bandwidth: float  # factor
    presence: tuple[tuple[float, float, float], ...]  # Hz, dB, octaves
    vowels: tuple[int, ...]
    clarity: float  # probability of a consonant
    vibrato_hz: float
    vibrato_semitones: float
    glide: float  # s
    breath: float
    evenness: float  # 1: all vowels equally loud


def _draw_throat(rng: np.random.Generator, part: Part) -> _Throat:
    """A throat that suits the register: high parts are sung by smaller throats."""
    height = np.mean([note.pitch for note in part.notes]) - 58
    scale = np.clip(1.06 + 0.009 * height + 0.06 * rng.standard_normal(), 0.85, 1.3)
    presence = (
        (drawn(rng, 900, 2000), float(rng.uniform(-2, 7)), 0.6),
        (drawn(rng, 2400, 3600), float(rng.uniform(3, 15)), 0.3),
    )
    return _Throat(
        scale=float(scale),
        tilt=float(rng.uniform(0.4, 1.4)),
        bandwidth=drawn(rng, 0.8, 1.8),
        presence=presence,
        vowels=(*OPEN, *rng.integers(0, len(VOWELS), rng.integers(2, 7)).tolist()),
        clarity=float(rng.uniform(0.5, 0.95)),
        vibrato_hz=float(rng.uniform(4.8, 6.2)),
        vibrato_semitones=float(rng.uniform(0, 0.6)),
        glide=float(rng.uniform(0.04, 0.12)),
        breath=drawn(rng, 0.01, 0.2),
        evenness=float(rng.uniform(0.5, 0.95)),
    )


@dataclass(frozen=True)
class _Syllable:
    """A note with what is sung on it."""

    note: Note
    begin: float  # s from the beginning of the phrase
    vowel: int
    last_vowel: int  # the same, or the second half of a diphthong
    voiced: int | None
    unvoiced: int | None


@dataclass(frozen=True)
class _Gesture:
    """What the voice does over a phrase, one value every `STEP`."""

    semitones: Curve  # [rows], MIDI
    formants: Curve  # [rows, 3]
    level: Curve  # [rows]


def _phrases(notes: Sequence[Note]) -> Iterator[list[Note]]:
    phrase: list[Note] = []
    for note in notes:
        ends = phrase and note.start - (phrase[-1].start + phrase[-1].seconds) > PHRASE_GAP
        if ends or len(phrase) == LONGEST_PHRASE:
            yield phrase
            phrase = []
        phrase.append(note)
    if phrase:
        yield phrase


def _syllables(notes: list[Note], throat: _Throat, rng: np.random.Generator) -> list[_Syllable]:
    """Draw what is sung on each note: a consonant perhaps, a vowel, now and then a diphthong."""
    syllables = []
    for note in notes:
        vowel = last = int(rng.choice(throat.vowels))
        if rng.random() < 0.25:
            last = int(rng.choice(throat.vowels))
        voiced = unvoiced = None
        if rng.random() < throat.clarity:
            if rng.random() < 0.5:
                voiced = int(rng.integers(len(VOICED)))
            else:
                unvoiced = int(rng.integers(len(UNVOICED)))
        begin = note.start - notes[0].start + MARGIN
        syllables.append(_Syllable(note, begin, vowel, last, voiced, unvoiced))
    return syllables


def _smooth(curve: Curve, seconds: float) -> Curve:
    """Round the corners of a step-like ``[rows]`` or ``[rows, columns]`` over ``seconds``."""
    half = max(1, round(seconds / STEP / 2))
    window = np.hanning(2 * half + 3)[1:-1]
    padded = np.pad(curve, ((half, half), *((0, 0),) * (curve.ndim - 1)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, len(window), axis=0)
    return np.asarray(windows @ (window / window.sum()))


def _gesture(syllables: list[_Syllable], throat: _Throat, rng: np.random.Generator) -> _Gesture:
    """Write the targets of every syllable as steps, then let the muscles smooth them."""
    final = syllables[-1]
    count = int((final.begin + final.note.seconds + 2 * MARGIN) / STEP) + 2
    time = STEP * np.arange(count)
    semitones = np.full(count, float(syllables[0].note.pitch) - rng.choice([0, 0, 1, 2]))
    formants = np.tile(VOWELS[syllables[0].vowel].astype(float), (count, 1))
    level, vibrato = np.zeros(count), np.zeros(count)
    for syllable in syllables:
        note, begin = syllable.note, syllable.begin
        since = time - begin
        after, held = since >= 0, (since >= 0) & (since < note.seconds)
        semitones[after] = note.pitch
        formants[after] = VOWELS[syllable.vowel]
        formants[since >= 0.6 * note.seconds] = VOWELS[syllable.last_vowel]
        level[held] = 10 ** (10 * (note.velocity - 1) / 20)
        if note.seconds > 0.35:
            vibrato[held] = np.clip((since[held] - 0.2) / 0.3, 0, 1)
        if syllable.voiced is not None:
            target, decibels = VOICED[syllable.voiced]
            onset = (since >= -0.01) & (since < min(0.07, 0.5 * note.seconds))
            formants[onset], level[onset] = target, 10 ** (decibels / 20)
        if syllable.unvoiced is not None:
            closed = (since >= -UNVOICED[syllable.unvoiced][1]) & (since < 0.015)
            level[closed] *= 0.1
    sway = throat.vibrato_semitones * vibrato * np.sin(2 * np.pi * throat.vibrato_hz * time)
    drift = 0.15 * _smooth(rng.standard_normal(count), 0.4) + 0.03 * rng.standard_normal(count)
    swell = 1 + 0.25 * np.sin(np.pi * time / time[-1])
    shimmer = 1 + 0.04 * rng.standard_normal(count)
    return _Gesture(
        _smooth(semitones, throat.glide) + sway + drift,
        _smooth(formants, 0.08),
        _smooth(level, 0.05) * swell * shimmer,
    )


def _spectra(gesture: _Gesture, throat: _Throat, sample_rate: int) -> np.ndarray:
    """``[rows, harmonics]``, complex: the voice at every step."""
    pitch = 440 * 2 ** ((gesture.semitones - 69) / 12)
    numbers = harmonic_numbers(float(pitch.min()), sample_rate)
    hz = (pitch[:, None] * numbers).astype(np.float32)
    upper = np.tile(np.array(UPPER, float), (len(hz), 1))
    formants = throat.scale * np.concatenate([gesture.formants, upper], axis=1)
    formants[:, 0] = np.maximum(formants[:, 0], pitch)  # singers tune F1 up to a high pitch
    spectra = (numbers**-throat.tilt * (hz < 0.45 * sample_rate)).astype(np.complex64)
    widths = throat.bandwidth * BANDWIDTHS
    for centre, width in zip(formants.T.astype(np.float32), widths.astype(np.float32), strict=True):
        square = (centre**2)[:, None]
        spectra *= square / (square - hz**2 + 1j * width * hz)
    for centre, height, octaves in throat.presence:
        bump = np.exp(-((np.log2(hz / np.float32(centre)) / octaves) ** 2))
        spectra *= np.exp(np.float32(height * 0.1151) * bump)
    loudness = np.sqrt((np.abs(spectra) ** 2).sum(axis=1, keepdims=True))
    levels = loudness**-throat.evenness * gesture.level[:, None].astype(np.float32)
    return np.asarray(spectra * levels)


def _phrase(
    syllables: list[_Syllable], throat: _Throat, sample_rate: int, rng: np.random.Generator
) -> Signal:
    """``[frames]`` of one phrase; it begins `MARGIN` before its first note."""
    gesture = _gesture(syllables, throat, rng)
    rows = np.arange(int((len(gesture.level) - 1) * STEP * sample_rate)) / (STEP * sample_rate)
    steps = np.arange(len(gesture.level))
    semitones = np.interp(rows, steps, gesture.semitones)
    cycles = np.cumsum(440 / sample_rate * np.exp2((semitones - 69) / 12))
    sound = scan(wavetable(_spectra(gesture, throat, sample_rate)), cycles, rows)
    level = np.interp(rows, steps, gesture.level).astype(np.float32)
    loudness = np.sqrt((sound**2).sum() / max(float((level**2).sum()), 1e-9))
    air = filtered(noise(rng, len(sound)), "bandpass", (1500, 12000), sample_rate, 1)
    pulses = (1 + 0.6 * np.cos(2 * np.pi * cycles)).astype(np.float32)
    sound += np.float32(throat.breath * loudness) * level * pulses * air
    for syllable in syllables:
        if syllable.unvoiced is not None:
            burst, seconds = _burst(syllable.unvoiced, sample_rate, rng)
            place(sound, loudness * burst, int((syllable.begin - 0.8 * seconds) * sample_rate))
    return sound * edges(len(sound), 0.02 * sample_rate, 0.02 * sample_rate)


def _burst(kind: int, sample_rate: int, rng: np.random.Generator) -> tuple[Signal, float]:
    """An unvoiced consonant relative to a vowel's RMS of 1, and how long it lasts in s."""
    band, seconds, decibels = UNVOICED[kind]
    seconds *= rng.uniform(0.7, 1.3)
    frames = int(seconds * sample_rate)
    sound = filtered(noise(rng, frames), "bandpass", band, sample_rate)
    rise = 0.3 if seconds > 0.05 else 0.02  # plosives begin at once
    sound = sound * edges(frames, rise * frames, 0.5 * frames)
    gain = 10 ** ((decibels + rng.uniform(-3, 6)) / 20) / max(float(sound.std()), 1e-9)
    return np.float32(gain) * sound, seconds


def _take(
    part: Part, throat: _Throat, frames: int, sample_rate: int, rng: np.random.Generator
) -> Signal:
    """``[frames]``: the part sung once."""
    track = np.zeros(frames, np.float32)
    for notes in _phrases([note for note in part.notes if note.start * sample_rate < frames]):
        sound = _phrase(_syllables(notes, throat, rng), throat, sample_rate, rng)
        place(track, sound, round((notes[0].start - MARGIN) * sample_rate))
    return track


def _third_above(part: Part) -> Part:
    """The same melody a third higher, in the scale that its own notes suggest."""
    sung = {note.pitch % 12 for note in part.notes}

    def third(note: Note) -> Note:
        minor = (note.pitch + 3) % 12 in sung and (note.pitch + 4) % 12 not in sung
        return replace(note, pitch=note.pitch + (3 if minor else 4))

    return replace(part, notes=tuple(third(note) for note in part.notes))


def singer_track(part: Part, frames: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """``[2, frames]``: the part sung by a voice of its own, now and then doubled or harmonised."""
    if not part.notes:
        return np.zeros((2, frames), np.float32)
    throat = _draw_throat(rng, part)
    track = panned(_take(part, throat, frames, sample_rate, rng), 0)
    if rng.random() < 0.25:
        width, gain = rng.uniform(0.2, 1), 10 ** (rng.uniform(-12, -4) / 20)
        for side in (-1, 1):
            double = panned(_take(part, throat, frames, sample_rate, rng), side * width)
            place(track, np.float32(gain) * double, round(rng.uniform(0.004, 0.03) * sample_rate))
    if rng.random() < 0.2:
        higher = _take(_third_above(part), throat, frames, sample_rate, rng)
        gain = 10 ** (rng.uniform(-14, -6) / 20)
        track += np.float32(gain) * panned(higher, rng.uniform(-0.7, 0.7))
    return track
