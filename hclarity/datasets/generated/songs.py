"""A whole generated song: composed, played, mixed.

Two tiers. ``synthetic`` needs nothing but numpy and scipy. ``rich`` is made as `productions` tells:
recorded instruments beside synthetic ones, voices re-sung, a mixing desk.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np

from hclarity.audio.values import Samples, Stems
from hclarity.datasets.generated import instruments
from hclarity.datasets.generated.casting import Casting
from hclarity.datasets.generated.composition import Part, Score, compose
from hclarity.datasets.generated.effects import random_chain
from hclarity.datasets.generated.levelling import PEAK, Fader, active_level
from hclarity.datasets.generated.productions import produce

__all__ = ["SAMPLE_RATE", "STEMS", "Tier", "generate_song"]

Tier = Literal["synthetic", "rich"]
Player = Callable[[Part, int, int, np.random.Generator], Samples]

STEMS = ("drums", "bass", "other", "vocals")
SAMPLE_RATE = 44100
PLAYERS: dict[str, Player] = {
    "drums": instruments.play_drums,
    "bass": instruments.play_bass,
    "other": instruments.play_accompaniment,
    "vocals": instruments.sing,
}
FADERS = {
    "drums": Fader(0.0, 3.5, -10.0, 8.0),
    "bass": Fader(0.0, 3.5, -10.0, 8.0),
    "other": Fader(-1.5, 4.0, -11.5, 6.5),
    "vocals": Fader(1.0, 3.5, -9.0, 9.0),
}


def generate_song(
    seed: int, seconds: float, tier: Tier = "synthetic", casting: Casting = "training"
) -> Stems:
    """Make a song with true stems; the mixture is their exact sum.

    Args:
        seed: the song's number: the same seed, length and tier give the same samples.
        seconds: its length.
        tier: ``synthetic`` (numpy alone) or ``rich`` (recorded instruments, re-sung speech).
        casting: of the rich tier: ``held-out`` songs have voices and instruments that
            ``training`` songs never have.

    Returns:
        Drums, bass, other, vocals: ``[4, 2, frames]`` at 44.1 kHz, the mixture peaking at -1 dBFS.

    Raises:
        UnavailableError: when the rich tier's programs are missing; says how to install them.
    """
    rng = np.random.default_rng((seed, 0 if tier == "synthetic" else 1))
    if tier == "rich":
        stems = produce(rng, seconds, SAMPLE_RATE, casting)
    else:
        frames = round(seconds * SAMPLE_RATE)
        score = compose(rng, seconds)
        stems = np.stack([_stem(name, score, frames, rng) for name in STEMS])
    peak = float(np.abs(stems.sum(axis=0)).max())
    return Stems(STEMS, (stems * (PEAK / max(peak, 1e-6))).astype(np.float32), SAMPLE_RATE)


def _stem(name: str, score: Score, frames: int, rng: np.random.Generator) -> Samples:
    """Play, process and level one stem: ``[2, frames]``."""
    parts = {"drums": (score.drums,), "bass": (score.bass,), "vocals": (score.vocals,)}
    samples = np.zeros((2, frames), np.float32)
    for part in parts.get(name, score.other):
        rng.random()  # a draw that nothing needs any more; without it all seeds would change
        player = PLAYERS[name]
        take = random_chain(player(part, frames, SAMPLE_RATE, rng), SAMPLE_RATE, name, rng)
        samples += take / active_level(take, SAMPLE_RATE) * 10 ** (rng.normal(0, 2) / 20)
    return FADERS[name].level(samples, SAMPLE_RATE, rng)
