"""Augmentations as values: what a recipe asks for, and what is drawn of it for one item.

Everything is drawn from the item's own generator, in numpy, so that item number ``i`` of a training
is the same whenever and wherever it is made. `hclarity.training.augmenting` does with a batch what
was drawn here, on the device that learns.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from hclarity.errors import ConfigurationError
from hclarity.registry.quoting import shown
from hclarity.registry.spelling import did_you_mean
from hclarity.registry.tables import Kind, keys_of, pair, table, take

__all__ = [
    "Augmentation",
    "Drawn",
    "Equaliser",
    "Gain",
    "Presence",
    "Repitch",
    "draw",
    "frames_read",
    "read_augmentation",
]

Drawn = dict[str, NDArray[Any]]
"""What was drawn for one item, as `draw` tells; the same names and shapes for every item."""

Pair = tuple[float, float]
Section = TypeVar("Section")

_LEVELS = ("deviation", "peak", "none")
_LAWS: Mapping[str, Callable[[np.random.Generator, float, float], float]] = {
    "normal-db": lambda rng, mean, deviation: 10 ** (rng.normal(mean, deviation) / 20),
    "uniform-db": lambda rng, low, high: 10 ** (rng.uniform(low, high) / 20),
    "uniform": lambda rng, low, high: rng.uniform(low, high),
}


@dataclass(frozen=True)
class Gain:
    """How loud the stems become, each by itself.

    Args:
        law: ``normal-db`` of a mean and a deviation in dB, ``uniform-db`` between two gains in dB,
            or ``uniform`` between two factors.
        of: those two numbers.
        stems: others for the stems of these names.
    """

    law: str
    of: Pair
    stems: Mapping[str, Pair] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _require_known("gain.law", self.law, _LAWS)
        for first, second in (self.of, *self.stems.values()):
            if second < (0 if self.law == "normal-db" else first):
                raise ConfigurationError(
                    f"gain.of must be a mean and a deviation, or the lowest and the highest, got"
                    f" {[first, second]}"
                )


@dataclass(frozen=True)
class Equaliser:
    """Bells on a logarithmic frequency axis, for every stem; it keeps its level.

    Args:
        bells: how many.
        deviation_db: of their gains, which are normal around 0 dB.
        hz: between which their centres are, uniform in octaves.
        octaves: between which their widths are: one standard deviation of the bell.
    """

    bells: int = 2
    deviation_db: float = 3.0
    hz: Pair = (64.0, 11585.24)  # 2^6 and 2^13.5
    octaves: Pair = (0.3, 1.5)

    def __post_init__(self) -> None:
        _require_rising("equaliser.hz", self.hz)
        _require_rising("equaliser.octaves", self.octaves)
        if self.bells < 1 or self.deviation_db < 0:
            raise ConfigurationError(
                "equaliser.bells must be 1 or more and equaliser.deviation_db 0 or more, got"
                f" {self.bells} and {self.deviation_db}"
            )


@dataclass(frozen=True)
class Presence:
    """One bell of a stem that lifts what real recordings of it have; the stem keeps its level.

    Args:
        share: of the items that get it.
        hz: between which its centre is, uniform.
        db: between which its gain is, uniform.
        octaves: its width: one standard deviation of the bell.
    """

    share: float
    hz: Pair
    db: Pair
    octaves: float = 0.7

    def __post_init__(self) -> None:
        _require_shares(presence=self.share)
        _require_rising("presence.hz", self.hz)
        if self.db[1] < self.db[0] or not self.octaves > 0:
            raise ConfigurationError(
                "presence.db must be the lowest and the highest gain and presence.octaves above 0,"
                f" got {list(self.db)} and {self.octaves}"
            )


@dataclass(frozen=True)
class Repitch:
    """Another pitch and tempo, as Demucs has it (A. Défossez, 2021).

    Args:
        share: of the stems, or of the items, that get it.
        semitones: the most that the pitch moves, up or down, in whole semitones; uniform.
        tempo_deviation: of the change of tempo, which is normal around 0; 0.05 is 5 %.
        tempo_most: the most that the tempo changes.
        together: all stems of an item move alike, for where they belong to one song.
    """

    share: float = 0.2
    semitones: int = 2
    tempo_deviation: float = 0.05
    tempo_most: float = 0.12
    together: bool = False

    def __post_init__(self) -> None:
        _require_shares(repitch=self.share)
        if self.semitones < 0 or self.tempo_deviation < 0 or not 0 <= self.tempo_most < 1:
            raise ConfigurationError(
                "repitch.semitones and repitch.tempo_deviation must be 0 or more and"
                f" repitch.tempo_most from 0 to below 1, got {self.semitones},"
                f" {self.tempo_deviation} and {self.tempo_most}"
            )


@dataclass(frozen=True)
class Augmentation:
    """What makes many mixtures of few songs. All is off by default but the level.

    Args:
        repitch: another pitch and tempo.
        mono: share of the stems that are folded to the middle.
        equaliser: another colour.
        presence: a bell for the stems of these names, beside those of the equaliser.
        swap: share of the stems whose channels change places, each stem by itself.
        swap_all: share of the items whose every stem's channels change places.
        gain: another loudness.
        sign: share of the stems that are turned upside down.
        silence: share of the stems that are left out; never all of an item.
        level: what the mixture is brought to in the end, with its stems: a ``deviation`` of 1, over
            channels and frames; a ``peak`` of 1; or ``none``.
    """

    repitch: Repitch | None = None
    mono: float = 0.0
    equaliser: Equaliser | None = None
    presence: Mapping[str, Presence] = field(default_factory=dict)
    swap: float = 0.0
    swap_all: float = 0.0
    gain: Gain | None = None
    sign: float = 0.0
    silence: float = 0.0
    level: str = "deviation"

    def __post_init__(self) -> None:
        _require_shares(
            mono=self.mono,
            swap=self.swap,
            swap_all=self.swap_all,
            sign=self.sign,
            silence=self.silence,
        )
        _require_known("level", self.level, _LEVELS)


def frames_read(augmentation: Augmentation, crop: int) -> int:
    """Return how many frames of the stems an item of ``crop`` frames is made from.

    They are more where the tempo may rise.
    """
    repitch = augmentation.repitch
    return ceil(crop * (1 + repitch.tempo_most)) if repitch else crop


def draw(augmentation: Augmentation, stems: Sequence[str], rng: np.random.Generator) -> Drawn:
    """Draw what is done to one item.

    Args:
        augmentation: what the recipe asks for.
        stems: names of the item's stems, in their order.
        rng: the item's own generator.

    Returns:
        Of what is on, in the order in which it is done:

        * ``semitones`` int64 and ``tempo`` float32 (a factor), each ``[stems]``;
        * ``mono`` bool ``[stems]``;
        * ``bells`` float32 ``[stems, bells, 3]``: centre in octaves above 1 Hz, width in octaves,
          and gain in dB;
        * ``swap`` bool ``[stems]``;
        * ``gain`` float32 ``[stems]``, a factor, with the sign and the silence.
    """
    drawn: Drawn = {}
    if augmentation.repitch:
        drawn["semitones"], drawn["tempo"] = _repitch(augmentation.repitch, len(stems), rng)
    if augmentation.mono:
        drawn["mono"] = rng.random(len(stems)) < augmentation.mono
    if augmentation.equaliser or augmentation.presence:
        drawn["bells"] = np.array([_bells(augmentation, stem, rng) for stem in stems], np.float32)
    if augmentation.swap or augmentation.swap_all:
        alone = rng.random(len(stems)) < augmentation.swap
        drawn["swap"] = alone ^ (rng.random() < augmentation.swap_all)
    if augmentation.gain or augmentation.sign or augmentation.silence:
        drawn["gain"] = _gain(augmentation, stems, rng)
    return drawn


def _repitch(
    repitch: Repitch, stems: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Semitones and tempo of each stem; 0 and 1 for those that stay as they are."""
    draws = 1 if repitch.together else stems
    chosen = rng.random(draws) < repitch.share
    semitones = rng.integers(-repitch.semitones, repitch.semitones, draws, endpoint=True)
    most = repitch.tempo_most
    change = rng.normal(0, repitch.tempo_deviation, draws).clip(-most, most)
    return (
        np.broadcast_to(semitones * chosen, stems).copy(),
        np.broadcast_to(1 + change * chosen, stems).astype(np.float32),
    )


