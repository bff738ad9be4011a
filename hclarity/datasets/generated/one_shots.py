"""Drum kits put together from the CC0 one-shots of Sonic Pi, one sound a piece."""

from functools import cache
from pathlib import Path

import numpy as np

from hclarity.audio.reading import read_audio
from hclarity.audio.resampling import resample
from hclarity.audio.values import Samples
from hclarity.datasets.generated.casting import Casting, cast_from
from hclarity.datasets.generated.composition import (
    CLAP,
    CLOSED_HAT,
    CRASH,
    EXTRAS,
    KICK,
    OPEN_HAT,
    RIDE,
    RIM,
    SNARE,
    TOMS,
    Part,
)
from hclarity.datasets.generated.waveforms import edges, place
from hclarity.errors import UnavailableError

__all__ = ["play_one_shots", "require_one_shots"]

FOLDER = Path("/usr/share/sonic-pi/samples")
SOUNDS: dict[int, tuple[str, ...]] = {
    KICK: (
        "bd_808", "bd_ada", "bd_boom", "bd_fat", "bd_gas", "bd_haus", "bd_klub", "bd_mehackit",
        "bd_pure", "bd_sone", "bd_tek", "bd_zome", "bd_zum", "drum_bass_hard", "drum_bass_soft",
        "drum_heavy_kick", "elec_hollow_kick", "elec_soft_kick",
    ),
    SNARE: (
        "drum_snare_hard", "drum_snare_soft", "elec_hi_snare", "elec_lo_snare", "elec_mid_snare",
        "elec_snare", "elec_filt_snare", "sn_dolf", "sn_dub", "sn_generic", "sn_zome",
    ),
    CLAP: ("perc_snap", "perc_snap2", "elec_hi_snare", "sn_generic"),
    RIM: ("elec_wood", "elec_tick", "tabla_ke1", "elec_flip"),
    CLOSED_HAT: ("drum_cymbal_closed", "drum_cymbal_pedal", "elec_tick", "elec_cymbal"),
    OPEN_HAT: ("drum_cymbal_open", "elec_cymbal"),
    RIDE: ("drum_cymbal_soft", "drum_cymbal_hard"),
    CRASH: ("drum_splash_hard", "drum_splash_soft", "drum_cymbal_hard"),
    **{
        tom: (f"drum_tom_{name}_hard", f"drum_tom_{name}_soft", "elec_fuzz_tom")
        for tom, name in zip(TOMS, ("lo", "mid", "hi"), strict=True)
    },
    **dict(
        zip(
            EXTRAS,
            (("elec_triangle",), ("drum_cymbal_pedal",), ("drum_cowbell",), ("elec_wood",)),
            strict=True,
        )
    ),
}  # fmt: skip
HELD_OUT = frozenset({"bd_gas", "bd_tek", "drum_bass_soft", "sn_zome", "elec_lo_snare"})


@cache
def require_one_shots() -> Path:
    """Find the samples.

    Raises:
        UnavailableError: when they are missing; the message says how to install them.
    """
    if not FOLDER.is_dir():
        raise UnavailableError(
            f"drum one-shots are looked for in {FOLDER}; on Debian or Ubuntu:"
            " apt install sonic-pi-samples"
        )
    return FOLDER


@cache
def _sound(name: str, sample_rate: int) -> Samples:
    """``[frames]``, peaking at 1."""
    audio = resample(read_audio(require_one_shots() / f"{name}.flac"), sample_rate)
    sound = audio.samples.mean(axis=0)
    return np.asarray(sound / np.abs(sound).max(), np.float32)


def play_one_shots(
    part: Part,
    frames: int,
    sample_rate: int,
    rng: np.random.Generator,
    casting: Casting = "training",
) -> Samples:
    """Play a drum part on sounds drawn for its keys: ``[2, frames]``."""
    kit: dict[int, Samples] = {}
    track = np.zeros(frames, np.float32)
    for note in part.notes:
        if note.pitch not in kit:
            name = str(rng.choice(cast_from(SOUNDS[note.pitch], HELD_OUT, casting)))
            kit[note.pitch] = _tuned(_sound(name, sample_rate), rng)
        gain = np.float32(note.velocity**1.5)
        place(track, gain * kit[note.pitch], round(note.start * sample_rate))
    return np.stack([track, track])


def _tuned(sound: Samples, rng: np.random.Generator) -> Samples:
    """Played faster or slower, and perhaps shortened, as samplers do."""
    speed = 2 ** float(rng.normal(0, 0.15))
    points = np.arange(0, len(sound) - 1, speed)
    tuned = np.interp(points, np.arange(len(sound)), sound).astype(np.float32)
    tuned = tuned[: int(len(tuned) * rng.choice([0.4, 1, 1]))]
    return np.asarray(tuned * edges(len(tuned), 0, 0.3 * len(tuned)))
