"""The work of one song: all that is to be measured of what rows make of it, here or elsewhere.

Elsewhere means in processes of their own. Each is given a song, reads it once for all rows, says
every score as soon as it is there, forgets the song, and asks for the next. One that dies, as the
system ends what takes too much memory, takes no other with it.
"""

import os
import signal
import traceback
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait

from hclarity.errors import HclarityError
from hclarity.evaluation.measures import Task
from hclarity.evaluation.rows import Output, Row
from hclarity.evaluation.scores import Score

__all__ = ["Failed", "Scored", "Unit", "in_processes", "work_on"]

_THREADS = ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS")


@dataclass(frozen=True)
class Unit:
    """A song, and what of it is still to be measured.

    Args:
        number: of the task.
        task: the song, and all measures.
        missing: the numbers of the measures, by that of the row.
    """

    number: int
    task: Task
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


Event = Scored | Failed


def work_on(unit: Unit, rows: Sequence[Row]) -> Iterator[Event]:
    """Measure all that is missing of a song, one row after the other."""
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


def in_processes(units: Iterable[Unit], rows: Sequence[Row], jobs: int) -> Iterator[Event]:
    """Do all of `work_on` in several processes; what they find comes in no certain order.

    When the iteration is left, however it is, the processes are gone.

    Args:
        units: the work.
        rows: of the table; sent to each process once.
        jobs: how many processes.
    """
    waiting = deque(units)
    busy: dict[Connection, _Worker] = {}
    try:
        while waiting or busy:
            while waiting and len(busy) < jobs:
                worker = _Worker(rows, jobs)
                busy[worker.connection] = worker
                worker.give(waiting.popleft())
            for connection in wait(list(busy)):
                worker = busy[connection]  # type: ignore[index]
                yield from worker.said()
                if worker.unit is None and worker.alive and waiting:
                    worker.give(waiting.popleft())
                elif worker.unit is None:
                    busy.pop(worker.connection).end()  # another begins if there is work for it
    finally:
        for worker in busy.values():
            worker.end()


class _Worker:
    """A process that works on one unit after the other, as seen from without."""

    def __init__(self, rows: Sequence[Row], jobs: int) -> None:
        context = get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.unit: Unit | None = None
        self.alive = True
        self._left: dict[int, int] = {}
        self._process = context.Process(target=_serve, args=(theirs, rows), daemon=True)
        with _shared_out(jobs), _unhurried():
            self._process.start()
        theirs.close()

    def give(self, unit: Unit) -> None:
        self.unit = unit
        self._left = {row: len(measures) for row, measures in unit.missing.items()}
        with suppress(OSError):  # a process that has died says so by saying nothing more
            self.connection.send(unit)

    def said(self) -> Iterator[Event]:
        """What it has to say, once there is something; its unit is None when it is done."""
        try:
            event = self.connection.recv()
        except (EOFError, OSError):
            yield from self._died()
            return
        match event:
            case None:
                self.unit = None
            case Scored():
                self._left[event.row] -= 1
                yield event
            case Failed():
                self._left[event.row] = 0
                yield event
            case _:
                raise event

    def _died(self) -> Iterator[Failed]:
        unit, self.unit, self.alive = self.unit, None, False
        reason = "its process was killed, maybe for want of memory; fewer --jobs take less"
        for row, left in self._left.items():
            if unit is not None and left:
                yield Failed(unit.number, row, reason, left)

    def end(self) -> None:
        """End the process, whatever it does, and wait until it has ended."""
        self.connection.close()
        self._process.terminate()
        self._process.join()


def _serve(connection: Connection, rows: Sequence[Row]) -> None:
    """Work until nobody asks any more: the life of a process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks is told, and ends us
    with suppress(EOFError, OSError):
        while True:
            for event in _worked_on(connection.recv(), rows):
                connection.send(event)


def _worked_on(unit: Unit, rows: Sequence[Row]) -> Iterator[Event | RuntimeError | None]:
    """What happens, then None; a bug, with its trace, as something that can be sent."""
    try:
        yield from work_on(unit, rows)
    except Exception as error:
        told = RuntimeError(f"{type(error).__name__}: {error}")
        told.add_note(traceback.format_exc())
        yield told
    yield None


@contextmanager
def _shared_out(jobs: int) -> Iterator[None]:
    """While the block runs, processes that begin compute with their share of the cores."""
    share = str(max(1, (os.cpu_count() or 1) // jobs))
    ours = [name for name in _THREADS if name not in os.environ]
    os.environ.update(dict.fromkeys(ours, share))
    try:
        yield
    finally:
        for name in ours:
            del os.environ[name]


@contextmanager
def _unhurried() -> Iterator[None]:
    """Let signals to stop wait until the block has ended, and never reach what it starts."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