def _bells(
    augmentation: Augmentation, stem: str, rng: np.random.Generator
) -> list[tuple[float, float, float]]:
    """Every bell of a stem: centre in octaves above 1 Hz, width in octaves, gain in dB."""
    bells = []
    if presence := augmentation.presence.get(stem):
        chosen = rng.random() < presence.share
        centre, gain = np.log2(rng.uniform(*presence.hz)), rng.uniform(*presence.db)
        bells.append((centre, presence.octaves, gain if chosen else 0.0))
    elif augmentation.presence:
        bells.append((0.0, 1.0, 0.0))  # so that all stems have as many
    if equaliser := augmentation.equaliser:
        for _ in range(equaliser.bells):
            centre = rng.uniform(*np.log2(equaliser.hz))
            width = rng.uniform(*equaliser.octaves)
            bells.append((centre, width, rng.normal(0, equaliser.deviation_db)))
    return bells


def _gain(
    augmentation: Augmentation, stems: Sequence[str], rng: np.random.Generator
) -> NDArray[np.float32]:
    gains = np.ones(len(stems), np.float32)
    if gain := augmentation.gain:
        law = _LAWS[gain.law]
        gains[:] = [law(rng, *gain.stems.get(stem, gain.of)) for stem in stems]
    if augmentation.sign:
        gains[rng.random(len(stems)) < augmentation.sign] *= -1
    if augmentation.silence:
        silent = rng.random(len(stems)) < augmentation.silence
        gains[silent & ~silent.all()] = 0
    return gains


