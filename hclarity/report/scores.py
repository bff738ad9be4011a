"""Scores for people: tables on a terminal, and as Markdown for a paper."""

import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from textwrap import fill
from typing import TYPE_CHECKING

from hclarity import __version__
from hclarity.evaluation.aggregates import Report
from hclarity.evaluation.published import Published
from hclarity.report.console import one_line
from hclarity.report.score_content import Cell, Content, Line, content

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["WIDTH", "markdown", "score_tables"]

WIDTH = 100  # columns of text, where no terminal has less
_NAME = 25  # columns at most for the name of a row
_GAP = 2


def score_tables(report: Report, published: Sequence[Published] = (), *, width: int = WIDTH) -> str:
    """Return a table for each metric: stems across, rows down, published rows below a rule.

    Args:
        report: all scores.
        published: rows that others printed, of any metric.
        width: how many columns of text there is room for; stems that find none come below.
    """
    tables = (content(report, metric, published) for metric in report.metrics)
    return "\n\n".join(_terminal(table, width) for table in tables)


def markdown(report: Report, published: Sequence[Published] = ()) -> str:
    """Return the same tables in GitHub's Markdown, each with a caption that a paper can use."""
    tables = (content(report, metric, published) for metric in report.metrics)
    return "\n".join(line for table in tables for line in _markdown(table))


def _terminal(table: Content, width: int) -> str:
    metric = table.metric
    title = f"{metric.title} in {metric.unit}" if metric.unit else metric.title
    lines = [_note(f"{title}, {table.caption}", "", width), _note(_legend(table), "", width), ""]
    for columns in _side_by_side(table, width):
        lines += _rendered(table, columns, width)
    lines += [_note(note, "  ", width) for note in map(one_line, table.notes)]
    lines += [_note(one_line(s), f"  [{n}] ", width) for n, s in enumerate(table.sources, 1)]
    return "\n".join(lines).rstrip()


def _legend(table: Content) -> str:
    """What the lines of a cell are."""
    metric = table.metric
    cells = [cell for line in _lines(table) for cell in line.cells]
    words = [f"{metric.headline} / {metric.other} over songs"]
    if any(cell.interval for cell in cells):
        words.append(f"[95 % interval of the {metric.headline}]")
    if any(cell.gain for cell in cells):
        words.append(f"+ {metric.headline} over the mixture")
    return ", ".join(words)


def _lines(table: Content) -> list[Line]:
    return [*chain.from_iterable(table.sections), *table.published]


def _side_by_side(table: Content, width: int) -> Iterator[range]:
    """Columns that have room beside each other."""
    lines = _lines(table)
    widths = [
        max(map(len, (stem, *chain.from_iterable(_parts(line.cells[number]) for line in lines))))
        for number, stem in enumerate(table.columns)
    ]
    room = width - min(max(len(line.name) for line in lines), _NAME)
    begin = 0
    while begin < len(widths):
        end = begin + 1
        while end < len(widths) and sum(widths[begin : end + 1]) + _GAP * (end - begin + 1) <= room:
            end += 1
        yield range(begin, end)
        begin = end


def _parts(cell: Cell) -> list[str]:
    return [part for part in (cell.value, cell.interval, cell.gain) if part]


def _rendered(table: Content, columns: range, width: int) -> list[str]:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.HORIZONTALS, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    drawn.add_column("", max_width=_NAME, overflow="fold")
    for number in columns:
        drawn.add_column(Text(one_line(table.columns[number])), justify="right", no_wrap=True)
    for section in table.sections:
        _add_section(drawn, section, columns)
    if table.published:
        drawn.add_row("as published:")
        _add_section(drawn, table.published, columns)
    text = io.StringIO()
    Console(file=text, width=width, color_system=None, legacy_windows=False).print(drawn)
    return [*(line.rstrip() for line in text.getvalue().splitlines()), ""]


def _add_section(drawn: "Table", section: Sequence[Line], columns: range) -> None:
    from rich.text import Text

    for line in section:
        cells = ("\n".join(_parts(line.cells[number])) for number in columns)
        drawn.add_row(Text(line.name), *(Text(cell, justify="right") for cell in cells))
    drawn.add_section()


def _note(words: str, mark: str, width: int) -> str:
    return fill(
        words,
        width,
        initial_indent=mark,
        subsequent_indent=" " * len(mark),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _markdown(table: Content) -> Iterator[str]:
    measured = list(chain.from_iterable(table.sections))
    yield from (f"### {table.metric.title}", "")
    yield _row("", map(_escaped, table.columns))
    yield f"|---|{'---:|' * len(table.columns)}"
    for line in measured:
        yield _row(_escaped(line.name), (f"{c.value} {c.interval}".strip() for c in line.cells))
    for line in measured:
        if any(cell.gain for cell in line.cells):
            yield _row(f"{_escaped(line.name)}, over the mixture", (c.gain for c in line.cells))
    for line in table.published:
        yield _row(f"*as published:* {_escaped(line.name)}", (c.value for c in line.cells))
    notes = [f"{_escaped(note)}." for note in table.notes]
    sources = [f"\\[{n}\\] {_escaped(source)}" for n, source in enumerate(table.sources, 1)]
    for words in (_caption(table), *notes, *sources):
        yield from ("", words)
    yield ""


def _caption(table: Content) -> str:
    metric = table.metric
    unit = f" in {metric.unit}" if metric.unit else ""
    return (
        f"{metric.title}{unit}, {_escaped(table.caption)}: {metric.headline} / {metric.other} over"
        f" songs, [95 % bootstrap interval of the {metric.headline}]. {metric.title}:"
        f" {metric.definition}. hclarity {__version__}."
    )


def _row(name: str, cells: Iterable[str]) -> str:
    return f"| {' | '.join([name, *cells])} |"


def _escaped(words: str) -> str:
    """Words that are nothing but words in Markdown, on one line."""
    return "".join(f"\\{char}" if char in "\\`*_|<>[]#~" else char for char in one_line(words))
