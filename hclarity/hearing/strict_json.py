"""JSON with none of the surprises of Python's reader, and its values asked for by kind.

Refused, where :mod:`json` lets pass or dies: NaN, Infinity, a key given twice (the last would win
silently), nesting so deep that whoever walks through it might run out of stack. Every number is
read as a float, so an integer of a million digits is plain infinity and meets the range check of
whoever asked.
"""

import json
from collections.abc import Iterator
from typing import NoReturn

from hclarity.errors import BadDataError

__all__ = ["as_list", "as_number", "as_object", "as_text", "kind", "parse", "short"]

_DEEPEST = 64  # lists and objects within each other; FHIR has a dozen
_TOO_DEEP = "not usable JSON: it is nested too deeply"


def parse(text: str) -> object:
    """Read one JSON document.

    Raises:
        BadDataError: with line and column, or with the key or constant that is refused.

    >>> parse('{"250": 20}')
    {'250': 20.0}
    """
    try:
        document = json.loads(
            text,
            parse_int=float,
            parse_constant=_refuse_constant,
            object_pairs_hook=_without_repeats,
        )
    except json.JSONDecodeError as error:
        raise BadDataError(
            f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        ) from None
    except RecursionError:
        raise BadDataError(_TOO_DEEP) from None
    _refuse_deep(document)
    return document


def as_object(value: object, what: str) -> dict[str, object]:
    """``value`` if it is an object, else a BadDataError that names ``what``."""
    if not isinstance(value, dict):
        raise BadDataError(f"{what} must be an object, got {kind(value)}")
    return value


def as_list(value: object, what: str) -> list[object]:
    """``value`` if it is a list, else a BadDataError that names ``what``."""
    if not isinstance(value, list):
        raise BadDataError(f"{what} must be a list, got {kind(value)}")
    return value


def as_number(value: object, what: str) -> float:
    """``value`` if it is a number, else a BadDataError that names ``what``; no range is checked."""
    if not isinstance(value, float):
        raise BadDataError(f"{what} must be a number, got {kind(value)}")
    return value


def as_text(value: object, what: str) -> str:
    """``value`` if it is text, else a BadDataError that names ``what``."""
    if not isinstance(value, str):
        raise BadDataError(f"{what} must be text, got {kind(value)}")
    return value


def kind(value: object) -> str:
    """A value in the words of JSON, short enough for one line of an error.

    >>> kind([1]), kind(True), kind("20 dB")
    ('a list', 'true', "the text '20 dB'")
    """
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
        case str():
            return f"the text {short(value)}"
        case list():
            return "a list"
        case _:
            return "an object"


def short(text: str) -> str:
    """Text out of a file, quoted, with nothing in it that a terminal would obey, and not long."""
    return ascii(text if len(text) <= 40 else text[:37] + "...")


def _refuse_deep(document: object) -> None:
    level = list(_within([document]))
    for _ in range(_DEEPEST):
        level = [inner for value in level for inner in _within(value)]
    if level:
        raise BadDataError(_TOO_DEEP)


def _within(value: dict[str, object] | list[object]) -> Iterator[dict[str, object] | list[object]]:
    """Yield the objects and lists in one."""
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, dict | list):
            yield item


def _refuse_constant(constant: str) -> NoReturn:
    raise BadDataError(f"{constant} is not a number that JSON allows")


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    items: dict[str, object] = {}
    for key, value in pairs:
        if key in items:
            raise BadDataError(f"the key {short(key)} is given twice")
        items[key] = value
    return items
