"""A whole generated piece for strings or woodwinds: composed, played, placed in a room.

The synthetic tier plays it with `orchestra`, the rich one with recorded instruments.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from hclarity.audio.values import Samples, Stems
from hclarity.datasets.generated import sampled
from hclarity.datasets.generated.casting import Casting
from hclarity.datasets.generated.composition import Part
from hclarity.datasets.generated.counterpoint import compose_ensemble
from hclarity.datasets.generated.effects import reverberate, set_width
from hclarity.datasets.generated.levelling import PEAK
from hclarity.datasets.generated.orchestra import orchestral_track
from hclarity.datasets.generated.songs import SAMPLE_RATE, Tier

__all__ = ["Family", "generate_ensemble"]

Family = Literal["strings", "woodwinds"]

QUARTET = ("Violin_1", "Violin_2", "Viola", "Cello")
WINDS = ("Flute", "Oboe", "Clarinet", "Sax", "Bassoon")  # from the highest to the lowest
# General MIDI programs, from 0.
PROGRAMS = {
    "violin": 40, "viola": 41, "cello": 42,
    "flute": 73, "clarinet": 71, "oboe": 68, "sax": 65, "bassoon": 70,
}  # fmt: skip


def generate_ensemble(
    seed: int,
    seconds: float,
    family: Family,
    tier: Tier = "synthetic",
    casting: Casting = "training",
) -> Stems:
    """Make a piece with true stems: a string quartet, or two to five woodwinds.

    Args:
        seed: the piece's number: the same seed, length, family and tier give the same samples.
        seconds: its length.
        family: who plays.
        tier: ``synthetic`` (numpy alone) or ``rich`` (recorded instruments).
        casting: of the rich tier: ``held-out`` pieces are played on instruments that ``training``
            pieces never have.

    Returns:
        A stem for each player, named as in EnsembleSet (``Violin_1``, ``Cello``, …):
        ``[players, 2, frames]`` at 44.1 kHz, the mixture peaking at -1 dBFS.

    Raises:
        UnavailableError: when the rich tier's program is missing; says how to install it.
    """
    rng = np.random.default_rng((seed, 2 if tier == "synthetic" else 3, family == "woodwinds"))
    names = QUARTET if family == "strings" else _some_winds(rng)
    frames = round(seconds * SAMPLE_RATE)
    parts = compose_ensemble(rng, seconds, [name.partition("_")[0].lower() for name in names])
    played = _recorded(parts, frames, casting) if tier == "rich" else _synthetic(parts, frames, rng)
    stems = _in_a_room(played, rng)
    peak = float(np.abs(stems.sum(axis=0)).max())
    return Stems(names, (stems * (PEAK / max(peak, 1e-6))).astype(np.float32), SAMPLE_RATE)


def _some_winds(rng: np.random.Generator) -> tuple[str, ...]:
    """Two to five of them, in the order of their registers."""
    chosen = set(rng.choice(WINDS, int(rng.integers(2, 6)), replace=False))
    return tuple(name for name in WINDS if name in chosen)


def _recorded(parts: Sequence[Part], frames: int, casting: Casting) -> list[Samples]:
    soundfont = sampled.FLUID if casting == "training" else sampled.MUSESCORE
    takes = [
        (part.notes, sampled.Instrument(PROGRAMS[part.style], soundfont=soundfont))
        for part in parts
    ]
    return list(sampled.render(takes, frames, SAMPLE_RATE))


def _synthetic(parts: Sequence[Part], frames: int, rng: np.random.Generator) -> list[Samples]:
    return [np.stack([orchestral_track(part, frames, SAMPLE_RATE, rng)] * 2) for part in parts]


def _in_a_room(played: Sequence[Samples], rng: np.random.Generator) -> Samples:
    """Seat everyone from side to side, at about one level: ``[players, 2, frames]``."""
    seconds, wet = float(rng.uniform(0.6, 2.5)), float(rng.uniform(0.1, 0.5))
    seats = np.linspace(-0.6, 0.6, len(played)) * rng.choice([-1, 1])
    placed = []
    for dry, seat in zip(played, seats, strict=True):
        level = np.float32(10 ** (rng.normal(0, 2) / 20) / (np.sqrt(np.mean(dry**2)) + 1e-9))
        heard = set_width(dry * level, 0.5, float(seat))
        placed.append(reverberate(heard, SAMPLE_RATE, seconds, wet, rng))
    return np.stack(placed)
