"""``tests/FUZZ.md``: what the fuzzer has done so far. It writes the table; people tell the rest."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fuzz import ROOT
from fuzz.campaign import Outcome

__all__ = ["PAGE", "Row", "add_outcome", "rows_in", "with_rows"]

PAGE = ROOT / "tests" / "FUZZ.md"

_BEGIN, _END = "<!-- table -->", "<!-- end -->"
_HEAD = (
    "| reader | executions | last run | in that run | coverage | corpus | failed |\n"
    "|---|---|---|---|---|---|---|\n"
)
_ROW = re.compile(r"\| (\S+) \| (\d+) \| (\S+) \| (\d+) \| (\d+) \| (\d+) \| (\w+) \|")


@dataclass(frozen=True)
class Row:
    """What is known of one reader.

    Args:
        name: of the target.
        executions: in all runs together.
        date: of the last run.
        last: executions of that run.
        coverage: edges of Python code reached by then.
        corpus: files that are kept, each of which reached something new.
        failed: whether the last run ended because the reader failed.
    """

    name: str
    executions: int
    date: str
    last: int
    coverage: int
    corpus: int
    failed: bool

    def __str__(self) -> str:
        cells = (self.name, self.executions, self.date, self.last, self.coverage, self.corpus)
        return f"| {' | '.join(map(str, cells))} | {'yes' if self.failed else 'no'} |"


def add_outcome(name: str, outcome: Outcome, date: str, page: Path = PAGE) -> None:
    """Add a run to the table; what was executed in former runs counts on."""
    text = page.read_text(encoding="utf-8")
    rows = rows_in(text)
    before = rows[name].executions if name in rows else 0
    done = outcome.executions
    measured = (done, outcome.coverage, outcome.corpus, bool(outcome.failure))
    rows[name] = Row(name, before + done, date, *measured)
    page.write_text(with_rows(text, rows.values()), encoding="utf-8")


def rows_in(text: str) -> dict[str, Row]:
    """Return the rows of the table, by the names of their readers."""
    return {
        name: Row(name, int(done), date, int(last), int(edges), int(kept), failed == "yes")
        for name, done, date, last, edges, kept, failed in _ROW.findall(text)
    }


def with_rows(text: str, rows: Iterable[Row]) -> str:
    """Return the page with another table, and the sum of all executions above it."""
    known = sorted(rows, key=lambda row: row.name)
    total = sum(row.executions for row in known)
    before, after = text.split(_BEGIN)[0], text.split(_END)[1]
    table = _HEAD + "".join(f"{row}\n" for row in known)
    return f"{before}{_BEGIN}\nExecutions in all: {total}.\n\n{table}{_END}{after}"
