"""How a training goes: on a terminal one line that lives, elsewhere a line now and then."""

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hclarity.report.console import Reporter

if TYPE_CHECKING:
    from rich.progress import Progress

    from hclarity.training.loop import StepReport

__all__ = ["TrainingDisplay", "duration"]

_SAID_EVERY = 60.0  # seconds
_SMOOTHED = 0.98


class TrainingDisplay:
    """Shows steps, loss, uSDR, speed and the time left.

    Args:
        reporter: where to.
        steps: of the run.
        songs: of a validation.
    """

    def __init__(self, reporter: Reporter, steps: int, songs: int) -> None:
        self._reporter, self._steps, self._songs = reporter, steps, songs
        self._loss = math.nan
        self._score = ""
        self._said = time.monotonic()
        self._bars: Progress | None = None

    @contextmanager
    def shown(self) -> Iterator["TrainingDisplay"]:
        """While the block runs, show the bar, where there is a terminal."""
        self._bars = self._reporter.bars()
        if self._bars:
            self._bars.add_task("training", total=1.0)
            self._bars.start()
        try:
            yield self
        finally:
            if self._bars:
                self._bars.stop()

    def step(self, report: "StepReport") -> None:
        """Show how far the run has come."""
        kept = 0.0 if math.isnan(self._loss) else _SMOOTHED
        if math.isfinite(report.loss):
            self._loss = (kept * self._loss if kept else 0.0) + (1 - kept) * report.loss
        words = (
            f"step {report.step} of {self._steps}, loss {self._loss:.4g}{self._score},"
            f" {report.audio_per_second:.3g} s of audio a second"
        )
        if self._bars:
            self._bars.update(self._bars.task_ids[0], description=words, completed=report.progress)
        elif time.monotonic() - self._said >= _SAID_EVERY:
            self._said = time.monotonic()
            self._reporter.say(f"{words}, {duration(report.seconds_left)} left")

    def validating(self, done: int) -> None:
        """Show how far a validation has come."""
        if self._bars and self._songs:
            words = f"validating, song {min(done + 1, self._songs)} of {self._songs}"
            self._bars.update(self._bars.task_ids[0], description=words)

    def validated(self, row: Mapping[str, float]) -> None:
        """Tell the scores."""
        stems = {
            name.removeprefix("usdr_"): value
            for name, value in row.items()
            if name.startswith("usdr_")
        }
        if not stems:
            return
        self._score = f", uSDR {row['usdr']:.2f} dB"
        told = ", ".join(f"{stem} {score:.2f}" for stem, score in stems.items())
        self._reporter.say(f"step {row['step']:.0f}: loss {row['loss']:.4g}{self._score} ({told})")


def duration(seconds: float) -> str:
    """Return a length of time in words.

    >>> duration(7325), duration(59), duration(3600 * 30)
    ('2 h 2 min', '59 s', '30 h')
    """
    minutes = round(seconds / 60)
    if seconds < 60:
        return f"{seconds:.0f} s"
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes and hours < 10 else f"{hours} h"
