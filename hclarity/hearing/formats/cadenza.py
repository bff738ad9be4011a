"""Listeners of the Cadenza and Clarity challenges.

One object for each, under its id or alone::

    {"L1": {"name": "L1", "audiogram_cfs": [250, 1000, 4000],
            "audiogram_levels_l": [20, 35, 60], "audiogram_levels_r": [15, 30, 55]}}
"""

from collections.abc import Mapping
from functools import partial

from hclarity.errors import BadDataError
from hclarity.hearing.audiogram import ascending
from hclarity.hearing.formats.audiometry import HearingTest, Point, Side
from hclarity.hearing.formats.choosing import Found, Only, Several
from hclarity.hearing.strict_json import as_list, as_number, as_object, as_text, short

__all__ = ["CADENZA_EARS", "CADENZA_HZ", "cadenza_listeners", "is_cadenza"]

CADENZA_HZ = "audiogram_cfs"
CADENZA_EARS: Mapping[Side, str] = {"left": "audiogram_levels_l", "right": "audiogram_levels_r"}


def is_cadenza(content: Mapping[str, object]) -> bool:
    """Whether this is a listener, or has one among its values."""
    return any(isinstance(one, dict) and CADENZA_HZ in one for one in (content, *content.values()))


def cadenza_listeners(content: Mapping[str, object]) -> Found:
    """Read all listeners of a file.

    Raises:
        BadDataError: for a listener without frequencies, with levels that do not match them, or a
            value of another kind or out of range.
    """
    if CADENZA_HZ in content:
        name = as_text(content.get("name", ""), "the name")
        return Only(_test(content, name, ""))
    return Several({name: partial(_member, name, entry) for name, entry in content.items()})


def _member(name: str, entry: object) -> HearingTest:
    who = f"listener {short(name)}"
    person = as_object(entry, who)
    try:
        return _test(person, name, f"{who}: ")
    except BadDataError as error:
        raise BadDataError(f"{who}: {error}") from None


def _test(content: Mapping[str, object], name: str, who: str) -> HearingTest:
    if CADENZA_HZ not in content:
        raise BadDataError(f"{CADENZA_HZ}, the frequencies in Hz, are missing")
    frequencies = ascending(_numbers(content[CADENZA_HZ], CADENZA_HZ))
    left, right = (_points(content, side, frequencies) for side in CADENZA_EARS)
    return HearingTest("Cadenza", left, right, name, who=who)


def _points(
    content: Mapping[str, object], side: Side, frequencies: tuple[float, ...]
) -> tuple[Point, ...]:
    key = CADENZA_EARS[side]
    if key not in content:
        return ()
    levels = _numbers(content[key], key)
    if len(levels) != len(frequencies):
        raise BadDataError(f"{len(frequencies)} {CADENZA_HZ} for {len(levels)} {key}")
    try:
        return tuple(Point(hz, level) for hz, level in zip(frequencies, levels, strict=True))
    except BadDataError as error:
        raise BadDataError(f"the {side} ear: {error}") from None


def _numbers(value: object, what: str) -> list[float]:
    return [as_number(item, what) for item in as_list(value, what)]
