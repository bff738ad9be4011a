"""Audiograms as tables, from a spreadsheet or typed.

A row for each ear, a row for each frequency, or a row for each threshold::

    ear,250,500,1000        frequency_hz,left_db_hl,right_db_hl        ear,frequency,threshold
    left,20,35,NR 110       250,20,15                                  left,250,20
    right,15,30,40          500,35,30                                  right,250,15

Empty cells are thresholds that were not tested. As in the tables of NHANES, 666 is no response, 888
that none could be obtained. A column that is not known is refused, so that nobody is fitted by
thresholds of bone conduction, or in dB SPL.

Source: of the codes, the documentation of NHANES, Audiometry (AUX).
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

from hclarity.errors import BadDataError
from hclarity.hearing.formats.audiometry import HearingTest, Point, Side
from hclarity.hearing.formats.tables import Row, rows_of
from hclarity.hearing.formats.written_numbers import hertz, typed_point, untested
from hclarity.hearing.strict_json import short

__all__ = ["csv_test", "ear_named"]

_Column = Literal["left", "right", "ear", "hz", "khz", "level"]
_EarPoint = tuple[Side, Point]

_SIDES: tuple[Side, Side] = ("left", "right")

_EARS: dict[str, Side] = {
    "l": "left",
    "left": "left",
    "le": "left",
    "as": "left",  # auris sinistra
    "r": "right",
    "right": "right",
    "re": "right",
    "ad": "right",  # auris dextra
}
_FILLERS = {"ear", "db", "hl", "dbhl", "threshold", "thresholds", "level", "hearing", "air", "ac"}
_LEVELS = {"threshold", "thresholds", "level", "db", "dbhl", "hl"}
_FREQUENCIES = {"frequency", "freq", "f", "hz", "khz"}
_OVER_EARS = {"ear", "ears", "side"} | _FREQUENCIES
_TABLES = (["ear", "hz", "level"], ["hz", "left", "right"], ["hz", "left"], ["hz", "right"])
_NO_RESPONSE, _NOT_OBTAINED = "666", "888"
_HIGHEST_KHZ = 16  # of audiometry; whose lowest Hz are 125, so that neither is taken for the other
_KNOWN = "frequency_hz,left_db_hl,right_db_hl or ear,250,500,... or ear,frequency,threshold"


def csv_test(text: str) -> HearingTest:
    """Read a table of thresholds.

    Raises:
        BadDataError: when it is none of the three tables, or a cell is wrong; the message names its
            line.
    """
    rows = rows_of(text)
    if not rows:
        raise BadDataError(
            "not JSON, CSV or a health export: there is no table in it, whose first line must be"
            f" {_KNOWN}"
        )
    header, *body = rows
    points = (_wide if _is_wide(header) else _long)(header, body)
    left, right = (tuple(point for ear, point in points if ear == side) for side in _SIDES)
    return HearingTest("CSV", left, right)


def ear_named(text: str) -> Side:
    """Return which ear a word means: left, L, AS; right, R, AD.

    Raises:
        BadDataError: when it is none of these.
    """
    words = [word for word in _words(text) if word not in _FILLERS]
    if len(words) != 1 or words[0] not in _EARS:
        raise BadDataError(f"{short(text)} where an ear is expected: left or right")
    return _EARS[words[0]]


@contextmanager
def _on(row: Row) -> Iterator[None]:
    """Errors name the line."""
    try:
        yield
    except BadDataError as error:
        raise BadDataError(f"line {row.line}: {error}") from None


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.lower())


def _is_wide(header: Row) -> bool:
    """Whether the first row is an ear and frequencies."""
    return bool(re.match(r"\W*\d", header.cells[1])) if len(header.cells) > 1 else False


def _wide(header: Row, body: Sequence[Row]) -> list[_EarPoint]:
    """A row for each ear."""
    with _on(header):
        title = header.cells[0]
        if title and not set(_words(title)) <= _OVER_EARS:
            raise BadDataError(f"{short(title)} over the ears; call this column ear")
        frequencies = [hertz(cell) for cell in header.cells[1:]]
        if max(frequencies) <= _HIGHEST_KHZ:
            frequencies = [1000 * khz for khz in frequencies]
    points: list[_EarPoint] = []
    seen: set[Side] = set()
    for row in body:
        with _on(row):
            side = ear_named(row.cells[0])
            if side in seen:
                raise BadDataError(f"the {side} ear is given twice; keep one")
            seen.add(side)
            for hz, cell in zip(frequencies, row.cells[1:], strict=True):
                points += _points(side, hz, cell)
    return points


def _long(header: Row, body: Sequence[Row]) -> list[_EarPoint]:
    """A row for each frequency, or for each threshold."""
    with _on(header):
        columns = [_column(cell) for cell in header.cells]
        kinds = ["hz" if column == "khz" else column for column in columns]
        if sorted(kinds) not in _TABLES:
            raise BadDataError(f"no table of thresholds; its first line must be {_KNOWN}")
    factor = 1000 if "khz" in columns else 1
    points: list[_EarPoint] = []
    for row in body:
        with _on(row):
            cells = dict(zip(kinds, row.cells, strict=True))
            hz = hertz(cells["hz"]) * factor
            if "ear" in cells:
                points += _points(ear_named(cells["ear"]), hz, cells["level"])
            else:
                for side in _SIDES:
                    points += _points(side, hz, cells.get(side, ""))
    return points


def _column(title: str) -> _Column:
    """What a column holds, by the words over it."""
    words = _words(title)
    known = set(words) & (_EARS.keys() | _FREQUENCIES | _FILLERS | {"side", "hz"})
    ears = {_EARS[word] for word in words if word in _EARS}
    if set(words) - known or len(ears) > 1:
        raise BadDataError(f"the column {short(title)} is not known; give {_KNOWN}")
    if ears and not known & _FREQUENCIES:
        return ears.pop()
    if not words or known & _FREQUENCIES:
        return "khz" if "khz" in words else "hz"
    return "level" if known & _LEVELS else "ear"


def _points(side: Side, hz: float, cell: str) -> list[_EarPoint]:
    """The point in a cell, if any."""
    if untested(cell):
        return []
    if cell in (_NO_RESPONSE, _NOT_OBTAINED):
        return [(side, Point(hz, None, "none" if cell == _NO_RESPONSE else "heard"))]
    return [(side, typed_point(hz, cell))]