def read_augmentation(values: Mapping[str, object]) -> Augmentation:
    """Read a recipe's table of augmentations.

    Raises:
        ConfigurationError: for an unknown key, naming the nearest known one, or a value that
            cannot be.

    >>> read_augmentation({"sign": 0.5, "gain": {"law": "uniform", "of": [0.25, 1.25]}}).gain
    Gain(law='uniform', of=(0.25, 1.25), stems={})
    """
    return _section(Augmentation, "augmentation.")(values)


def _section(of: type[Section], where: str) -> Callable[[object], Section]:
    """Return what reads a table as a value, of which the fields say what the table holds."""

    def read(values: object) -> Section:
        further: dict[object, Kind] = {
            Gain | None: _section(Gain, "augmentation.gain."),
            Equaliser | None: _section(Equaliser, "augmentation.equaliser."),
            Repitch | None: _section(Repitch, "augmentation.repitch."),
            Mapping[str, Presence]: _presences,
            Mapping[str, Pair]: _pairs,
        }
        return of(**take(table(values), keys_of(of, further), where))

    return read


def _presences(value: object) -> dict[str, Presence]:
    return {
        stem: _section(Presence, f"augmentation.presence.{stem}.")(told)
        for stem, told in table(value).items()
    }


def _pairs(value: object) -> dict[str, Pair]:
    return {stem: pair(told) for stem, told in table(value).items()}


def _require_shares(**shares: float) -> None:
    for name, share in shares.items():
        if not 0 <= share <= 1:
            raise ConfigurationError(f"{name} must be a share from 0 to 1, got {share}")


def _require_rising(name: str, pair: Pair) -> None:
    low, high = pair
    if not 0 < low <= high:
        raise ConfigurationError(
            f"{name} must be the lowest and the highest, above 0, got {list(pair)}"
        )


def _require_known(name: str, value: str, known: Mapping[str, object] | Sequence[str]) -> None:
    if value not in known:
        raise ConfigurationError(
            f"{name} must be {' or '.join(known)}, got {shown(value)}{did_you_mean(value, known)}"
        )
