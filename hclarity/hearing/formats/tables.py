"""Tables of text: what separates the cells, and on which line each row stands.

Commas, semicolons or tabs, whichever the first line has; blank lines, those that begin with a ``#``
and titles above the table (one cell alone, or ``sep=;``) are passed over. A number may have a
decimal comma unless commas separate the cells.
"""

import csv
import re
from dataclasses import dataclass

from hclarity.errors import BadDataError

__all__ = ["Row", "rows_of"]

_MOST_LINES = 1000
_LONGEST_LINE = 10_000
_MOST_CELLS = 200
_SEPARATOR = re.compile(r"\W*sep=.", re.IGNORECASE)  # as Excel heads a table


@dataclass(frozen=True)
class Row:
    """One row: its cells, without blanks around them, and the number of its line."""

    line: int
    cells: tuple[str, ...]


def rows_of(text: str) -> list[Row]:
    """Read a table; each row has as many cells as the first, empty ones filled in.

    Raises:
        BadDataError: for a row with too many cells, quotes that do not end, or a table so large
            that it is something else.
    """
    lines = text.splitlines()
    if len(lines) > _MOST_LINES:
        raise BadDataError(f"{len(lines)} lines; give a table of at most {_MOST_LINES}")
    rows: list[Row] = []
    delimiter = None
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        delimiter = delimiter if rows and delimiter else _delimiter(line)
        cells = _cells(line, number, delimiter)
        if not any(cells):  # as spreadsheets leave behind
            continue
        if not rows and (sum(map(bool, cells)) == 1 or _SEPARATOR.match(line)):
            continue
        width = len(rows[0].cells) if rows else len(cells)
        if any(cells[width:]):
            raise BadDataError(
                f"line {number} has {len(cells)} cells, the first has {width};"
                " add or remove some (a decimal comma needs ; between cells)"
            )
        rows.append(Row(number, (*cells, *[""] * (width - len(cells)))[:width]))
    return rows


def _delimiter(line: str) -> str:
    return next((mark for mark in "\t;" if mark in line), ",")


def _cells(line: str, number: int, delimiter: str) -> tuple[str, ...]:
    if len(line) > _LONGEST_LINE:
        raise BadDataError(f"line {number} has {len(line)} letters, so this is no table; give one")
    try:
        (cells,) = csv.reader([line], delimiter=delimiter, skipinitialspace=True, strict=True)
    except (csv.Error, ValueError) as error:
        raise BadDataError(f"line {number}: {error}; mend the quotes") from None
    if len(cells) > _MOST_CELLS:
        raise BadDataError(f"line {number} has {len(cells)} cells; give at most {_MOST_CELLS}")
    return tuple(cell.strip() for cell in cells)
