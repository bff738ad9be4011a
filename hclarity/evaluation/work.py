"""The work of one song: all that is to be measured of what rows make of it.

A song is read once for all rows, every score is told as soon as it is there, and the song is
forgotten. It may be done in a process of its own, or on another host.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hclarity.batch.executors.executor import Tell, Work
from hclarity.batch.leases import Busy, leased
from hclarity.errors import HclarityError
from hclarity.evaluation.measures import Task
from hclarity.evaluation.rows import Output, Row
from hclarity.evaluation.scores import Score

__all__ = ["Elsewhere", "Event", "Failed", "Scored", "Unit", "Workshop"]


@dataclass(frozen=True)
class Unit:
    """A song, and what of it is still to be measured.

    Args:
        number: of the task.
        task: the song, and all measures.
        digest: of the song.
        missing: the numbers of the measures, by that of the row.
    """

    number: int
    task: Task
    digest: str
    missing: Mapping[int, Sequence[int]]


@dataclass(frozen=True)
class Scored:
    """What came of one measure: of a unit, a row and a measure, by their numbers."""

    unit: int
    row: int
    measure: int
    scores: Sequence[Score]


@dataclass(frozen=True)
class Failed:
    """Why a row could not be scored on a song, or not in everything.

    Args:
        unit: the number of the task.
        row: the number of the row.
        reason: for people.
        unmeasured: how many measures are still missing.
    """

    unit: int
    row: int
    reason: str
    unmeasured: int


@dataclass(frozen=True)
class Elsewhere:
    """Another program is at work on a song."""

    unit: int
    busy: Busy


Event = Scored | Failed | Elsewhere


@dataclass(frozen=True)
class Workshop:
    """Where songs are worked on; may be sent to other processes.

    Args:
        rows: of the table.
        folder: that all share who score the same songs, at the same time perhaps.
    """

    rows: Sequence[Row]
    folder: Path

    def __call__(self, tell: Tell) -> Work:
        """Make ready what all songs need: nothing."""
        return self.work_on

    def work_on(self, unit: Unit) -> Iterator[Event]:
        """Measure all that is missing of a song, one row after the other."""
        try:
            with leased(self.folder, unit.digest):
                yield from _measured(unit, self.rows)
        except Busy as busy:
            yield Elsewhere(unit.number, busy)


def _measured(unit: Unit, rows: Sequence[Row]) -> Iterator[Scored | Failed]:
    song = replace(unit.task.song)  # a copy, so that what is read is forgotten afterwards
    for number, measures in unit.missing.items():
        output = Output(rows[number], song)
        for done, measure in enumerate(measures):
            try:
                scores = unit.task.measures[measure].scores(output)
            except HclarityError as error:
                yield Failed(unit.number, number, str(error), len(measures) - done)
                break
            yield Scored(unit.number, number, measure, scores)
