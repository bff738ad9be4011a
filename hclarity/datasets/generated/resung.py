"""Spoken words re-sung on a melody with the WORLD vocoder.

A speech program says a few syllables; WORLD takes them apart into pitch, spectral envelope and
aperiodicity (M. Morise et al., "WORLD", IEICE Trans. 2016). Each note then gets one syllable: its
onset at natural speed, its vowel held for as long as the note lasts, its pitch from the score.
Every voice is one speaker at one formant scaling, so a few programs make many singers.
"""

import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from hclarity.audio.resampling import resample
from hclarity.audio.values import Audio, Samples
from hclarity.datasets.generated.composition import Note, Part
from hclarity.errors import UnavailableError

__all__ = ["require_speech", "sing"]

HOP_MS = 5.0
UTTERANCES = 3  # of each voice
SYLLABLES = (
    "la", "my", "no", "say", "low", "way", "day", "you", "me", "oh", "wonder", "river", "falling",
    "morning", "never", "away", "tonight", "over", "higher", "burning", "memory", "letting", "go",
    "shadow", "silver", "heart", "home", "time", "sea", "sky", "stay", "alone", "open", "moving",
    "summer", "feeling", "believe", "forever", "water", "dancing", "slow", "true", "find", "light",
)  # fmt: skip
FLITE_VOICES = ("slt", "rms", "awb", "kal16")
ESPEAK_VOICES = (
    "en+f2",
    "en+f4",
    "en+m1",
    "en+m3",
    "en+m7",
    "en-us+f3",
    "en-us+m5",
    "it+f1",
    "es+m2",
)


@dataclass(frozen=True)
class _Speech:
    """What WORLD found in an utterance, one row for every 5 ms."""

    sample_rate: int
    envelope: NDArray[np.float64]  # [rows, bins], power
    aperiodicity: NDArray[np.float64]  # [rows, bins]
    syllables: tuple[tuple[int, int, int], ...]  # rows: onset, start of the vowel, end


def require_speech() -> tuple[str, ...]:
    """Name every voice that can be had here, as ``program:voice``.

    Raises:
        UnavailableError: when there is none, or when pyworld is missing; says how to install it.
    """
    voices: list[str] = []
    if shutil.which("flite"):
        voices += [f"flite:{voice}" for voice in FLITE_VOICES]
    if shutil.which("espeak-ng"):
        voices += [f"espeak-ng:{voice}" for voice in ESPEAK_VOICES]
    if shutil.which("text2wave"):
        voices += ["text2wave:cmu_us_slt_arctic_hts"]
    if not voices:
        raise UnavailableError(
            "sung words need a speech program; on Debian or Ubuntu: apt install flite espeak-ng"
        )
    _world()
    return tuple(voices)


def sing(part: Part, frames: int, sample_rate: int, rng: np.random.Generator) -> Samples:
    """Sing a part with a voice drawn from ``rng``, now and then doubled: ``[2, frames]``."""
    voices = require_speech()
    voice = str(rng.choice(voices))
    speech = [_speech(voice, int(number)) for number in rng.permutation(UTTERANCES)[:2]]
    formants = float(rng.uniform(0.86, 1.2))
    lead = _take(part, frames, sample_rate, speech, formants, 0, rng)
    stereo = np.stack([lead, lead])
    doubling = rng.random()
    if doubling < 0.3:  # the same line again, a little apart, to both sides
        spread = float(rng.uniform(0.3, 0.8))
        for side in (0, 1):
            double = _take(part, frames, sample_rate, speech, formants, 0.1, rng)
            stereo[side] += spread * double
    elif doubling < 0.45:  # a harmony
        interval = int(rng.choice([-5, 3, 4, 7, 12]))
        upper = Part(part.style, tuple(_moved(note, interval) for note in part.notes))
        other = _take(upper, frames, sample_rate, speech, formants * 1.05, 0.05, rng)
        stereo += 0.5 * other * np.array([[0.6], [1.0]], np.float32)
    return stereo.astype(np.float32)


def _moved(note: Note, interval: int) -> Note:
    return Note(note.start, note.seconds, note.pitch + interval, note.velocity)


@cache
def _world() -> Any:
    try:
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            import pyworld  # which asks setuptools for its own version, the old way
    except ImportError as missing:
        raise UnavailableError(
            "sung words need pyworld: pip install 'hclarity[voices]'"
        ) from missing
    return pyworld


@cache
def _speech(voice: str, utterance: int) -> _Speech:
    """Have a voice say one of its utterances and analyse it."""
    words = np.random.default_rng(utterance).permutation(SYLLABLES)[:24]
    program, name = voice.split(":")
    with tempfile.TemporaryDirectory() as folder:
        wave = Path(folder) / "speech.wav"
        subprocess.run(
            **_SPEAKERS[program](name, ", ".join(words), wave), check=True, capture_output=True
        )
        samples, sample_rate = soundfile.read(wave, dtype="float64")
    samples = samples + 1e-6 * np.random.default_rng(0).standard_normal(len(samples))
    world = _world()
    pitch, times = world.dio(samples, sample_rate, f0_floor=60, f0_ceil=500, frame_period=HOP_MS)
    pitch = world.stonemask(samples, pitch, times, sample_rate)
    envelope = world.cheaptrick(samples, pitch, times, sample_rate)
    aperiodicity = world.d4c(samples, pitch, times, sample_rate)
    return _Speech(sample_rate, envelope, aperiodicity, _syllables(pitch))


