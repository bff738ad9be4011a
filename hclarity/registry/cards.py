"""Model cards: how a net wants to be spoken to, and where its weights come from.

A model is a folder that holds ``card.toml``; the folder's name is the model's name, so copying a
folder is all it takes to publish a model under a new one. A card looks like this::

    title = "Hybrid Demucs"
    description = "What it does, in a sentence."
    net = "hdemucs"
    stems = ["drums", "bass", "other", "vocals"]
    sample_rate = 44100                # Hz
    channels = 2
    chunk_seconds = 10.0               # what the net hears at once
    overlap = 0.25                     # the part of it that the next chunk hears again
    stride = 2048                      # frames: the coarsest step in which the net sees time
    level = "deviation"                # to which songs are brought first; or "peak", "-40 LUFS"

    [weights.bundled]                  # and, or, [weights.official]
    file = "weights.safetensors"       # beside the card, or under this name in the cache
    sha256 = "64 hexadecimal digits"   # or "none published"
    bytes = 12345                      # may be left out where there is a url or a page
    licence = "MIT"
    trained_on = ["what the training heard, in words"]
    seen = ["musdb/train"]             # DATASET/SUBSET that a fair test must not use
    url = "https://..."                # optional: where the file is fetched from
    page = "https://..."               # optional: where a person finds it, if there is no url
    page_path = "folder/weights.pt"    # optional: which it is of all that is found there
    arguments = { width = 16 }         # optional: of the net; each variant has its own
    contract = { stride = 1024 }       # optional: what is otherwise than above with these weights
    scores = { usdr_vocals = 5.0 }     # optional: dB, or the unit that the name says

Where nobody has published a digest, that of the first file that comes is remembered beside it and
checked ever after. An unknown key is an error that names the nearest known one.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, cast

from hclarity.errors import ConfigurationError
from hclarity.registry.portable_names import is_portable
from hclarity.registry.quoting import shown
from hclarity.registry.tables import (
    Key,
    WrongKindError,
    number,
    plain_table,
    read_toml,
    table,
    take,
    text,
    texts,
    whole,
)

__all__ = [
    "CARD_FILE",
    "NONE_PUBLISHED",
    "Argument",
    "Contract",
    "ModelCard",
    "Variant",
    "Weights",
    "read_card",
    "require_safe_name",
]

CARD_FILE = "card.toml"
NONE_PUBLISHED = "none published"

Argument = str | int | float | bool
Variant = Literal["official", "bundled"]

# Stem and file names become parts of paths, and a card may come from a stranger.
_SAFE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}")
_URL = re.compile(r"https?://[A-Za-z0-9.:-]+/[!-~]+")
_LEVEL = re.compile(r"deviation|peak|(-?[0-9]+(?:\.[0-9]+)?) LUFS")
# Nothing that is heard needs more, and memory must be found for all of it.
_MOST_STEMS, _MOST_CHANNELS, _HIGHEST_RATE = 64, 64, 384_000
_LOUDNESSES = (
    -70.0,
    0.0,
)  # LUFS: the absolute gate of BS.1770, and full scale


@dataclass(frozen=True)
class Contract:
    """How a net wants to be spoken to.

    Args:
        stems: their names, in the order of the net's output.
        sample_rate: in Hz.
        channels: of the mixture and of each stem.
        chunk_seconds: what the net is given at once.
        overlap: the fraction of a chunk that the next one hears again, from 0 to below 1.
        stride: frames in the coarsest step in which the net sees time. Moved by whole strides, a
            net says the same of the same sound; moved by anything else, it does not quite. So
            `chunk` and `hop` are rounded to whole strides.
        level: to which a song is brought before the net hears it: ``deviation`` (its mean is taken
            off and it is divided by its standard deviation, as Demucs does), ``peak`` (divided by
            its highest peak), or a loudness such as ``-40 LUFS``, from -70 to 0.

    Raises:
        ConfigurationError: for a value that no net can live with.
    """

    stems: tuple[str, ...]
    sample_rate: int
    channels: int
    chunk_seconds: float
    overlap: float
    stride: int
    level: str

    def __post_init__(self) -> None:
        # Some file systems do not tell capitals from small letters.
        if not self.stems or len({stem.lower() for stem in self.stems}) != len(self.stems):
            raise ConfigurationError(
                f"stems must be named once each, got {shown(list(self.stems))}"
            )
        for stem in self.stems:
            require_safe_name("a stem", stem)
        _require_whole("stems", len(self.stems), _MOST_STEMS)
        _require_whole("sample_rate", self.sample_rate, _HIGHEST_RATE, "Hz")
        _require_whole("channels", self.channels, _MOST_CHANNELS)
        _require_whole("stride", self.stride, _HIGHEST_RATE, "frames")
        if not 0 < self.chunk_seconds <= 3600:
            raise ConfigurationError(
                f"chunk_seconds must be above 0 s and at most an hour, got {self.chunk_seconds}"
            )
        if not 0 <= self.overlap < 1:
            raise ConfigurationError(f"overlap must be from 0 to below 1, got {self.overlap}")
        _require_level(self.level)

    @property
    def chunk(self) -> int:
        """How many frames the net is given at once: whole strides, one or more."""
        return max(1, round(self.chunk_seconds * self.sample_rate / self.stride)) * self.stride

    @property
    def hop(self) -> int:
        """How many frames a chunk moves on: whole strides, one or more."""
        return max(1, int(self.chunk * (1 - self.overlap)) // self.stride) * self.stride


@dataclass(frozen=True)
class Weights:
    """One set of weights for a model's net, and what must be known about it.

    Args:
        file: its name, beside the card or in the cache.
        sha256: of the file, in hexadecimal, or `NONE_PUBLISHED`.
        licence: of the weights, which is not always that of the code.
        trained_on: what the training heard, in words.
        seen: ``DATASET/SUBSET`` of which the songs are known to it: no fair test may use them.
        bytes: the size of the file; None where nobody has published it.
        url: where the file is fetched from when it is not there; empty if nowhere.
        page: where a person finds it; empty if nowhere.
        page_path: which file it is of those that are found there; empty where it is the only one.
        arguments: with which the net is built.
        contract: fields of `Contract` that are otherwise with these weights than the card says.
        scores: what was measured, by name.

    Raises:
        ConfigurationError: for a digest, size, name or URL that cannot be.
    """

    file: str
    sha256: str
    licence: str
    trained_on: tuple[str, ...]
    seen: tuple[str, ...]
    bytes: int | None = None
    url: str = ""
    page: str = ""
    page_path: str = ""
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    contract: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_safe_name("file", self.file)
        if not re.fullmatch(f"[0-9a-f]{{64}}|{NONE_PUBLISHED}", self.sha256):
            raise ConfigurationError(
                "sha256 must be 64 hexadecimal digits in lower case,"
                f' or "{NONE_PUBLISHED}", got {shown(self.sha256)}'
            )
        if self.bytes is not None and self.bytes <= 0:
            raise ConfigurationError(f"bytes must be above 0, got {self.bytes}")
        for key, address in {"url": self.url, "page": self.page}.items():
            if address and not _URL.fullmatch(address):
                raise ConfigurationError(
                    f"{key} must be https://HOST/PATH (or http), got {shown(address)}"
                )
        for name in self.page_path.split("/") if self.page_path else ():
            require_safe_name("page_path", name)
        known = self.bytes is not None and self.sha256 != NONE_PUBLISHED
        if not (known or self.url or self.page):
            raise ConfigurationError(
                "bytes and sha256 must be known of a file that has neither url nor page"
            )


@dataclass(frozen=True)
class ModelCard(Contract):
    """A model: its contract, and all that is known of its net and weights.

    Args:
        name: what the user calls it.
        title: one line for people.
        description: a sentence or two.
        net: the name of the architecture.
        weights: ``official``, ``bundled``, or both.
        folder: where the card lies, and the weights that come with it.
        **contract: as for `Contract`.

    Raises:
        ConfigurationError: for what `Contract` refuses, or when there are no weights.
    """

    name: str
    title: str
    description: str
    net: str
    weights: Mapping[Variant, Weights]
    folder: Path

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.weights:
            raise ConfigurationError("a card needs [weights.official] or [weights.bundled]")

    def of(self, variant: Variant) -> "ModelCard":
        """Return the card as it is with these weights.

        Raises:
            ConfigurationError: when they ask for a contract that no net can live with.
        """
        try:
            return replace(self, **self.weights[variant].contract)
        except ConfigurationError as error:
            raise ConfigurationError(f"weights.{variant}.contract: {error}") from error


def read_card(path: Path) -> ModelCard:
    """Read a model card.

    Raises:
        MissingInputError: when the file is not there or may not be read.
        ConfigurationError: when it is not TOML, or holds an unknown key, lacks one, or has a value
            of the wrong kind or range; the message names file, key and value.
    """
    values = read_toml(path)
    folder = Path(os.path.abspath(path)).parent  # a link's own name, not that of its target
    try:
        card = ModelCard(**take(values, _CARD_KEYS), name=folder.name, folder=folder)
        for variant in card.weights:
            card.of(variant)
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}") from error
    return card


def require_safe_name(what: str, name: str) -> None:
    """Refuse a name that might lead elsewhere, or be hidden, where it becomes part of a path.

    Args:
        what: is named so, in words.
        name: for the name of a file or folder.

    Raises:
        ConfigurationError: when it could.
    """
    if not _SAFE_NAME.fullmatch(name):
        raise ConfigurationError(
            f"{what} must be named with letters, digits, '_', '-', '+' and '.', at most 64 of them,"
            f" got {shown(name)}"
        )
    if not is_portable(name):
        raise ConfigurationError(
            f"{what} must not be named as a device of Windows is, nor end with '.', got"
            f" {shown(name)}"
        )


def _require_whole(what: str, value: int, most: int, unit: str = "") -> None:
    if not 1 <= value <= most:
        raise ConfigurationError(
            f"{what} must be from 1 to {most} {unit}".rstrip() + f", got {value}"
        )


def _require_level(level: str) -> None:
    match = _LEVEL.fullmatch(level)
    quietest, loudest = _LOUDNESSES
    if not match or (match[1] and not quietest <= float(match[1]) <= loudest):
        raise ConfigurationError(
            'level must be "deviation", "peak" or a loudness from "-70 LUFS" to "0 LUFS",'
            f" got {shown(level)}"
        )


def _contract(value: object) -> dict[str, Any]:
    keys = {name: replace(key, optional=True) for name, key in _CONTRACT_KEYS.items()}
    return take(table(value), keys, "contract.")


def _scores(value: object) -> dict[str, float]:
    try:
        return {name: number(score) for name, score in table(value).items()}
    except WrongKindError:
        raise WrongKindError("a table of numbers") from None


def _variants(value: object) -> dict[Variant, Weights]:
    variants: dict[Variant, Weights] = {}
    for name, values in take(table(value), _VARIANT_KEYS, "weights.").items():
        taken = take(values, _WEIGHTS_KEYS, f"weights.{name}.")
        try:
            variants[cast("Variant", name)] = Weights(**taken)
        except ConfigurationError as error:
            raise ConfigurationError(f"weights.{name}: {error}") from error
    return variants


_CONTRACT_KEYS = {
    "stems": Key(texts),
    "sample_rate": Key(whole),
    "channels": Key(whole),
    "chunk_seconds": Key(number),
    "overlap": Key(number),
    "stride": Key(whole),
    "level": Key(text),
}

_VARIANT_KEYS = {"official": Key(table, optional=True), "bundled": Key(table, optional=True)}

_WEIGHTS_KEYS = {
    "file": Key(text),
    "sha256": Key(text),
    "bytes": Key(whole, optional=True),
    "licence": Key(text),
    "trained_on": Key(texts),
    "seen": Key(texts),
    "url": Key(text, optional=True),
    "page": Key(text, optional=True),
    "page_path": Key(text, optional=True),
    "arguments": Key(plain_table, optional=True),
    "contract": Key(_contract, optional=True),
    "scores": Key(_scores, optional=True),
}

_CARD_KEYS = {
    "title": Key(text),
    "description": Key(text),
    "net": Key(text),
    **_CONTRACT_KEYS,
    "weights": Key(_variants),
}
