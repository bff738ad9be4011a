"""Strict reading of TOML tables: every key known, every value of the kind its key wants."""

import math
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

from hclarity.errors import ConfigurationError, MissingInputError
from hclarity.registry.spelling import did_you_mean

__all__ = [
    "Key",
    "Kind",
    "WrongKindError",
    "keys_of",
    "number",
    "pair",
    "read_toml",
    "table",
    "take",
    "text",
    "texts",
    "truth",
    "whole",
]


Kind = Callable[[object], Any]
"""Returns a value as it is wanted, or raises `WrongKindError`."""


class WrongKindError(Exception):
    """A value is not of the kind that its key wants; the message says which that is."""


@dataclass(frozen=True)
class Key:
    """What a table may hold under a name.

    Args:
        kind: of the value.
        optional: whether the key may be left out.
    """

    kind: Kind
    optional: bool = False


def read_toml(path: Path) -> dict[str, object]:
    """Read a TOML file.

    Raises:
        MissingInputError: when it is not there or may not be read.
        ConfigurationError: when it is not TOML in UTF-8; the message gives line and column.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MissingInputError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:  # not TOML, not UTF-8, or nested without end
        raise ConfigurationError(f"{path} is not a TOML file: {error}") from error


def take(values: Mapping[str, object], keys: Mapping[str, Key], where: str = "") -> dict[str, Any]:
    """Return every value of a table, each as its key wants it.

    Args:
        values: the table.
        keys: all that it may hold.
        where: the path to the table, for messages: ``"weights.official."``.

    Raises:
        ConfigurationError: for an unknown key (naming the nearest known one), a missing key, or a
            value of the wrong kind.

    >>> take({"channels": 2}, {"channels": Key(whole), "title": Key(text, optional=True)})
    {'channels': 2}
    """
    for name in values:
        if name not in keys:
            raise ConfigurationError(f"unknown key {where}{name}{did_you_mean(name, keys)}")
    for name, key in keys.items():
        if name not in values and not key.optional:
            raise ConfigurationError(f"the key {where}{name} is missing")
    taken = {}
    for name, value in values.items():
        try:
            taken[name] = keys[name].kind(value)
        except WrongKindError as wanted:
            raise ConfigurationError(f"{where}{name} must be {wanted}, got {value!r}") from None
    return taken


def text(value: object) -> str:
    """Take a text."""
    if not isinstance(value, str):
        raise WrongKindError("a text")
    return value


def whole(value: object) -> int:
    """Take a whole number; ``true`` is none."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise WrongKindError("a whole number")
    return value


def truth(value: object) -> bool:
    """Take a truth value."""
    if not isinstance(value, bool):
        raise WrongKindError("true or false")
    return value


def number(value: object) -> float:
    """Take a finite number; ``true`` is none."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise WrongKindError("a number")
    return float(value)


def texts(value: object) -> tuple[str, ...]:
    """Take a list of texts."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise WrongKindError("a list of texts")
    return tuple(value)


def table(value: object) -> dict[str, object]:
    """Take a table, whatever it holds."""
    if not isinstance(value, dict):
        raise WrongKindError("a table")
    return value


def pair(value: object) -> tuple[float, float]:
    """Take a list of two numbers."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise WrongKindError("a list of two numbers")
    return number(value[0]), number(value[1])


def keys_of(dataclass: type, further: Mapping[object, Kind] | None = None) -> dict[str, Key]:
    """Return what a table may hold of which a dataclass is made: a key for each field.

    Args:
        dataclass: of which fields with a default may be left out.
        further: kinds for types of fields that are no plain ones.
    """
    kinds = {**_PLAIN, **(further or {})}
    return {
        about.name: Key(
            kinds[about.type],
            optional=about.default is not MISSING or about.default_factory is not MISSING,
        )
        for about in fields(dataclass)
    }


_PLAIN: dict[object, Kind] = {
    str: text,
    int: whole,
    float: number,
    bool: truth,
    tuple[str, ...]: texts,
    tuple[float, float]: pair,
}