def _flite(voice: str, text: str, wave: Path) -> dict[str, Any]:
    return {"args": ["flite", "-voice", voice, "-t", text, "-o", str(wave)]}


def _espeak(voice: str, text: str, wave: Path) -> dict[str, Any]:
    return {"args": ["espeak-ng", "-v", voice, "-s", "130", "-w", str(wave), text]}


def _festival(voice: str, text: str, wave: Path) -> dict[str, Any]:
    evaluate = f"(voice_{voice})"
    return {"args": ["text2wave", "-eval", evaluate, "-o", str(wave)], "input": text.encode()}


_SPEAKERS: dict[str, Callable[[str, str, Path], dict[str, Any]]] = {
    "flite": _flite,
    "espeak-ng": _espeak,
    "text2wave": _festival,
}


def _syllables(pitch: NDArray[np.float64]) -> tuple[tuple[int, int, int], ...]:
    """Cut at the voiced runs of at least 60 ms; up to 120 ms before each is its onset."""
    voiced = np.concatenate([[False], pitch > 0, [False]])
    edges = np.flatnonzero(np.diff(voiced.astype(int)))
    runs = [
        (start, end)
        for start, end in zip(edges[::2], edges[1::2], strict=True)
        if end - start >= 12
    ]
    found, before = [], 0
    for start, end in runs:
        found.append((max(before, start - 24), int(start), int(end)))
        before = end
    return tuple(found)


def _take(
    part: Part,
    frames: int,
    sample_rate: int,
    speech: list[_Speech],
    formants: float,
    looseness: float,
    rng: np.random.Generator,
) -> Samples:
    """One run through the part by one voice: ``[frames]``."""
    source = speech[int(rng.integers(len(speech)))]
    if not source.syllables or not part.notes:
        return np.zeros(frames, np.float32)
    rows = int(frames / sample_rate * 1000 / HOP_MS) + 1
    pitch = np.zeros(rows)
    effort = np.zeros(rows)
    index = np.zeros(rows, np.intp)
    for note in part.notes:
        _place(note, source, pitch, effort, index, looseness, rng)
    sung = effort > 0
    envelope = np.full((rows, source.envelope.shape[1]), 1e-12)
    envelope[sung] = _with_formants(source.envelope[index[sung]], formants)
    envelope[sung] *= effort[sung, None] ** 2
    aperiodicity = np.ones_like(envelope)
    aperiodicity[sung] = np.clip(source.aperiodicity[index[sung]], 1e-3, 1)
    wave = _world().synthesize(pitch, envelope, aperiodicity, source.sample_rate, HOP_MS)
    wave = resample(Audio(wave[None].astype(np.float32), source.sample_rate), sample_rate)
    take = np.zeros(frames, np.float32)
    length = min(frames, wave.frames)
    take[:length] = wave.samples[0, :length]
    return take + _air(take, source.sample_rate / 2, sample_rate, rng)


def _place(
    note: Note,
    source: _Speech,
    pitch: NDArray[np.float64],
    effort: NDArray[np.float64],
    index: NDArray[np.intp],
    looseness: float,
    rng: np.random.Generator,
) -> None:
    """Write one note into the rows of a take: a syllable, its pitch and its loudness."""
    start = int((note.start + looseness * 0.15 * rng.random()) * 1000 / HOP_MS)
    end = min(len(pitch), start + int(note.seconds * 1000 / HOP_MS))
    if end - start < 8:  # 40 ms: too short for a syllable
        return
    onset, vowel, last = source.syllables[int(rng.integers(len(source.syllables)))]
    onset_rows = min(vowel - onset, (end - start) // 2)
    held = np.linspace(vowel, last - 1, end - start - onset_rows)
    index[start:end] = np.concatenate([np.arange(vowel - onset_rows, vowel), held]).astype(np.intp)
    seconds = np.arange(end - start) * HOP_MS / 1000
    vibrato = np.clip((seconds - 0.25) / 0.3, 0, 1) * np.sin(
        2 * np.pi * rng.uniform(4.8, 6.2) * seconds
    )
    semitones = note.pitch + rng.uniform(0, 0.5) * vibrato
    semitones += looseness * rng.standard_normal() - rng.uniform(0, 2) * np.exp(-seconds / 0.04)
    semitones += 0.08 * np.convolve(rng.standard_normal(len(seconds)), np.ones(8) / 8, "same")
    curve = 440 * 2 ** ((semitones - 69) / 12)
    curve[:onset_rows] *= (np.arange(onset_rows) > onset_rows // 2) & (vowel - onset < 8)
    pitch[start:end] = curve
    fade = np.minimum(1, (np.arange(end - start)[::-1] + 1) / 8)
    effort[start:end] = note.velocity * fade


def _with_formants(envelope: NDArray[np.float64], scaling: float) -> NDArray[np.float64]:
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
