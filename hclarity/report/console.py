"""Where words for people go: stderr, so that stdout carries data alone.

Colour and bars appear only on a terminal; rich itself honours ``NO_COLOR`` and ``TERM=dumb``.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from textwrap import indent
from typing import TYPE_CHECKING, NoReturn

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["Bar", "Reporter", "one_line"]


class Reporter:
    """Says how a run goes.

    Args:
        quiet: say nothing but warnings and errors.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._console = _Console(stderr=True, highlight=False)

    def say(self, text: str) -> None:
        """Print a line, unless the run is quiet."""
        if not self._quiet:
            self._line(Text(one_line(text)))

    def show(self, table: str) -> None:
        """Print lines that are laid out already, unless the run is quiet."""
        if not self._quiet:
            self._line(Text(table))

    def panel(self, title: str, lines: str) -> None:
        """Print lines that are laid out already in a frame, where there is a terminal for it."""
        if self._quiet:
            return
        if self._console.is_terminal:
            frame = Panel(Text(lines), title=Text(one_line(title)), expand=False, padding=(0, 1))
            self._console.print(frame)
        else:
            self.say(title)
            self.show(indent(lines, "  "))

    def warn(self, text: str) -> None:
        """Print a line that the user must see even in a quiet run."""
        self._line(Text.assemble(("warning:", "yellow"), " ", one_line(text)))

    def error(self, text: str) -> None:
        """Print why something failed, on one line."""
        self._line(Text.assemble(("error:", "red"), " ", one_line(text)))

    @contextmanager
    def progress(self, label: str, total: float | None) -> Iterator["Bar"]:
        """While the block runs, show how far it has come; without a terminal, that it began.

        Nothing is shown before there is some progress, so what need not be done leaves no trace.
        """
        bar = Bar(self, one_line(label), total)
        try:
            yield bar
        finally:
            bar.close()

    def bars(self) -> "Progress | None":
        """A display for bars; None where there is no terminal to show them."""
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        if self._quiet or not self._console.file.isatty() or self._console.is_dumb_terminal:
            return None
        return Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:3.0f} %"),
            TimeRemainingColumn(),
            TextColumn("left"),
            console=self._console,
            transient=True,
        )

    def _line(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True)


class Bar:
    """How far one thing has come; `Reporter.progress` makes it."""

    def __init__(self, reporter: Reporter, label: str, total: float | None) -> None:
        self._reporter, self._label, self._total = reporter, label, total
        self._done = 0.0
        self._begun = False
        self._bars: Progress | None = None

    def advance(self, amount: float) -> None:
        """Move on."""
        self.set(self._done + amount)

    def set(self, done: float) -> None:
        """Say how much is done in all."""
        if not self._begun:
            self._begin()
        self._done = done
        if self._bars:
            self._bars.update(self._bars.task_ids[0], completed=done)

    def close(self) -> None:
        """Take the bar away."""
        if self._bars:
            self._bars.stop()

    def _begin(self) -> None:
        self._begun = True
        self._bars = self._reporter.bars()
        if self._bars:
            self._bars.add_task(self._label, total=self._total)
            self._bars.start()
        else:
            self._reporter.say(self._label)


class _Console(Console):
    def on_broken_pipe(self) -> NoReturn:
        """Tell the program, which ends quietly; rich would end it with code 1."""
        raise BrokenPipeError


def one_line(text: str) -> str:
    """Text that stays on its line and sends no control codes, though a file may have any name."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
