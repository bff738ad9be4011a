"""Where commands are struck by faults, and what comes of them when they are not."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from cli_program import Ended
from commands import Command
from troubles import counting_changes

__all__ = ["Stage", "Whole"]


@dataclass(frozen=True)
class Whole:
    """A run that nothing disturbed.

    Args:
        results: what came of it.
        ended: what it said.
        seconds: how long it took.
        changes: how often it made, renamed or removed a file.
        pages: of 4 kB that its outputs fill.
    """

    results: Mapping[str, object]
    ended: Ended
    seconds: float
    changes: int
    pages: int


@dataclass
class Stage:
    """Where commands are struck by faults: each in a new folder, with all that it needs."""

    root: Path
    url: str
    wholes: dict[tuple[str, ...], Whole] = field(default_factory=dict)

    def fresh(self, command: Command) -> Path:
        """A folder in which nothing has been done yet."""
        folder = self.root / f"{command.name}-{time.monotonic_ns()}"
        folder.mkdir()
        command.prepare(folder, self.url)
        (folder / command.outputs).mkdir(exist_ok=True)
        return folder

    def whole(self, command: Command) -> Whole:
        """What comes of a command that nothing disturbs."""
        if command.words not in self.wholes:
            folder = self.fresh(command)
            paper = folder / "changes"
            program = command.begin(folder, partial(counting_changes, str(paper)))
            begun = time.monotonic()
            ended = program.ended()
            assert ended.code == 0, ended
            seconds, changes = time.monotonic() - begun, len(paper.read_bytes())
            self.wholes[command.words] = Whole(
                command.results(folder), ended, seconds, changes, _pages(folder / command.outputs)
            )
        return self.wholes[command.words]


def _pages(folder: Path) -> int:
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return sum(-(-size // 4096) for size in sizes)
