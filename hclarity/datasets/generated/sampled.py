"""Recorded instruments: a part played by fluidsynth from a General MIDI soundfont.

The soundfont is FluidR3 GM, whose MIT licence lets weights trained on its sound be shipped, and
which measures nearest to recorded instruments among the free ones. fluidsynth runs as a program,
since its Python bindings need the same library and give nothing more for whole renderings.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import soundfile

from hclarity.audio.values import Samples
from hclarity.datasets.generated.composition import Note, Part
from hclarity.errors import UnavailableError

__all__ = ["play_accompaniment", "play_bass", "play_drums", "require_fluidsynth"]

# Where Linux distributions and Homebrew put soundfonts.
FOLDERS = ("/usr/share/sounds/sf2", "/usr/share/soundfonts", "/usr/local/share/soundfonts")
SOUNDFONT = "FluidR3_GM.sf2"
TICKS_PER_SECOND = 960
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


def play_drums(part: Part, frames: int, sample_rate: int, rng: np.random.Generator) -> Samples:
    """Play a drum part on a recorded kit: ``[2, frames]``."""
    return _play(part, int(rng.choice(KITS)), DRUM_CHANNEL, frames, sample_rate)


def play_bass(part: Part, frames: int, sample_rate: int, rng: np.random.Generator) -> Samples:
    """Play a bass line on a recorded bass: ``[2, frames]``."""
    return _play(part, int(rng.choice(BASSES)), 0, frames, sample_rate)


def play_accompaniment(
    part: Part, frames: int, sample_rate: int, rng: np.random.Generator
) -> Samples:
    """Play an accompanying part on an instrument that suits its style: ``[2, frames]``."""
    return _play(part, int(rng.choice(PROGRAMS[part.style])), 0, frames, sample_rate)


@cache
def require_fluidsynth() -> tuple[str, Path]:
    """Find the program and the soundfont.

    Raises:
        UnavailableError: when one of them is missing; the message says how to install it.
    """
    program = shutil.which("fluidsynth")
    soundfont = next((f for f in (Path(p) / SOUNDFONT for p in FOLDERS) if f.is_file()), None)
    if program is None or soundfont is None:
        missing = "fluidsynth" if program is None else f"the soundfont {SOUNDFONT}"
        raise UnavailableError(
            f"recorded instruments need {missing}; on Debian or Ubuntu:"
            " apt install fluidsynth fluid-soundfont-gm"
        )
    return program, soundfont


def _play(part: Part, program: int, channel: int, frames: int, sample_rate: int) -> Samples:
    fluidsynth, soundfont = require_fluidsynth()
    with tempfile.TemporaryDirectory() as folder:
        midi, wave = Path(folder) / "part.mid", Path(folder) / "part.wav"
        midi.write_bytes(_midi_file(part.notes, program, channel))
        command = [
            fluidsynth, "-ni", "-q", "-R", "0", "-C", "0", "-g", "0.4", "-r", str(sample_rate),
            "-T", "wav", "-O", "float", "-F", str(wave), str(soundfont), str(midi),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or not wave.is_file():
            raise UnavailableError(f"fluidsynth failed: {done.stderr.strip()[-200:]}")
        samples, _ = soundfile.read(wave, dtype="float32", always_2d=True)
    played = np.zeros((2, frames), np.float32)
    length = min(frames, len(samples))
    played[:, :length] = samples[:length].T
    return played


def _midi_file(notes: Sequence[Note], program: int, channel: int) -> bytes:
    """A Standard MIDI File (format 0) in which a quarter note lasts a second.

    Source: Standard MIDI Files 1.0, MIDI Manufacturers Association.
    """
    events: list[tuple[int, bytes]] = [
        (0, b"\xff\x51\x03" + (1_000_000).to_bytes(3, "big")),
        (0, bytes((0xC0 | channel, program))),
    ]
    for note in notes:
        start = round(note.start * TICKS_PER_SECOND)
        end = round((note.start + note.seconds) * TICKS_PER_SECOND)
        events.append(
            (start, bytes((0x90 | channel, note.pitch, max(1, round(127 * note.velocity)))))
        )
        events.append((max(end, start + 1), bytes((0x80 | channel, note.pitch, 0))))
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


def _variable_length(number: int) -> bytes:
    """Seven bits a byte, the high bit set on all but the last."""
    groups = [number & 0x7F]
    while number := number >> 7:
        groups.append(0x80 | (number & 0x7F))
    return bytes(reversed(groups))
