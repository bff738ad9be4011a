"""An audiogram in the terminal, as audiologists draw it: signs and words, colour where there is."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import floor, log2
from textwrap import wrap
from typing import TYPE_CHECKING

from hclarity.audio.third_octaves import BandLevels
from hclarity.hearing.audiogram import Audiogram, Listener, interpolated
from hclarity.report.audiogram_words import (
    NO_DIAGNOSIS,
    average_words,
    grade_words,
    level_unknown,
    tested_hz,
    threshold_words,
)
from hclarity.report.console import one_line

if TYPE_CHECKING:
    from rich.text import Text

__all__ = ["audiogram_chart"]

_MARGIN, _PER_OCTAVE = 5, 9
_TOP_DB, _BOTTOM_DB = -10, 120
_ROW_DB, _GRID_DB = 5, 10
_FIRST_HZ, _LAST_HZ, _LAST_EXTENDED_HZ = 125, 8000, 16000
_BEYOND = 2  # columns to each side, for arrows
_WIDTH = 79
_FIRST_COLUMN, _CELL = 8, 6
_THIRDS = "'-."  # a line in the upper, middle and lower third of a row
_STYLES = {"right": "red", "left": "blue", "both": "bold magenta", "song": "yellow", "grid": "dim"}

_Cell = tuple[str, str]
"""A character, and what it belongs to."""


def audiogram_chart(
    listener: Listener, song: BandLevels | None = None, song_words: str = ""
) -> "Text":
    """Draw both ears, at most 79 columns wide, in ASCII but for the listener's name.

    Of a song, what lies between its soft and loud third-octave levels is shaded.

    Args:
        listener: whose ears.
        song: to lay behind it, in dB HL.
        song_words: which song at what level, for the legend.

    Returns:
        Lines with colours; signs and words say all the same without.
    """
    from rich.text import Text

    canvas = _Canvas(max(tested_hz(listener)))
    if song is not None:
        canvas.shade(song)
    canvas.join("left", listener.left)
    canvas.join("right", listener.right)
    canvas.mark(listener)
    blocks = [
        [Text(listener.name), Text("")] if listener.name else [],
        [*canvas.lines(), Text("")],
        [*_legend(listener, song_words if song else ""), Text("")],
        [*_table(listener), Text("")],
        _verdict(listener),
    ]
    return Text("\n").join(line for block in blocks for line in block)


class _Canvas:
    """Cells of characters; rows are levels, columns are frequencies."""

    def __init__(self, highest_hz: float) -> None:
        self._last_hz = _LAST_HZ if highest_hz <= _LAST_HZ else _LAST_EXTENDED_HZ
        width = _column(self._last_hz) + 1 + _BEYOND
        height = _row(_BOTTOM_DB) + 2  # with one for arrows
        self._cells: list[list[_Cell]] = [[(" ", "")] * width for _ in range(height)]
        for hz in self._octaves():
            for level in range(_TOP_DB, _BOTTOM_DB + 1, _GRID_DB):
                self._cells[_row(level)][_column(hz)] = ("+", "grid")

    def shade(self, song: BandLevels) -> None:
        """Fill what lies between soft and loud."""
        for column in range(_column(_FIRST_HZ), _column(self._last_hz) + 1):
            hz = _hz(column)
            if hz > song.hz[-1]:
                return
            soft, loud = (float(interpolated(hz, song.hz, ends)) for ends in (song.soft, song.loud))
            for row in range(max(_row(soft), 0), min(_row(loud), _row(_BOTTOM_DB)) + 1):
                self._cells[row][column] = (":", "song")

    def join(self, side: str, ear: Audiogram) -> None:
        """Join thresholds, but not across what was not heard. The left ear's line is dashed."""
        for (low, from_db), (high, to_db) in pairwise(_points(ear)):
            if any(low <= hz <= high for hz in ear.no_response):
                continue
            for column in range(_column(low) + 1, _column(high)):
                if side == "right" or column % 3:
                    level = float(interpolated(_hz(column), (low, high), (from_db, to_db)))
                    self._cells[_row(level)][column] = (_third(level), side)

    def mark(self, listener: Listener) -> None:
        """Set O and X, the sign for both in one place, and the arrows of no response."""
        for side, ear, sign in (("right", listener.right, "O"), ("left", listener.left, "X")):
            for hz, level in _points(ear):
                row, column = _row(level), _column(hz)
                both = side == "left" and self._cells[row][column][0] == "O"
                self._cells[row][column] = ("*", "both") if both else (sign, side)
                if hz in ear.no_response:
                    self._point(side, row + 1, column)
            for hz, tone in ear.no_response.items():
                if tone is None:
                    self._point(side, _row(_BOTTOM_DB) + 1, _column(hz))

    def _point(self, side: str, row: int, column: int) -> None:
        """Set the arrow of no response, downwards and outwards."""
        arrow, aside = ("/", -1) if side == "right" else ("\\", 1)
        self._cells[row][column + aside] = (arrow, side)

    def lines(self) -> "Iterator[Text]":
        """The chart with its axes."""
        from rich.text import Text

        yield Text(self._head())
        unused = not any(owner for _, owner in self._cells[-1])
        for number, cells in enumerate(self._cells[: -1 if unused else None]):
            level = _TOP_DB + number * _ROW_DB
            labelled = level % 10 == 0 and level <= _BOTTOM_DB
            line = Text(f"{level if labelled else '':>{_MARGIN - 1}} ")
            for character, owner in cells:
                line.append(character, _STYLES.get(owner))
            line.rstrip()
            yield line

    def _head(self) -> str:
        head = "dB HL"
        for hz in self._octaves():
            start = _MARGIN + _column(hz) - len(str(hz)) // 2
            head = f"{head:{start}}{hz}"
        return f"{head} Hz"

    def _octaves(self) -> Iterator[int]:
        hz = _FIRST_HZ
        while hz <= self._last_hz:
            yield hz
            hz *= 2


