"""What a process says that has no terminal of its own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from hclarity.report.console import Bar, Reporter

__all__ = ["Relay", "Said", "say_relayed"]


@dataclass(frozen=True)
class Said:
    """Words for a `Reporter`, and which of its methods they are for."""

    how: Literal["say", "show", "panel", "warn", "error"]
    words: tuple[str, ...]


class Relay(Reporter):
    """A reporter that hands on what it is told.

    Args:
        tell: takes `Said`.
    """

    def __init__(self, tell: Callable[[Said], None]) -> None:
        super().__init__()
        self._tell = tell

    def say(self, text: str) -> None:
        """As `Reporter`."""
        self._tell(Said("say", (text,)))

    def show(self, table: str) -> None:
        """As `Reporter`."""
        self._tell(Said("show", (table,)))

    def panel(self, title: str, lines: str) -> None:
        """As `Reporter`."""
        self._tell(Said("panel", (title, lines)))

    def warn(self, text: str) -> None:
        """As `Reporter`."""
        self._tell(Said("warn", (text,)))

    def error(self, text: str) -> None:
        """As `Reporter`."""
        self._tell(Said("error", (text,)))

    @contextmanager
    def progress(self, label: str, total: float | None) -> Iterator[Bar]:
        """A bar that nobody sees: several would be too many."""
        yield _NoBar(self, label, total)


class _NoBar(Bar):
    def set(self, done: float) -> None:
        self._done = done


def say_relayed(reporter: Reporter, said: Said) -> None:
    """Say what was handed on."""
    getattr(reporter, said.how)(*said.words)
