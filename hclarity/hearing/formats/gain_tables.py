"""Insertion gains that somebody else prescribed, such as an audiologist.

A table with a row for each frequency, or JSON with the names that a saved gain plan has::

    frequency_hz,left_gain_db,right_gain_db        {"left_db_at_hz": {"500": 10, "2000": 18},
    500,10,8                                        "right_db_at_hz": {"500": 8, "2000": 15}}
    2000,18,15

The word gain, or these names, are asked for so that nobody amplifies by an audiogram itself.
"""

from collections.abc import Mapping
from pathlib import Path

from hclarity.errors import BadDataError
from hclarity.hearing.formats.audiometry import Side
from hclarity.hearing.formats.contents import is_json, text_in
from hclarity.hearing.formats.csv_table import ear_named
from hclarity.hearing.formats.tables import rows_of
from hclarity.hearing.formats.written_numbers import decibels, hertz, untested
from hclarity.hearing.insertion_gains import InsertionGains
from hclarity.hearing.strict_json import as_number, as_object, parse, short

__all__ = ["read_gain_table"]

_Gains = dict[Side, dict[float, float]]

_KEYS: Mapping[str, Side] = {"left_db_at_hz": "left", "right_db_at_hz": "right"}
_HEADER = "frequency_hz,left_gain_db,right_gain_db"
_SHAPE = f"{_HEADER}, or JSON with left_db_at_hz and right_db_at_hz"


def read_gain_table(path: Path) -> tuple[InsertionGains, InsertionGains]:
    """Read the insertion gains of the left and the right ear.

    Args:
        path: a CSV or JSON file as above; UTF-8 or UTF-16, at most 4 MB.

    Raises:
        MissingInputError: when the file is not there or may not be read.
        BadDataError: when it is no table of gains, lacks an ear, or a gain is beyond ±80 dB; the
            message starts with the path.
    """
    try:
        text = text_in(path, "a table of gains")
        gains = _from_json(text) if is_json(text) else _from_csv(text)
        return _ear(gains, "left"), _ear(gains, "right")
    except BadDataError as error:
        raise BadDataError(f"{path}: {error}") from None


def _from_json(text: str) -> _Gains:
    content = as_object(parse(text), "a table of gains")
    gains: _Gains = {}
    for key, points in content.items():
        if key not in _KEYS:
            raise BadDataError(f"unknown key {short(key)}; a table of gains is {_SHAPE}")
        for hz, gain in as_object(points, key).items():
            _add(gains, _KEYS[key], hertz(hz), as_number(gain, f"{key} at {short(hz)}"))
    return gains


def _from_csv(text: str) -> _Gains:
    rows = rows_of(text)
    if not rows:
        raise BadDataError(f"no table of gains; it must be {_SHAPE}")
    sides = [_side(title) for title in rows[0].cells[1:]]
    gains: _Gains = {}
    for row in rows[1:]:
        try:
            for side, cell in zip(sides, row.cells[1:], strict=True):
                if not untested(cell):
                    _add(gains, side, hertz(row.cells[0]), decibels(cell))
        except BadDataError as error:
            raise BadDataError(f"line {row.line}: {error}") from None
    return gains


def _side(title: str) -> Side:
    words = title.lower().replace("_", " ").split()
    if "gain" not in words or "hl" in words:
        raise BadDataError(f"the column {short(title)} does not say that it holds gains: {_HEADER}")
    return ear_named(" ".join(word for word in words if word != "gain"))


def _add(gains: _Gains, side: Side, hz: float, gain: float) -> None:
    ear = gains.setdefault(side, {})
    if hz in ear:
        raise BadDataError(f"the {side} ear has {hz:g} Hz twice; keep one")
    ear[hz] = gain


def _ear(gains: _Gains, side: Side) -> InsertionGains:
    if side not in gains:
        raise BadDataError(f"no gains for the {side} ear; it must be {_SHAPE}")
    points = sorted(gains[side].items())
    try:
        return InsertionGains(tuple(hz for hz, _ in points), tuple(gain for _, gain in points))
    except BadDataError as error:
        raise BadDataError(f"the {side} ear: {error}") from None
