"""What is measured of an output, and of which songs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from hclarity.evaluation.rows import Output
from hclarity.evaluation.scores import Score
from hclarity.evaluation.songs import Song

__all__ = ["Measure", "Task"]


class Measure(Protocol):
    """One thing to measure: the smallest piece of work, which a journal keeps whole.

    It may be sent to another process.

    Attributes:
        name: among the measures of a song, such as "sdr" or "haaqi N3".
        settings: all that its numbers depend on, beside the song and the output; goes into JSON.
    """

    @property
    def name(self) -> str: ...  # noqa: D102

    @property
    def settings(self) -> Mapping[str, object]: ...  # noqa: D102

    def scores(self, output: Output) -> list[Score]:
        """Measure it.

        Raises:
            HclarityError: for an output that cannot be measured.
        """


@dataclass(frozen=True)
class Task:
    """A song, and all that is measured of what a row makes of it."""

    song: Song
    measures: Sequence[Measure]
