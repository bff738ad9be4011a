"""Audiograms typed on the command line: ``right=250:20,500:35,4000:60;left=250:25,500:40,4000:65``.

``both=`` gives the same to both ears. Pasted from a program that traces charts, they look the same.
"""

import re

from hclarity.errors import BadDataError
from hclarity.hearing.formats.audiometry import HearingTest, Point, Side
from hclarity.hearing.formats.csv_table import ear_named
from hclarity.hearing.formats.written_numbers import hertz, typed_point

__all__ = ["is_typed", "typed_test"]

_PAIR = re.compile(r"\s*[\d.,]+\s*(?:k?hz|k)?\s*:", re.IGNORECASE | re.ASCII)
_EAR = re.compile(r"\s*[a-z ]+[=:]", re.IGNORECASE | re.ASCII)
_EAR_AND_COLON = re.compile(r"\s*(left|right|both|l|r)\s*:", re.IGNORECASE | re.ASCII)
_SHAPE = "right=250:20,500:35,4000:60;left=..., or both=..."


def is_typed(text: str) -> bool:
    """Whether this is meant as pairs of Hz and dB HL, and not as the name of a file."""
    return bool(_PAIR.match(text) or (_EAR.match(text) and ":" in text))


def typed_test(text: str) -> HearingTest:
    """Read typed pairs.

    Raises:
        BadDataError: when they are not as above, or an ear is given twice.
    """
    points: dict[Side, tuple[Point, ...]] = {}
    for part in filter(str.strip, text.split(";")):
        ear, equals, pairs = part.partition("=")
        if found := _EAR_AND_COLON.match(part):
            ear = found[1].lower()
            raise BadDataError(f"type = after the ear, {ear}=..., not {ear}:...; as in {_SHAPE}")
        if not equals:
            raise BadDataError(f"it does not say which ear; type {_SHAPE}")
        sides: tuple[Side, ...] = (
            ("left", "right") if ear.strip().lower() == "both" else (ear_named(ear),)
        )
        for side in sides:
            if side in points:
                raise BadDataError(f"the {side} ear is given twice; type {_SHAPE}")
            points[side] = tuple(_point(pair, side) for pair in filter(str.strip, pairs.split(",")))
    return HearingTest("typed", points.get("left", ()), points.get("right", ()))


def _point(pair: str, side: Side) -> Point:
    hz, colon, level = pair.partition(":")
    if not colon:
        raise BadDataError(f"the {side} ear has something that is not Hz:dB; type {_SHAPE}")
    try:
        return typed_point(hertz(hz), level)
    except BadDataError as error:
        raise BadDataError(f"the {side} ear: {error}") from None
