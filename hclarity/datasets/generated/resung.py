"""Sing a melody with a voice that was analysed in `speech`.

Each note gets one syllable: its onset at natural speed, its vowel held for as long as the note
lasts, its pitch from the score; some notes carry the syllable of the note before (melisma), and
spoken lines keep the melody of speech. How a singer slides, drifts, presses, breathes and
shouts is drawn once for every take, so a few speakers make many singers.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hclarity.audio.resampling import resample
from hclarity.audio.values import Audio, Samples
from hclarity.datasets.generated.casting import Casting
from hclarity.datasets.generated.composition import Note, Part
from hclarity.datasets.generated.speech import HOP_MS, Speech, draw_speech, world
from hclarity.datasets.generated.waveforms import drawn

__all__ = ["sing"]

ROW = HOP_MS / 1000  # s
LEGATO = 0.06  # s between two notes up to which they are one breath
SHORTEST = 8  # rows: shorter notes are left out

Curve = NDArray[np.float64]


@dataclass(frozen=True)
class _Manner:
    """How one singer sings one song; pitches in semitones, times in s."""

    formants: float  # factor: 0.8 a giant .. 1.25 a child
    tilt: float  # dB an octave above 500 Hz: above 0 belted, below 0 soft
    breath: float  # 0..1, how much of the voice is air
    roughness: float  # of the pitch, from cycle to cycle
    glide: float
    scoop: float  # how far below a phrase begins
    drift: float
    vibrato: float
    vibrato_hz: float
    melisma: float  # probability that a note carries on the syllable before
    inhaling: float  # probability of a breath before a phrase
    spoken: bool


def _draw_manner(style: str, rng: np.random.Generator) -> _Manner:
    belted = style == "belted"
    tuned = rng.random() < 0.15  # by a machine: no slides, no drift
    return _Manner(
        formants=float(rng.uniform(0.82, 1.22)),
        tilt=float(rng.uniform(1, 5) if belted else rng.uniform(-4, 2)),
        breath=0.0 if belted else float(rng.choice([0, 0, 0.1, 0.3, 0.6])),
        roughness=float(rng.choice([0, 0, 0.05, 0.3])) * (2 if belted else 1),
        glide=0.01 if tuned else drawn(rng, 0.02, 0.1),
        scoop=0.0 if tuned else float(rng.uniform(0, 3)),
        drift=0.0 if tuned else float(rng.uniform(0.05, 0.35)),
        vibrato=0.0 if tuned else float(rng.choice([0, 0.15, 0.3, 0.5, 0.8])),
        vibrato_hz=float(rng.uniform(4.6, 6.6)),
        melisma=float(rng.choice([0, 0.1, 0.2, 0.4])),
        inhaling=float(rng.choice([0, 0.3, 0.8])),
        spoken=style == "spoken",
    )


def sing(
    part: Part,
    frames: int,
    sample_rate: int,
    rng: np.random.Generator,
    casting: Casting = "training",
) -> Samples:
    """Sing a part with a voice drawn from ``rng``, now and then doubled: ``[2, frames]``."""
    speech = draw_speech(rng, casting)
    manner = _draw_manner(part.style, rng)
    lead = _take(part, frames, sample_rate, speech, manner, rng)
    stereo = np.stack([lead, lead])
    doubling = rng.random()
    if doubling < 0.25:  # the same line again, a little apart, to both sides
        gain = 10 ** (rng.uniform(-12, -2) / 20)
        for side in (0, 1):
            double = _take(_loosened(part, rng), frames, sample_rate, speech, manner, rng)
            stereo[side] += gain * double
    elif doubling < 0.45:  # a harmony, by this singer or another
        if rng.random() < 0.5:
            speech = draw_speech(rng, casting)
        upper = _harmony(part, int(rng.choice([-5, -3, 3, 4, 7, 12])))
        other = _take(_loosened(upper, rng), frames, sample_rate, speech, manner, rng)
        sides = rng.uniform(0.2, 1.0, (2, 1)).astype(np.float32)
        stereo += float(rng.uniform(0.3, 0.8)) * sides * other
    return np.asarray(stereo, np.float32)


def _loosened(part: Part, rng: np.random.Generator) -> Part:
    """The same notes, each up to some hundredths of a second off."""
    return replace(
        part,
        notes=tuple(
            replace(note, start=max(0.0, note.start + 0.02 * rng.standard_normal()))
            for note in part.notes
        ),
    )


def _harmony(part: Part, interval: int) -> Part:
    """The line moved by an interval, bent to the notes that the melody itself uses."""
    sung = {note.pitch % 12 for note in part.notes}

    def moved(note: Note) -> Note:
        aims = (note.pitch + interval + bend for bend in (0, 1, -1, 2, -2))
        pitch = next((aim for aim in aims if aim % 12 in sung), note.pitch + interval)
        return replace(note, pitch=pitch)

    return replace(part, notes=tuple(moved(note) for note in part.notes))


@dataclass(frozen=True)
class _Rows:
    """What the voice does, one value every `HOP_MS`."""

    semitones: Curve  # MIDI numbers
    effort: Curve  # amplitude; 0: silent
    index: NDArray[np.intp]  # the row of the speech that sounds
    voiced: NDArray[np.bool_]


def _take(
    part: Part,
    frames: int,
    sample_rate: int,
    speech: Speech,
    manner: _Manner,
    rng: np.random.Generator,
) -> Samples:
    """One run through the part by one voice: ``[frames]``."""
    take = np.zeros(frames, np.float32)
    if not part.notes:
        return take
    rows = _rows(part, int(frames / sample_rate / ROW) + 1, speech, manner, rng)
    sung = rows.effort > 0
    hertz = np.linspace(0, speech.sample_rate / 2, speech.envelope.shape[1])
    envelope = np.full((len(sung), len(hertz)), 1e-12)
    coloured = _with_formants(speech.envelope[rows.index[sung]], manner.formants)
    coloured *= 10 ** (manner.tilt * np.log2(np.maximum(hertz, 250) / 500) / 10)
    # A louder note is a brighter one.
    effort = rows.effort[sung, None]
    bright = np.clip(np.log2(np.maximum(hertz, 250) / 500), 0, 4)
    envelope[sung] = coloured * effort**2 * effort ** (0.6 * bright)
    aperiodicity = np.ones_like(envelope)
    air = manner.breath * np.clip(hertz / 4000, 0.1, 1)
    aperiodicity[sung] = np.clip(speech.aperiodicity[rows.index[sung]] + air, 1e-3, 1)
    pitch = np.where(rows.voiced, 440 * 2 ** ((rows.semitones - 69) / 12), 0.0)
    wave = world().synthesize(pitch, envelope, aperiodicity, speech.sample_rate, HOP_MS)
    sound = resample(Audio(wave[None].astype(np.float32), speech.sample_rate), sample_rate)
    length = min(frames, sound.frames)
    take[:length] = sound.samples[0, :length]
    take += _air(take, speech.sample_rate / 2, sample_rate, rng)
    return take + _breaths(part, take, sample_rate, manner, rng)


def _rows(
    part: Part, count: int, speech: Speech, manner: _Manner, rng: np.random.Generator
) -> _Rows:
    rows = _Rows(
        np.zeros(count), np.zeros(count), np.zeros(count, np.intp), np.zeros(count, np.bool_)
    )
    before: Note | None = None
    for note in part.notes:
        follows = before is not None and note.start - before.start - before.seconds < LEGATO
        origin = before.pitch if before is not None and follows else note.pitch - manner.scoop
        start = round(note.start / ROW)
        end = min(count, start + round(note.seconds / ROW))
        if end - start < SHORTEST:
            continue
        slurred = follows and rng.random() < manner.melisma and rows.effort[start - 1] > 0
        _write_syllable(rows, slice(start, end), speech, slurred, note.velocity, rng)
        _write_pitch(rows, slice(start, end), speech, manner, (origin, note.pitch), rng)
        before = note
    return rows


def _write_syllable(
    rows: _Rows,
    span: slice,
    speech: Speech,
    slurred: bool,
    velocity: float,
    rng: np.random.Generator,
) -> None:
    """Choose what is sung, and stretch it over the note: consonants little, the vowel freely."""
    count = span.stop - span.start
    if slurred:
        onset, vowel, last = 0, 0, 1
        rows.index[span] = rows.index[span.start - 1]
        rows.voiced[span] = True
    else:
        onset, vowel, last = speech.syllables[int(rng.integers(len(speech.syllables)))]
        lead = min(vowel - onset, count // 3)
        rows.index[span] = np.concatenate(
            [np.arange(vowel - lead, vowel), _held(vowel, last, count - lead, rng)]
        )
        rows.voiced[span] = np.arange(count) >= lead
    position = np.arange(count)
    fade = np.minimum(1, (count - position) / min(10, count / 3))
    swell = 1 + rng.uniform(-0.4, 0.3) * position / count
    shimmer = 1 + 0.05 * rng.standard_normal(count)
    rows.effort[span] = velocity * fade * np.maximum(swell * shimmer, 0.1)


def _held(first: int, last: int, count: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Rows of a vowel that lasts ``count`` rows: its ends as spoken, its middle wandering."""
    spoken = last - first
    if count <= spoken:
        return np.linspace(first, last - 1, count).astype(np.intp)
    edge = spoken // 3
    middle = count - 2 * edge
    wander = np.cumsum(rng.standard_normal(middle))
    wander = (wander - wander.min()) / (np.ptp(wander) + 1e-9)
    line = np.linspace(0, 1, middle)
    inner = first + edge + (0.6 * line + 0.4 * wander) * max(spoken - 2 * edge - 1, 0)
    return np.concatenate(
        [np.arange(first, first + edge), inner, np.arange(last - edge, last)]
    ).astype(np.intp)


