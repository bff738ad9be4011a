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
    """

    results: Mapping[str, object]
    ended: Ended
    seconds: float
    changes: int


@dataclass
class Stage:
    """Where commands are struck by faults: each in a new folder, with all that it needs."""

    root: Path
    url: str
    wholes: dict[str, Whole] = field(default_factory=dict)

    def fresh(self, command: Command) -> Path:
        """A folder in which nothing has been done yet."""
        folder = self.root / f"{command.name}-{time.monotonic_ns()}"
        folder.mkdir()
        command.prepare(folder, self.url)
        return folder

    def whole(self, command: Command) -> Whole:
        """What comes of a command that nothing disturbs."""
        if command.name not in self.wholes:
            folder = self.fresh(command)
            paper = folder / "changes"
            program = command.begin(folder, partial(counting_changes, str(paper)))
            begun = time.monotonic()
            ended = program.ended()
            assert ended.code == 0, ended
            seconds, changes = time.monotonic() - begun, len(paper.read_bytes())
            self.wholes[command.name] = Whole(command.results(folder), ended, seconds, changes)
        return self.wholes[command.name]

    def done(self, command: Command) -> Path:
        """A folder in which a command has been run."""
        folder = self.fresh(command)
        assert command.begin(folder).ended().code == 0
        return folder
