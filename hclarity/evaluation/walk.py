"""Songs x rows x measures -> scores, of which only those that a journal lacks are computed."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hclarity import __version__
from hclarity.batch.journal import Journal
from hclarity.errors import HclarityError
from hclarity.evaluation.digests import Digests, digest_of_values
from hclarity.evaluation.measures import Measure, Task
from hclarity.evaluation.rows import Row
from hclarity.evaluation.scores import Score
from hclarity.evaluation.songs import Song
from hclarity.evaluation.work import Event, Failed, Scored, Unit, in_processes, work_on

__all__ = ["Failure", "Walk"]

_INFINITE = {math.inf: "inf", -math.inf: "-inf"}  # which JSON has no numbers for


@dataclass(frozen=True)
class Failure:
    """Why there are no scores of a song; without a row, of none of them."""

    song: str
    row: str
    reason: str


class Walk:
    """What is to be scored, what of it is done, and the doing of the rest.

    A song, as its files have it, is separated once by each row, for all measures; where a journal
    holds all scores of it, not at all. The scores come in the order of tasks, rows and measures,
    whatever the number of processes.

    Args:
        tasks: songs and measures; those of the same song are one task.
        rows: of the table.
        journal: of what is done, open.
        again: do all of it, also what is done.
        report: called after each song that has been looked at.

    Attributes:
        failures: what could not be scored, so far.
        total: how many measures of rows and songs there are.
        data: a digest of all songs.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        rows: Sequence[Row],
        journal: Journal,
        *,
        again: bool = False,
        report: Callable[[], None] = lambda: None,
    ) -> None:
        self.failures: list[Failure] = []
        self._tasks, self._rows, self._journal = _merged(tasks), rows, journal
        self._pieces: dict[tuple[int, int, int], Mapping[str, object]] = {}
        digests, songs = Digests(journal), []
        for number, task in enumerate(self._tasks):
            try:
                songs.append(digests.of_song(task.song))
                self._look(number, task, songs[-1])
            except HclarityError as error:
                self.failures.append(Failure(task.song.name, "", str(error)))
            report()
        self.data = digest_of_values(songs)
        self.total = len(self._pieces)
        self._todo = {piece for piece, of in self._pieces.items() if again or not self._has(of)}

    @property
    def missing(self) -> int:
        """How many measures are still to be done."""
        return len(self._todo)

    def run(self, jobs: int = 1, report: Callable[[int], None] = lambda done: None) -> None:
        """Score what is missing.

        Args:
            jobs: how many songs at once, in processes of their own where there are several.
            report: called with how many measures more are dealt with, each time some are.

        Raises:
            StorageError: when the journal cannot be written.
        """
        for event in self._events(list(self._units()), jobs):
            match event:
                case Scored(unit, row, measure, scores):
                    result = {
                        "row": self._rows[row].name,
                        "scores": [_plain(score) for score in scores],
                    }
                    self._journal.add(self._pieces[unit, row, measure], result)
                    self._todo.discard((unit, row, measure))
                    report(1)
                case Failed(unit, row, reason, unmeasured):
                    song = self._tasks[unit].song.name
                    self.failures.append(Failure(song, self._rows[row].name, reason))
                    report(unmeasured)

    def scores(self) -> Iterator[Score]:
        """All scores that there are now."""
        for (number, row, measure), of in self._pieces.items():
            if (number, row, measure) not in self._todo:
                for plain in self._journal[of]["scores"]:
                    yield _score(plain, self._rows[row].name, self._tasks[number].song.name)

    def _has(self, of: Mapping[str, object]) -> bool:
        """Whether the journal holds scores of a piece that read as such."""
        if of not in self._journal:
            return False
        try:
            return all(_score(plain, "", "") for plain in self._journal[of]["scores"])
        except (LookupError, TypeError, ValueError):  # by whatever else has written there
            return False

    def _look(self, number: int, task: Task, digest: str) -> None:
        """Find out what the scores of a song depend on."""
        for row_number, row in enumerate(self._rows):
            for measure_number, measure in enumerate(task.measures):
                self._pieces[number, row_number, measure_number] = {
                    "version": __version__,
                    "row": row.digest_of(task.song),
                    "song": {"name": task.song.name, "digest": digest},
                    "measure": {"name": measure.name, "settings": dict(measure.settings)},
                }

    def _units(self) -> Iterator[Unit]:
        missing: dict[int, dict[int, list[int]]] = {}
        for number, row, measure in sorted(self._todo):
            missing.setdefault(number, {}).setdefault(row, []).append(measure)
        for number, by_row in missing.items():
            yield Unit(number, self._tasks[number], by_row)

    def _events(self, units: list[Unit], jobs: int) -> Iterator[Event]:
        if min(jobs, len(units)) > 1:
            yield from in_processes(units, self._rows, min(jobs, len(units)))
        else:
            for unit in units:
                yield from work_on(unit, self._rows)


def _merged(tasks: Sequence[Task]) -> list[Task]:
    """Tasks with one for each song: the same files, frames and name."""
    songs: list[tuple[Song, list[Measure]]] = []
    places: dict[tuple[object, ...], int] = {}
    for task in tasks:
        song, track = task.song, task.song.track
        files = (*track.stems.items(), track.mixture)
        known = (song.name, track.name, files, song.start, song.frames)
        place = places.setdefault(known, len(songs))
        if place == len(songs):
            songs.append((song, []))
        songs[place][1].extend(task.measures)
    return [Task(song, tuple(measures)) for song, measures in songs]


def _plain(score: Score) -> list[Any]:
    """A score as a journal has it; of which row and song it is, the work says."""
    value = None if score.value is None else float(score.value)
    kept = _INFINITE.get(value, value) if value is not None else None
    return [score.stem, score.metric, kept, score.listener, score.ear, score.scene]


def _score(plain: Sequence[Any], row: str, song: str) -> Score:
    stem, metric, kept, listener, ear, scene = plain
    value = None if kept is None else float(kept)
    return Score(row, song, stem, metric, value, listener, ear, scene)
