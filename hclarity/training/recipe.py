"""Recipes: how a model is trained, as a TOML file beside its card. An unknown key is an error.

A recipe looks like this; the sections are told in `hclarity.training.sections` and
`hclarity.training.augmentations`::

    net = "hdemucs"
    arguments = { width = 16, depth = 5 }
    stems = ["drums", "bass", "other", "vocals"]
    sample_rate = 44100
    channels = 2
    seed = 0

    [data]
    crop_seconds = 3.0
    coherent = 0.5
    [augmentation]
    swap = 0.5
    [loss]
    name = "l1"
    [optimiser]
    name = "adam"
    learning_rate = 1e-3
    clip = 5.0
    [schedule]
    name = "cosine"
    warmup = 50
    [run]
    steps = 2000
    batch = 3
    [model]
    title = "Hybrid Demucs"

``extends = "../other/recipe.toml"`` begins with what another recipe says, table by table.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from hclarity.errors import ConfigurationError, UsageError
from hclarity.registry.cards import require_safe_name
from hclarity.registry.quoting import shown
from hclarity.registry.tables import (
    Key,
    Kind,
    keys_of,
    number,
    plain_table,
    read_toml,
    table,
    take,
    text,
)
from hclarity.registry.toml_text import toml_lines
from hclarity.training.augmentations import Augmentation, read_augmentation
from hclarity.training.sections import Data, Loss, Model, Optimiser, Run, Schedule

__all__ = ["Recipe", "differences", "read_recipe", "recipe_text"]

_LONGEST_CHAIN = 8  # recipes that extend each other


@dataclass(frozen=True)
class Recipe:
    """How a model is trained.

    Args:
        net: its kind, as in a model card.
        arguments: of the net.
        stems: their names, in the order of the net's output. ``accompaniment`` is what all others
            together leave of the song, ``no_vocals`` all but vocals.
        sample_rate: in Hz.
        channels: of the songs.
        data: where items come from.
        loss: what is made small.
        optimiser: how weights follow gradients.
        run: how long, and what is looked at on the way.
        seed: of the first weights and of every item.
        schedule: how the learning rate moves.
        augmentation: how one song becomes many.
        model: what the trained model's card says.
    """

    net: str
    arguments: Mapping[str, object]
    stems: tuple[str, ...]
    sample_rate: int
    channels: int
    data: Data
    loss: Loss
    optimiser: Optimiser
    run: Run
    seed: int = 0
    schedule: Schedule = field(default_factory=Schedule)
    augmentation: Augmentation = field(default_factory=Augmentation)
    model: Model = field(default_factory=Model)

    def __post_init__(self) -> None:
        for name in ("sample_rate", "channels"):
            if getattr(self, name) < 1:
                raise ConfigurationError(f"{name} must be above 0, got {getattr(self, name)}")
        if self.seed < 0:
            raise ConfigurationError(f"seed must be 0 or more, got {self.seed}")
        if not self.stems or len(set(self.stems)) != len(self.stems):
            raise ConfigurationError(
                f"stems must be named once each, got {shown(list(self.stems))}"
            )
        for stem in self.stems:  # which become parts of paths
            require_safe_name("a stem", stem)

    @property
    def crop(self) -> int:
        """Length of a training item in frames."""
        return max(1, round(self.data.crop_seconds * self.sample_rate))


def read_recipe(path: Path, overrides: Iterable[str] = ()) -> Recipe:
    """Read a recipe.

    Args:
        path: the TOML file.
        overrides: what shall stand instead, such as ``optimiser.learning_rate=3e-4``.

    Raises:
        MissingInputError: when it is not there or may not be read.
        ConfigurationError: for what no recipe may hold, naming the file and the nearest known key.
        UsageError: for an override without ``=``.
    """
    values = _extended(path, ())
    for override in overrides:
        _put(values, override)
    try:
        return _recipe(values)
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}") from error


def recipe_text(recipe: Recipe) -> str:
    """Return a recipe as TOML, with all that it left to be understood."""
    values = _plain(recipe)
    tables = {name: values.pop(name) for name in _SECTIONS}
    sections = [f"\n[{name}]\n{toml_lines(section)}" for name, section in tables.items()]
    return toml_lines(values) + "".join(sections)


def differences(recipe: Recipe, other: Recipe) -> list[str]:
    """Return the keys in which recipes differ, with both values: ``"run.batch is 4, was 3"``."""
    ours, theirs = (dict(_leaves(_plain(values))) for values in (recipe, other))
    return [
        f"{name} is {ours.get(name)!r}, was {theirs.get(name)!r}"
        for name in {**ours, **theirs}
        if ours.get(name) != theirs.get(name)
    ]


def _recipe(values: Mapping[str, object]) -> Recipe:
    kinds: dict[object, Kind] = {Mapping[str, object]: plain_table}
    kinds |= {each.type: _SECTIONS[each.name] for each in fields(Recipe) if each.name in _SECTIONS}
    return Recipe(**take(values, keys_of(Recipe, kinds)))


def _extended(path: Path, seen: tuple[Path, ...]) -> dict[str, object]:
    """The tables of a recipe over those of the one that it extends."""
    values = read_toml(path)
    if path.resolve() in seen:
        raise ConfigurationError(f"{path}: extends itself")
    if len(seen) == _LONGEST_CHAIN:
        raise ConfigurationError(f"{path}: extended by a chain of more than {_LONGEST_CHAIN}")
    base = values.pop("extends", None)
    if base is None:
        return values
    if not isinstance(base, str):
        raise ConfigurationError(f"{path}: extends must be a path, got {shown(base)}")
    return _merged(_extended(path.parent / base, (*seen, path.resolve())), values)


def _merged(base: Mapping[str, object], over: Mapping[str, object]) -> dict[str, object]:
    merged = dict(base)
    for name, value in over.items():
        below = merged.get(name)
        both = isinstance(below, dict) and isinstance(value, dict) and name in _SECTIONS
        merged[name] = _merged(below, value) if both else value  # type: ignore[arg-type]
    return merged


def _put(values: dict[str, object], override: str) -> None:
    """Let a word of the command line stand in its place of the tables."""
    name, equals, value = override.partition("=")
    if not equals or not name:
        raise UsageError(f"expected KEY=VALUE such as run.steps=100, got {override!r}")
    *path, last = name.strip().split(".")
    for part in path:
        inner = values.setdefault(part, {})
        if not isinstance(inner, dict):
            raise ConfigurationError(f"{part} is not a section, in {override!r}")
        values = inner
    values[last] = _value(value)


def _value(word: str) -> object:
    """What a word is in TOML; a text where it is nothing else."""
    try:
        return tomllib.loads(f"value = {word}")["value"]
    except tomllib.TOMLDecodeError:
        return word


_Section = TypeVar("_Section")


def _section(kind: type[_Section], name: str) -> Callable[[object], _Section]:
    def read(value: object) -> _Section:
        return kind(**take(table(value), keys_of(kind), f"{name}."))

    return read


def _loss(value: object) -> Loss:
    """A loss, of which only the parameters' names are not known here: its function tells them."""
    values = table(value)
    keys = {"name": Key(text), **{key: Key(_any_number) for key in values if key != "name"}}
    taken = take(values, keys, "loss.")
    return Loss(taken.pop("name"), taken)


def _any_number(value: object) -> float:
    """Take a number, a whole one as it is."""
    as_float = number(value)
    return value if isinstance(value, int) and as_float == value else as_float


_SECTIONS: Mapping[str, Kind] = {
    "data": _section(Data, "data"),
    "augmentation": lambda value: read_augmentation(table(value)),
    "loss": _loss,
    "optimiser": _section(Optimiser, "optimiser"),
    "schedule": _section(Schedule, "schedule"),
    "run": _section(Run, "run"),
    "model": _section(Model, "model"),
}


def _plain(recipe: Recipe) -> dict[str, Any]:
    """A recipe as tables, as `read_recipe` takes them."""
    values: dict[str, Any] = _without_none(asdict(recipe))
    loss = values["loss"]
    values["loss"] = {"name": loss["name"], **loss["parameters"]}
    return values


def _without_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    return value


def _leaves(values: Mapping[str, Any], where: str = "") -> Iterable[tuple[str, object]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{where}{name}.")
        else:
            yield f"{where}{name}", value