def _write_pitch(
    rows: _Rows,
    span: slice,
    speech: Speech,
    manner: _Manner,
    interval: tuple[float, float],
    rng: np.random.Generator,
) -> None:
    """Slide from one pitch to the next, then sway, drift and shake around it."""
    origin, aim = interval
    seconds = ROW * np.arange(span.stop - span.start)
    if manner.spoken:
        told = 12 * np.log2(speech.pitch[rows.index[span]])
        curve = aim + 1.3 * (told - told.mean())
    else:
        curve = aim + (origin - aim) * np.exp(-seconds / manner.glide)
    late = np.clip((seconds - 0.2) / 0.3, 0, 1)
    curve += manner.vibrato * late * np.sin(2 * np.pi * manner.vibrato_hz * seconds)
    steps = rng.standard_normal(len(seconds))
    curve += manner.drift * np.convolve(steps, np.hanning(40) / 4.5, "same")[: len(seconds)]
    curve += manner.roughness * rng.standard_normal(len(seconds))
    rows.semitones[span] = curve


def _with_formants(envelope: Curve, scaling: float) -> Curve:
    """Move every resonance of a power envelope ``[rows, bins]`` up or down by a factor."""
    bins = envelope.shape[1]
    source = np.clip(np.arange(bins) / scaling, 0, bins - 1)
    below = np.minimum(source.astype(np.intp), bins - 2)
    share = source - below
    return np.asarray(envelope[:, below] * (1 - share) + envelope[:, below + 1] * share)


