"""Recorded instruments: parts played by fluidsynth from General MIDI soundfonts.

The soundfonts are FluidR3 GM (MIT) and, where a player asks for it, MuseScore General (MIT, parts
CC0), whose licences let weights trained on their sound be shipped. fluidsynth runs as a program,
since its Python bindings need the same library and give nothing more for whole renderings.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import soundfile

from hclarity.audio.values import Samples
from hclarity.datasets.generated.casting import Casting, cast_from
from hclarity.datasets.generated.composition import Note, Part
from hclarity.errors import UnavailableError

__all__ = [
    "BASSES",
    "KITS",
    "Instrument",
    "accompanist",
    "play_bass",
    "render",
    "require_fluidsynth",
]

# Where Linux distributions and Homebrew put soundfonts.
FOLDERS = (
    "/usr/share/sounds/sf2",
    "/usr/share/sounds/sf3",
    "/usr/share/soundfonts",
    "/usr/local/share/soundfonts",
)
FLUID, MUSESCORE = "FluidR3_GM.sf2", "MuseScore_General.sf3"
PACKAGES = {FLUID: "fluid-soundfont-gm", MUSESCORE: "musescore-general-soundfont"}
TICKS_PER_SECOND = 960
TAIL = 1.0  # s of release after each take, cut off again
DRUM_CHANNEL = 9

# General MIDI programs (from 0). Styles as in `composition.STYLES`.
KITS = (0, 8, 16, 24, 25, 32, 40)
BASSES = (32, 33, 33, 34, 35, 36, 38, 39)
PLUCKED = (0, 1, 2, 4, 5, 6, 11, 15, 24, 25, 26, 27, 28, 104, 105, 106)
DRIVEN = (26, 27, 28, 29, 29, 30, 30)
SUSTAINED = (16, 17, 18, 19, 21, 48, 49, 50, 51, 61, 62, 63, 88, 89, 90, 91, 94)
LINES = (29, 30, 40, 42, 56, 57, 60, 64, 65, 66, 68, 71, 73, 75, 80, 81, 22)
PROGRAMS = {
    "strummed": (*PLUCKED, *DRIVEN),
    "arpeggio": PLUCKED,
    "sustained": SUSTAINED,
    "riff": (*PLUCKED, *DRIVEN, *LINES),
    "lead": (*LINES, *DRIVEN),
}
HELD_OUT = frozenset({1, 5, 19, 25, 28, 49, 57, 66, 68, 81, 90, 105})
HELD_OUT_BASSES = frozenset({34, 38})
HELD_OUT_KITS = frozenset({16, 24})


@dataclass(frozen=True)
class Instrument:
    """A General MIDI program (from 0) of a soundfont, or one of its drum kits."""

    program: int
    drums: bool = False
    soundfont: str = FLUID


def play_bass(
    part: Part,
    frames: int,
    sample_rate: int,
    rng: np.random.Generator,
    casting: Casting = "training",
) -> Samples:
    """Play a bass line on a recorded bass: ``[2, frames]``."""
    bass = Instrument(
        int(rng.choice(cast_from(BASSES, HELD_OUT_BASSES, casting))), soundfont=_soundfont(rng)
    )
    return np.asarray(render([(part.notes, bass)], frames, sample_rate)[0])


def accompanist(style: str, rng: np.random.Generator, casting: Casting) -> Instrument:
    """Draw an instrument that suits a style of accompaniment."""
    programs = cast_from(PROGRAMS[style], HELD_OUT, casting)
    return Instrument(int(rng.choice(programs)), soundfont=_soundfont(rng))


def _soundfont(rng: np.random.Generator) -> str:
    """Mostly the nearer to recorded instruments of the two, by measure, and the quicker."""
    return MUSESCORE if rng.random() < 0.3 else FLUID


@cache
def require_fluidsynth(soundfont: str = FLUID) -> tuple[str, Path]:
    """Find the program and a soundfont.

    Raises:
        UnavailableError: when one of them is missing; the message says how to install it.
    """
    program = shutil.which("fluidsynth")
    found = next((f for f in (Path(p) / soundfont for p in FOLDERS) if f.is_file()), None)
    if program is None or found is None:
        missing = "fluidsynth" if program is None else f"the soundfont {soundfont}"
        raise UnavailableError(
            f"recorded instruments need {missing}; on Debian or Ubuntu:"
            f" apt install fluidsynth {PACKAGES[soundfont]}"
        )
    return program, found


def render(
    takes: Sequence[tuple[Sequence[Note], Instrument]], frames: int, sample_rate: int
) -> Samples:
    """Play several takes, each on its own instrument: ``[takes, 2, frames]``.

    They are played one after the other by one run of the program for each soundfont, since reading
    a soundfont takes longer than playing from it.
    """
    played = np.zeros((len(takes), 2, frames), np.float32)
    for soundfont in sorted({instrument.soundfont for _, instrument in takes}):
        numbers = [i for i, (_, player) in enumerate(takes) if player.soundfont == soundfont]
        spacing = frames / sample_rate + TAIL
        midi = _midi_file([takes[i] for i in numbers], frames / sample_rate, spacing)
        samples = _run(midi, soundfont, sample_rate)
        for place, number in enumerate(numbers):
            start = round(place * spacing * sample_rate)
            take = samples[:, start : start + frames]
            played[number, :, : take.shape[1]] = take
    return played


def _run(midi: bytes, soundfont: str, sample_rate: int) -> Samples:
    fluidsynth, path = require_fluidsynth(soundfont)
    with tempfile.TemporaryDirectory() as folder:
        score, wave = Path(folder) / "part.mid", Path(folder) / "part.wav"
        score.write_bytes(midi)
        command = [
            fluidsynth, "-ni", "-q", "-R", "0", "-C", "0", "-g", "0.4", "-r", str(sample_rate),
            "-o", "synth.dynamic-sample-loading=1", "-o", "synth.polyphony=256",
            "-T", "wav", "-O", "float", "-F", str(wave), str(path), str(score),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or not wave.is_file():
            raise UnavailableError(f"fluidsynth failed: {done.stderr.strip()[-200:]}")
        samples, _ = soundfile.read(wave, dtype="float32", always_2d=True)
    return np.asarray(samples.T, np.float32)


def _midi_file(
    takes: Sequence[tuple[Sequence[Note], Instrument]], seconds: float, spacing: float
) -> bytes:
    """A Standard MIDI File (format 0) of takes of ``seconds``, one begun every ``spacing`` s.

    A quarter note lasts a second.

    Source: Standard MIDI Files 1.0, MIDI Manufacturers Association.
    """
    events: list[tuple[int, bytes]] = [(0, b"\xff\x51\x03" + (1_000_000).to_bytes(3, "big"))]
    for number, (notes, instrument) in enumerate(takes):
        channel = DRUM_CHANNEL if instrument.drums else 0
        begin, end = number * spacing, number * spacing + seconds
        events += _take_events(notes, instrument.program, channel, begin, end)
    track = b""
    now = 0
    for when, message in sorted(events, key=lambda event: event[0]):
        track += _variable_length(when - now) + message
        now = when
    track += b"\x00\xff\x2f\x00"
    header = (
        b"MThd" + (6).to_bytes(4, "big") + bytes((0, 0, 0, 1)) + TICKS_PER_SECOND.to_bytes(2, "big")
    )
    return header + b"MTrk" + len(track).to_bytes(4, "big") + track


def _take_events(
    notes: Sequence[Note], program: int, channel: int, begin: float, end: float
) -> list[tuple[int, bytes]]:
    """The messages of one take, in ticks; all its notes have ended by ``end`` s."""
    events = [(_ticks(begin), bytes((0xC0 | channel, program)))]
    for note in notes:
        if begin + note.start >= end:
            continue
        start = _ticks(begin + note.start)
        stop = max(_ticks(min(begin + note.start + note.seconds, end)), start + 1)
        velocity = max(1, round(127 * min(note.velocity, 1)))
        events.append((start, bytes((0x90 | channel, note.pitch, velocity))))
        events.append((stop, bytes((0x80 | channel, note.pitch, 0))))
    all_sound_off = bytes((0xB0 | channel, 120, 0))
    return [*events, (_ticks(end + TAIL / 2), all_sound_off)]


def _ticks(seconds: float) -> int:
    return round(seconds * TICKS_PER_SECOND)


def _variable_length(number: int) -> bytes:
    """Seven bits a byte, the high bit set on all but the last."""
    groups = [number & 0x7F]
    while number := number >> 7:
        groups.append(0x80 | (number & 0x7F))
    return bytes(reversed(groups))