def _points(ear: Audiogram) -> Sequence[tuple[float, float]]:
    return list(zip(ear.frequencies, ear.thresholds, strict=True))


def _column(hz: float) -> int:
    return _BEYOND + round(_PER_OCTAVE * log2(hz / _FIRST_HZ))


def _hz(column: int) -> float:
    return float(_FIRST_HZ * 2 ** ((column - _BEYOND) / _PER_OCTAVE))


def _row(level: float) -> int:
    return floor(_rows_down(level))


def _third(level: float) -> str:
    return _THIRDS[floor(3 * (_rows_down(level) % 1))]


def _rows_down(level: float) -> float:
    """How far down the page a level is; the middle of a row is its own level."""
    return (level - _TOP_DB) / _ROW_DB + 0.5


def _legend(listener: Listener, song_words: str) -> Iterator["Text"]:
    from rich.text import Text

    signs = ["O right ear", "X left ear"]
    if set(_points(listener.left)) & set(_points(listener.right)):
        signs.append("* both")
    if listener.left.no_response or listener.right.no_response:
        signs.append("/ \\ no response to the loudest tone")
    if level_unknown(listener):
        signs.append("(NR: its level unknown)")
    yield Text(" " * _MARGIN + "   ".join(signs))
    if song_words:
        for line in wrap(f": {one_line(song_words)}", _WIDTH - _MARGIN, subsequent_indent="  "):
            yield Text(" " * _MARGIN + line)


def _table(listener: Listener) -> Iterator["Text"]:
    """Thresholds, in as many tables as it takes for all frequencies to fit."""
    from rich.text import Text

    tested = tested_hz(listener)
    fitting = (_WIDTH - _FIRST_COLUMN) // _CELL
    for start in range(0, len(tested), fitting):
        shown = tested[start : start + fitting]
        yield Text(f"{'Hz':{_FIRST_COLUMN}}" + "".join(f"{f'{hz:g}':>{_CELL}}" for hz in shown))
        for side, sign, ear in (("right", "O", listener.right), ("left", "X", listener.left)):
            head = Text(f"{f'{side} {sign}':{_FIRST_COLUMN}}", _STYLES[side])
            yield head + "".join(f"{threshold_words(ear, hz):>{_CELL}}" for hz in shown)


def _verdict(listener: Listener) -> list["Text"]:
    from rich.text import Text

    right, left = average_words(listener.right), average_words(listener.left)
    told = [
        f"Pure-tone average (0.5, 1, 2, 4 kHz): right {right}, left {left}.",
        *(f"{words}." for words in grade_words(listener)),
        NO_DIAGNOSIS,
    ]
    return [Text(line) for words in told for line in wrap(words, _WIDTH)]