def _air(take: Samples, edge: float, sample_rate: int, rng: np.random.Generator) -> Samples:
    """Breath above the speech program's bandwidth, as loud as what lies just below the edge."""
    spectrum = np.fft.rfft(take)
    hertz = np.fft.rfftfreq(len(take), 1 / sample_rate)
    band = (hertz > 0.45 * edge) & (hertz < 0.9 * edge)
    upper = np.fft.irfft(spectrum * band, len(take))
    loudness = np.sqrt(np.convolve(upper**2, np.ones(441) / 441, "same") + 1e-12)
    noise = np.fft.rfft(loudness * rng.standard_normal(len(take)))
    noise *= (hertz > 0.85 * edge) * np.exp(-np.maximum(0, hertz - edge) / 6000)
    return (rng.uniform(0.3, 1.0) * np.fft.irfft(noise, len(take))).astype(np.float32)


def _breaths(
    part: Part, take: Samples, sample_rate: int, manner: _Manner, rng: np.random.Generator
) -> Samples:
    """The singer breathing in before some phrases."""
    breaths = np.zeros_like(take)
    level = float(take.std()) * 10 ** (rng.uniform(-18, -6) / 20)
    length = int(0.35 * sample_rate)
    window = np.hanning(2 * length)[:length] ** 2 * np.float32(level)
    end = 0.0
    for note in part.notes:
        start = round((note.start - 0.38) * sample_rate)
        if note.start - end > 0.4 and rng.random() < manner.inhaling and start >= 0:
            stop = min(start + length, len(breaths))
            inhaled = np.convolve(rng.standard_normal(length), np.ones(3) / 1.7, "same")
            inhaled = np.diff(inhaled, prepend=0.0)
            breaths[start:stop] += (window * inhaled)[: stop - start].astype(np.float32)
        end = note.start + note.seconds
    return breaths
