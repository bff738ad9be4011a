"""What speech programs say and a singing program sings, taken apart by the WORLD vocoder.

Free speech programs (flite, festival, espeak-ng) say a few words; Sinsy, a singer of the HMM kind
(K. Oura et al., "Recent development of the HMM-based singing voice synthesis system", SSW7 2010),
sings a few syllables with the voice of NIT SONG070 F001 (CC BY 3.0). WORLD (M. Morise et al.,
IEICE Trans. 2016) takes them apart into pitch, spectral envelope and aperiodicity.
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
from numpy.typing import NDArray

from hclarity.audio.reading import read_audio
from hclarity.audio.resampling import resample
from hclarity.audio.values import Audio
from hclarity.datasets.generated.casting import Casting, cast_from
from hclarity.errors import UnavailableError

__all__ = ["HOP_MS", "Speech", "draw_speech", "require_speech", "world"]

HOP_MS = 5.0
UTTERANCES = 2  # of each voice
SYLLABLES = (
    "la", "my", "no", "say", "low", "way", "day", "you", "me", "oh", "wonder", "river", "falling",
    "morning", "never", "away", "tonight", "over", "higher", "burning", "memory", "letting", "go",
    "shadow", "silver", "heart", "home", "time", "sea", "sky", "stay", "alone", "open", "moving",
    "summer", "feeling", "believe", "forever", "water", "dancing", "slow", "true", "find", "light",
)  # fmt: skip
KANA = tuple("あいうえおかさたなはまやらわでばりも")
LOWEST_SUNG = {"low": 60, "middle": 64, "high": 69}  # MIDI, of an octave
VOICES = {
    "flite": ("slt", "rms", "awb", "kal16"),
    "text2wave": ("cmu_us_slt_arctic_hts",),
    "sinsy": tuple(LOWEST_SUNG),
    "espeak-ng": (
        "en+f2", "en+f4", "en+m1", "en+m3", "en+m7", "en-us+f3", "en-us+m5", "it+f1", "es+m2",
        "en-gb-scotland+m2", "en-us+f5", "de+f2", "fr+m4", "pt-br+f1", "sv+m6", "en+steph",
    ),
}  # fmt: skip
# How often each program is taken.
SHARES = {"flite": 0.35, "text2wave": 0.15, "sinsy": 0.25, "espeak-ng": 0.25}
HELD_OUT = frozenset({"rms", "middle", "en+f4", "en-us+m5", "es+m2", "fr+m4", "en+steph"})
PROGRAMS = {"flite": "flite", "text2wave": "festival festvox-us-slt-hts", "espeak-ng": "espeak-ng"}
HIGHEST_RATE = 24000  # of an analysis, Hz: above it there is breath alone, added later


@dataclass(frozen=True)
class Speech:
    """What WORLD found in an utterance, one row for every `HOP_MS`."""

    sample_rate: int
    pitch: NDArray[np.float64]  # [rows], Hz, interpolated where there is none
    envelope: NDArray[np.float64]  # [rows, bins], power
    aperiodicity: NDArray[np.float64]  # [rows, bins]
    syllables: tuple[tuple[int, int, int], ...]  # rows: onset, start of the vowel, end


@cache
def require_speech() -> None:
    """Look for every program and package that voices are made with.

    Raises:
        UnavailableError: when one is missing; says how to install it.
    """
    missing = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    if missing:
        raise UnavailableError(
            "sung words need speech programs; on Debian or Ubuntu: apt install " + " ".join(missing)
        )
    world()
    _sinsy()


def draw_speech(rng: np.random.Generator, casting: Casting) -> Speech:
    """Draw one utterance of one voice."""
    require_speech()
    program = str(rng.choice(list(SHARES), p=list(SHARES.values())))
    voices = cast_from(VOICES[program], HELD_OUT, casting)
    return _analysed(program, str(rng.choice(voices)), int(rng.integers(UTTERANCES)))


@cache
def world() -> Any:
    """The vocoder.

    Raises:
        UnavailableError: when it is not installed.
    """
    return _imported("pyworld")


@cache
def _sinsy() -> Any:
    return _imported("pysinsy")


def _imported(name: str) -> Any:
    try:
        with warnings.catch_warnings(action="ignore"):
            return __import__(name)  # which asks setuptools for its own version, the old way
    except ImportError as missing:
        raise UnavailableError(
            f"sung words need {name}: pip install 'hclarity[voices]'"
        ) from missing


@cache
def _analysed(program: str, voice: str, utterance: int) -> Speech:
    """Have a voice say or sing one of its utterances, and analyse it."""
    spoken = _SPEAKERS[program](voice, utterance)
    rate = min(spoken.sample_rate, HIGHEST_RATE)
    samples = resample(spoken, rate).samples[0].astype(np.float64)
    samples += 1e-6 * np.random.default_rng(0).standard_normal(len(samples))
    vocoder = world()
    pitch, times = vocoder.dio(samples, rate, f0_floor=60, f0_ceil=900, frame_period=HOP_MS)
    pitch = vocoder.stonemask(samples, pitch, times, rate)
    envelope = vocoder.cheaptrick(samples, pitch, times, rate)
    aperiodicity = vocoder.d4c(samples, pitch, times, rate)
    syllables = _syllables(pitch)
    level = np.mean([envelope[vowel:end].mean() for _, vowel, end in syllables])
    voiced = np.flatnonzero(pitch > 0)
    smooth = np.interp(np.arange(len(pitch)), voiced, pitch[voiced])
    return Speech(rate, smooth, envelope / level, aperiodicity, syllables)


def _words(utterance: int) -> str:
    return ", ".join(np.random.default_rng(utterance).permutation(SYLLABLES)[:24])


def _flite(voice: str, utterance: int) -> Audio:
    return _said(lambda wave: ["flite", "-voice", voice, "-t", _words(utterance), "-o", wave])


def _espeak(voice: str, utterance: int) -> Audio:
    return _said(
        lambda wave: ["espeak-ng", "-v", voice, "-s", "130", "-w", wave, _words(utterance)]
    )


def _festival(voice: str, utterance: int) -> Audio:
    return _said(
        lambda wave: ["text2wave", "-eval", f"(voice_{voice})", "-o", wave], _words(utterance)
    )


def _said(command: Callable[[str], list[str]], text: str = "") -> Audio:
    with tempfile.TemporaryDirectory() as folder:
        wave = Path(folder) / "speech.wav"
        words = command(str(wave))
        done = subprocess.run(words, input=text.encode(), capture_output=True, check=False)
        if done.returncode or not wave.is_file():
            said = done.stderr.decode(errors="replace").strip()[-200:]
            raise UnavailableError(f"{words[0]} failed: {said or 'it made no sound'}")
        return read_audio(wave)


def _sung(voice: str, utterance: int) -> Audio:
    rng = np.random.default_rng(utterance)
    pitches = LOWEST_SUNG[voice] + rng.integers(0, 12, len(KANA))
    with tempfile.TemporaryDirectory() as folder:
        score = Path(folder) / "score.xml"
        score.write_text(_music_xml(rng.permutation(KANA).tolist(), pitches.tolist()), "utf-8")
        samples, rate = _sinsy().synthesize(str(score))
    return Audio((samples[None] / np.abs(samples).max()).astype(np.float32), int(rate))


def _music_xml(kana: list[str], pitches: list[int]) -> str:
    """A score in MusicXML 2.0: a syllable on each note, short rests between."""
    steps = ("C", "C", "D", "D", "E", "F", "F", "G", "G", "A", "A", "B")
    rest = "<note><rest/><duration>1</duration><type>16th</type></note>"
    notes = "<note><rest/><duration>4</duration><type>quarter</type></note>"
    for syllable, pitch in zip(kana, pitches, strict=True):
        sharp = int(pitch % 12 in (1, 3, 6, 8, 10))
        notes += (
            f"<note><pitch><step>{steps[pitch % 12]}</step><alter>{sharp}</alter>"
            f"<octave>{pitch // 12 - 1}</octave></pitch><duration>3</duration><type>eighth</type>"
            f"<lyric><syllabic>single</syllabic><text>{syllable}</text></lyric></note>{rest}"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><score-partwise version="2.0"><part-list>'
        '<score-part id="P1"><part-name>voice</part-name></score-part></part-list><part id="P1">'
        '<measure number="1"><attributes><divisions>4</divisions><key><fifths>0</fifths></key>'
        f"<time><beats>{len(kana) + 1}</beats><beat-type>4</beat-type></time><clef><sign>G</sign>"
        f'<line>2</line></clef></attributes><sound tempo="100"/>{notes}</measure></part>'
        "</score-partwise>"
    )


_SPEAKERS: dict[str, Callable[[str, int], Audio]] = {
    "flite": _flite,
    "espeak-ng": _espeak,
    "text2wave": _festival,
    "sinsy": _sung,
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
