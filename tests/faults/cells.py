"""The table of faults and commands: what each command does when each fault strikes.

A test declares its cells by the mark ``cell``, with the outcome in a few words for each command.
Where a test has a parameter ``command``, it stands for the cell of that one.
"""

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

__all__ = [
    "COMMANDS",
    "FAULTS",
    "TABLE",
    "Cells",
    "cell",
    "cells_of",
    "declared",
    "sampled",
    "table",
]

TABLE = Path(__file__).parent.parent / "FAULTS.md"
COMMANDS = ("separate", "remix", "eval", "train", "models pull")
FAULTS = {
    "killed": "`kill -9`, at 50 random moments in all",
    "signalled": "SIGINT, SIGTERM",
    "full": "the disk is full from the k-th operation on, for every k",
    "small": "a real disk that is too small, by one to seven eighths",
    "read-only": "the output folder is read-only",
    "changing": "the input changes or vanishes while it is read",
    "together": "two programs on one folder",
    "clock": "the clock goes backwards",
    "no network": "there is no network",
    "no cache": "the cache folder cannot be written to",
    "damaged": "what earlier runs left is damaged",
    "thousands": "2,000 inputs in one run",
    "long": "an input of 6 hours",
    "names": "names with line breaks, of 255 bytes, of no Unicode, …",
    "workers": "a worker is killed, hangs, or has no memory",
    "workers signalled": "SIGTERM while workers are at work",
}
_ELSEWHERE = {
    ("changing", "models pull"): "a file that changes on the server: see `test_registry_download`",
    ("clock", "models pull"): "it asks no clock",
    ("damaged", "models pull"): "a wrong part heals: see `test_registry_download`",
    ("thousands", "remix"): "the same walk as `separate`",
    ("thousands", "eval"): "no data set has 2,000 songs to score",
    ("thousands", "train"): "songs are read by crops, none is kept open",
    ("thousands", "models pull"): "there are no 2,000 models",
    ("long", "eval"): "a song is scored in memory, as the README says: 1.5 GB for four minutes",
    ("long", "train"): "songs are read by crops",
    ("long", "models pull"): "it hears nothing",
    ("names", "models pull"): "it takes names of models, which are plain words",
    ("workers", "train"): "readers that die end the run: it has no `-j`",
    ("workers", "models pull"): "it has no `-j`",
    ("workers signalled", "models pull"): "it has no `-j`",
}

Cells = dict[tuple[str, str], str]
"""Outcomes by fault and command."""


def cell(fault: str, **outcomes: str) -> pytest.MarkDecorator:
    """Declare what a test shows.

    Args:
        fault: one of the `FAULTS`.
        outcomes: by command; ``models_pull`` for ``models pull``.
    """
    named = {name.replace("_", " "): outcome for name, outcome in outcomes.items()}
    assert fault in FAULTS
    assert set(named) <= set(COMMANDS)
    return pytest.mark.cell(fault, named)


def sampled(cases: Iterable[Any], *sample: Any) -> list[Any]:
    """Cases of a test, of which those of the sample are part of `make test`, the others slow."""
    return [
        case
        if case in sample
        else pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.slow)
        for case in cases
    ]


def cells_of(marks: Iterable[pytest.Mark], parameters: Mapping[str, Any] | None = None) -> Cells:
    """The cells of a test, with its parameters if it has any."""
    only = (parameters or {}).get("command")
    return {
        (mark.args[0], command): outcome
        for mark in marks
        if mark.name == "cell"
        for command, outcome in mark.args[1].items()
        if only in (None, command)
    }


def declared() -> Cells:
    """The cells of all tests of this folder, whether they are run or not."""
    found: Cells = {}
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        for mark in _marks(import_module(path.stem)):
            found |= cells_of([mark])
    return found


def _marks(module: ModuleType) -> Iterator[pytest.Mark]:
    for name, function in vars(module).items():
        if name.startswith("test_"):
            yield from getattr(function, "pytestmark", [])


def table(shown: Mapping[tuple[str, str], str]) -> str:
    """The table as Markdown, of what has been shown."""
    cells = {**_ELSEWHERE, **shown}
    head = f"| | {' | '.join(f'`{command}`' for command in COMMANDS)} |"
    rows = [
        f"| {told} | {' | '.join(cells.get((fault, each), '') for each in COMMANDS)} |"
        for fault, told in FAULTS.items()
    ]
    return "\n".join([*_ABOVE, head, f"|{'---|' * (len(COMMANDS) + 1)}", *rows, ""])


_ABOVE = (
    "# Faults",
    "",
    "What each command does when something goes wrong, as the tests in `tests/faults` show it;",
    "`make faults` runs them all and writes this table.",
    "",
)
