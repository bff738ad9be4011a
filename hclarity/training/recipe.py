"""Recipes: how a model is trained, as a TOML file beside its card. An unknown key is an error."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from hclarity.errors import ConfigurationError
from hclarity.registry.tables import Key, number, read_toml, table, take, text, texts, whole

__all__ = ["Recipe", "read_recipe"]


@dataclass(frozen=True)
class Recipe:
    """How a model is trained.

    Args:
        net: its kind, as in a model card.
        arguments: of the net.
        stems: their names, in the order of the net's output.
        sample_rate: in Hz.
        channels: of the songs.
        crop_seconds: length of a training item.
        batch: items in a step.
        steps: how many steps.
        learning_rate: of Adam, on its plateau.
        warmup: steps over which the learning rate rises to it.
        cooldown: last steps, over which it falls.
        clip: largest norm of the gradient.
        averaging: decay of the exponential moving average of the weights, which are what is kept.
        precision: ``fp32`` or ``bf16`` (the net's convolutions; transforms and loss stay fp32).
        seed: of the first weights and of every item.
    """

    net: str
    arguments: Mapping[str, object]
    stems: tuple[str, ...]
    sample_rate: int
    channels: int
    crop_seconds: float
    batch: int
    steps: int
    learning_rate: float
    warmup: int
    cooldown: int
    clip: float
    averaging: float
    precision: str
    seed: int

    def __post_init__(self) -> None:
        for name in (
            "sample_rate",
            "channels",
            "crop_seconds",
            "batch",
            "steps",
            "learning_rate",
            "clip",
        ):
            if not getattr(self, name) > 0:
                raise ConfigurationError(f"{name} must be above 0, got {getattr(self, name)}")
        if not 0 <= self.averaging < 1:
            raise ConfigurationError(f"averaging must be from 0 to below 1, got {self.averaging}")
        if self.precision not in ("fp32", "bf16"):
            raise ConfigurationError(f"precision must be fp32 or bf16, got {self.precision!r}")

    @property
    def crop(self) -> int:
        """Length of a training item in frames."""
        return round(self.crop_seconds * self.sample_rate)


_KINDS = {
    str: text,
    int: whole,
    float: number,
    Mapping[str, object]: table,
    tuple[str, ...]: texts,
}


def read_recipe(path: Path) -> Recipe:
    """Read a recipe.

    Raises:
        MissingInputError: when it is not there or may not be read.
        ConfigurationError: for what no recipe may hold, naming the file and the nearest known key.
    """
    keys = {field.name: Key(_KINDS[field.type]) for field in fields(Recipe)}  # type: ignore[index]
    try:
        return Recipe(**take(read_toml(path), keys))
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}") from error
