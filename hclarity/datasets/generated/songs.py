"""A whole generated song: composed, played, mixed.

Two tiers. ``synthetic`` needs nothing but numpy and scipy. ``rich`` also plays recorded
instruments (fluidsynth) and re-sings spoken words (WORLD), and draws for every part which
kind of player it gets, so that neither world is all a net ever hears.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np

from hclarity.audio.values import Samples, Stems
from hclarity.datasets.generated import instruments, resung, sampled
from hclarity.datasets.generated.composition import Part, Score, compose
from hclarity.datasets.generated.effects import random_chain

__all__ = ["SAMPLE_RATE", "STEMS", "Tier", "generate_song"]

Tier = Literal["synthetic", "rich"]
Player = Callable[[Part, int, int, np.random.Generator], Samples]

STEMS = ("drums", "bass", "other", "vocals")
SAMPLE_RATE = 44100
# How often the rich tier takes the recorded player instead of the synthetic one.
RECORDED = {"drums": 0.7, "bass": 0.7, "other": 0.8, "vocals": 0.7}
# Level of each stem in the mixture, dB: mean and standard deviation.
BALANCE = {"drums": (0, 3.5), "bass": (0, 3.5), "other": (-1.5, 4), "vocals": (1, 3.5)}


def generate_song(seed: int, seconds: float, tier: Tier = "synthetic") -> Stems:
    """Make a song with true stems; the mixture is their exact sum.

    Args:
        seed: the song's number: the same seed, length and tier give the same samples.
        seconds: its length.
        tier: ``synthetic`` (numpy alone) or ``rich`` (recorded instruments, re-sung speech).

    Returns:
        Drums, bass, other, vocals: ``[4, 2, frames]`` at 44.1 kHz, the mixture peaking at -1 dBFS.

    Raises:
        UnavailableError: when the rich tier's programs are missing; says how to install them.
    """
    rng = np.random.default_rng((seed, 0 if tier == "synthetic" else 1))
    frames = round(seconds * SAMPLE_RATE)
    score = compose(rng, seconds)
    stems = np.stack([_stem(name, score, frames, tier, rng) for name in STEMS])
    peak = float(np.abs(stems.sum(axis=0)).max())
    return Stems(STEMS, (stems * (0.89 / max(peak, 1e-6))).astype(np.float32), SAMPLE_RATE)


def _stem(name: str, score: Score, frames: int, tier: Tier, rng: np.random.Generator) -> Samples:
    """Play, process and level one stem: ``[2, frames]``."""
    parts = {"drums": (score.drums,), "bass": (score.bass,), "vocals": (score.vocals,)}
    samples = np.zeros((2, frames), np.float32)
    for part in parts.get(name, score.other):
        player = _player(name, tier, rng)
        take = random_chain(player(part, frames, SAMPLE_RATE, rng), SAMPLE_RATE, name, rng)
        samples += take / _active_level(take) * 10 ** (rng.normal(0, 2) / 20)
    mean, spread = BALANCE[name]
    level = 10 ** (np.clip(rng.normal(mean, spread), mean - 10, mean + 8) / 20)
    return np.asarray(level * samples / _active_level(samples), np.float32)


def _player(name: str, tier: Tier, rng: np.random.Generator) -> Player:
    """Draw who plays a part."""
    recorded = rng.random() < RECORDED[name] and tier == "rich"
    players: dict[str, tuple[Player, Player]] = {
        "drums": (instruments.play_drums, sampled.play_drums),
        "bass": (instruments.play_bass, sampled.play_bass),
        "other": (instruments.play_accompaniment, sampled.play_accompaniment),
        "vocals": (instruments.sing, resung.sing),
    }
    return players[name][recorded]


def _active_level(samples: Samples) -> float:
    """RMS over the tenths of a second in which something sounds."""
    step = SAMPLE_RATE // 10
    blocks = samples.shape[1] // step
    if blocks == 0:
        return 1.0
    energy = (samples[:, : blocks * step] ** 2).reshape(2, blocks, step).mean(axis=(0, 2))
    active = energy[energy > 1e-3 * energy.max()]
    return float(np.sqrt(active.mean())) if active.size else 1.0
