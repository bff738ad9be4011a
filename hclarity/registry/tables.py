"""Strict reading of TOML tables: every key known, every value of the kind its key wants."""

import math
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, cast

from hclarity.errors import BadDataError, ConfigurationError
from hclarity.registry.quoting import printable, shown
from hclarity.registry.spelling import did_you_mean
from hclarity.registry.strangers_files import bytes_of

__all__ = [
    "Key",
    "Kind",
    "WrongKindError",
    "keys_of",
    "number",
    "pair",
    "plain_table",
    "read_toml",
    "table",
    "take",
    "text",
    "texts",
    "truth",
    "whole",
]


_LARGEST = 250_000  # bytes; those that come with hclarity have at most three thousand
_DEEPEST = 16  # tables within tables
# A name of thousands of parts takes the reader minutes. No line of a card has as many dots.
_MOST_DOTS = 200  # in a line
_WHOLE = range(-(1 << 63), 1 << 63)  # as TOML has them

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
        MissingInputError: when it is not there, is no file, or may not be read.
        ConfigurationError: when it is not TOML in UTF-8; the message gives line and column. Also
            when it is beyond what a card or a recipe could be: large, or nested deeply.
    """
    try:
        words = bytes_of(path, _LARGEST).decode()
        _refuse_many_dots(words)
        values = tomllib.loads(words)
        _refuse_beyond_bounds(values)
    except (ValueError, RecursionError) as error:  # not TOML, not UTF-8, or nested without end
        raise ConfigurationError(f"{path} is not a TOML file: {printable(str(error))}") from error
    return values


def _refuse_many_dots(words: str) -> None:
    for number, line in enumerate(words.splitlines(), 1):
        if line.count(".") > _MOST_DOTS:
            raise BadDataError(f"line {number} has more than {_MOST_DOTS} dots")


def _refuse_beyond_bounds(values: object) -> None:
    """Refuse what no message could tell: a few names can make tables thousands deep."""
    level = [values]
    for _ in range(_DEEPEST):
        level = [item for value in level for item in _items(value)]
        if any(isinstance(item, int) and item not in _WHOLE for item in level):
            raise BadDataError("it has a whole number of more than 64 bits")
    if level:
        raise BadDataError(f"it is nested more than {_DEEPEST} deep")


def _items(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


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
            told = f"{where}{printable(name)}{did_you_mean(name, keys)}"
            raise ConfigurationError(f"unknown key {told}")
    for name, key in keys.items():
        if name not in values and not key.optional:
            raise ConfigurationError(f"the key {where}{name} is missing")
    taken = {}
    for name, value in values.items():
        try:
            taken[name] = keys[name].kind(value)
        except WrongKindError as wanted:
            raise ConfigurationError(
                f"{where}{name} must be {wanted}, got {shown(value)}"
            ) from None
    return taken


def text(value: object) -> str:
    """Take a text."""
    if not isinstance(value, str):
        raise WrongKindError("a text")
    return value


def whole(value: object) -> int:
    """Take a whole number of 64 bits; ``true`` is none."""
    return _whole(value, "a whole number")


def _whole(value: object, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value not in _WHOLE:
        raise WrongKindError(what)
    return value


def truth(value: object) -> bool:
    """Take a truth value."""
    if not isinstance(value, bool):
        raise WrongKindError("true or false")
    return value


def number(value: object) -> float:
    """Take a finite number; ``true`` is none."""
    if isinstance(value, int):
        return float(_whole(value, "a number"))
    if not isinstance(value, float) or not math.isfinite(value):
        raise WrongKindError("a number")
    return value


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


def plain_table(value: object) -> dict[str, str | int | float | bool]:
    """Take a table of texts, finite numbers and truth values."""
    taken = table(value)
    for item in taken.values():
        if not isinstance(item, str | int | float) or item in (math.inf, -math.inf) or item != item:
            raise WrongKindError("a table of texts, numbers and truth values")
    return cast("dict[str, str | int | float | bool]", taken)


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
