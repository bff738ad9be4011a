"""Songs x rows x measures -> scores, of which only those that a journal lacks are computed."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hclarity import __version__
from hclarity.batch.executors.executor import Came, Executor, Lost
from hclarity.batch.journal import Journal
from hclarity.batch.leases import Busy
from hclarity.errors import HclarityError, StorageError
from hclarity.evaluation.digests import Digests, digest_of_values
from hclarity.evaluation.measures import Measure, Task
from hclarity.evaluation.rows import Row
from hclarity.evaluation.scores import Score
from hclarity.evaluation.songs import Song
from hclarity.evaluation.work import Elsewhere, Event, Failed, Scored, Unit, Workshop

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
    whoever does the work. Several programs may do so with one journal.

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
        self._songs: dict[int, str] = {}
        digests = Digests(journal)
        for number, task in enumerate(self._tasks):
            try:
                self._songs[number] = digests.of_song(task.song)
                self._look(number, task, self._songs[number])
            except StorageError:  # the journal's, not the song's
                raise
            except HclarityError as error:
                self.failures.append(Failure(task.song.name, "", str(error)))
            report()
        self.data = digest_of_values(list(self._songs.values()))
        self.total = len(self._pieces)
        self._again = again
        self._todo = {piece for piece, of in self._pieces.items() if again or not self._has(of)}
        self._failed: set[tuple[int, int]] = set()
        self._done_elsewhere = 0

    @property
    def missing(self) -> int:
        """How many measures are still to be done."""
        return len(self._todo)

    @property
    def missing_songs(self) -> int:
        """How many songs they are of."""
        return len({number for number, _, _ in self._todo})

    def run(
        self, executor: Executor | None = None, report: Callable[[int], None] = lambda done: None
    ) -> None:
        """Score what is missing.

        What other programs are at work on comes last, as far as they have not done it by then.

        Args:
            executor: does several songs at once, in processes; None for one after the other, here.
            report: called with how many measures more are dealt with, each time some are.

        Raises:
            HclarityError: when what is found cannot be kept.
        """
        songs = sorted({number for number, _, _ in self._todo})
        while songs:
            elsewhere: dict[int, Busy] = {}
            for event in self._events(_Units(songs, self._unit), executor):
                match event:
                    case Elsewhere(unit, busy):
                        elsewhere[unit] = busy
                    case Scored() if reason := self._changed(event):
                        report(self._fail(Failed(event.unit, event.row, reason, 1)))
                    case Scored():
                        report(self._keep(event) + self._found_done())
                    case Failed():
                        report(self._fail(event))
            for busy in elsewhere.values():
                busy.wait()
            songs = [number for number in elsewhere if self._unit(number).missing]
            report(self._found_done())

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

    def _keep(self, event: Scored) -> int:
        """Write down what was found; return how many measures are done by that."""
        piece = (event.unit, event.row, event.measure)
        result = {
            "row": self._rows[event.row].name,
            "scores": [_plain(score) for score in event.scores],
        }
        self._journal.add(self._pieces[piece], result)
        done = piece in self._todo
        self._todo.discard(piece)
        return int(done)

    def _fail(self, event: Failed) -> int:
        """Remember why a row has no scores of a song; return how many measures that leaves."""
        if (event.unit, event.row) not in self._failed:  # else it has been told
            song = self._tasks[event.unit].song.name
            self.failures.append(Failure(song, self._rows[event.row].name, event.reason))
        self._failed.add((event.unit, event.row))
        return event.unmeasured

    def _found_done(self) -> int:
        """How many measures other programs were found to have done, since this was last asked."""
        found, self._done_elsewhere = self._done_elsewhere, 0
        return found

    def _changed(self, event: Scored) -> str:
        """Why what was scored is no longer what its digests say; empty if it is."""
        song, row = self._tasks[event.unit].song, self._rows[event.row]
        digests = Digests(self._journal)
        try:
            same = digests.of_song(song) == self._songs[event.unit] and all(
                digests.of_file(path) == digest for path, digest in row.files_of(song).items()
            )
        except StorageError:
            raise
        except HclarityError as error:
            return str(error)
        told = f"{song.name} changed while it was scored; the same command again scores it anew"
        return "" if same else told

    def _unit(self, number: int) -> Unit:
        """What is missing of a song now, that other programs have not done meanwhile either."""
        if not self._again:
            self._journal.catch_up()
        missing: dict[int, list[int]] = {}
        for row in range(len(self._rows)):
            for measure in self._measures_of(number, row):
                piece = (number, row, measure)
                if not self._again and self._has(self._pieces[piece]):
                    self._todo.discard(piece)
                    self._done_elsewhere += 1
                elif (number, row) not in self._failed:
                    missing.setdefault(row, []).append(measure)
        return Unit(number, self._tasks[number], self._songs[number], missing)

    def _measures_of(self, number: int, row: int) -> list[int]:
        """The numbers of those that a song and row still lack."""
        measures = range(len(self._tasks[number].measures))
        return [measure for measure in measures if (number, row, measure) in self._todo]

    def _events(self, units: "_Units", executor: Executor | None) -> Iterator[Event]:
        workshop = Workshop(self._rows, self._journal.path.parent)
        if executor is None:
            for unit in units:
                yield from workshop.work_on(unit)
            return
        for event in executor.run(workshop, units):
            match event:
                case Came(_, value):
                    yield value
                case Lost(task, reason):
                    unit = units[task]
                    for row, measures in unit.missing.items():
                        yield Failed(unit.number, row, reason, len(measures))


class _Units(Sequence[Unit]):
    """Songs to work on; of each, what is missing when it is looked up."""

    def __init__(self, numbers: Sequence[int], unit: Callable[[int], Unit]) -> None:
        self._numbers, self._unit = numbers, unit

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, place: Any) -> Any:
        return self._unit(self._numbers[place])


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
