"""Our own audiograms, short enough to be typed by hand.

dB HL at Hz; ``name`` may be left out; text stands for no response at a level::

    {"name": "Ada", "left": {"250": 20, "1000": 35, "8000": "NR 110"},
                    "right": {"250": 15, "1000": 30, "8000": 55}}
"""

from collections.abc import Mapping

from hclarity.errors import BadDataError
from hclarity.hearing.formats.audiometry import HearingTest, Point, Side
from hclarity.hearing.formats.written_numbers import hertz, typed_point
from hclarity.hearing.strict_json import as_number, as_object, as_text, short

__all__ = ["own_test"]


def own_test(content: Mapping[str, object]) -> HearingTest:
    """Read an object with the ears left and right.

    Raises:
        BadDataError: for any other key, or a value of another kind or out of range.
    """
    for key in content:
        if key not in ("name", "left", "right"):
            raise BadDataError(f"unknown key {short(key)}; an audiogram has name, left and right")
    name = as_text(content.get("name", ""), "the name")
    return HearingTest("hclarity", _points(content, "left"), _points(content, "right"), name)


def _points(content: Mapping[str, object], side: Side) -> tuple[Point, ...]:
    ear = as_object(content.get(side, {}), f"the {side} ear")
    try:
        return tuple(_point(hz, level) for hz, level in ear.items())
    except BadDataError as error:
        raise BadDataError(f"the {side} ear: {error}") from None


def _point(key: str, level: object) -> Point:
    hz = hertz(key)
    if isinstance(level, str):
        return typed_point(hz, level)
    return Point(hz, as_number(level, f"the level at {short(key)} Hz"))
