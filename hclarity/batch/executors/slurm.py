"""Workers that are jobs of Slurm."""

import os
import pickle
import secrets
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from importlib.util import find_spec
from math import inf
from pathlib import Path
from typing import Any

from hclarity.batch.executors.executor import ATTEMPTS, Begin, Came, Ended, Event, Lost, Told
from hclarity.batch.executors.workers import InFolder, Ready, at_most, reason_of, told_error
from hclarity.errors import UnavailableError, UsageError

__all__ = ["SlurmExecutor"]

_LOOK_EVERY_S = 1.0


class SlurmExecutor:
    """An array job of Slurm, by submitit; each of its tasks does a share of the work.

    See `hclarity.batch.executors.executor.Executor`. A job writes down what comes of its share as
    it comes; that is told when the job has ended. What the job of a share that died has left is
    submitted again, the task that it died of last. The folder, inputs and outputs are on disks
    that all hosts share.

    Args:
        jobs: how many shares.
        folder: for what submitit and the jobs write, logs among it.
        parameters: for ``sbatch``, as submitit has them, such as ``slurm_partition``; ``cluster``
            ``local`` runs the jobs on this machine.
        timeout: seconds that a task may take.

    Raises:
        UnavailableError: where submitit or Slurm is not installed.
        UsageError: for parameters that submitit does not know.
    """

    def __init__(
        self, jobs: int, folder: Path, parameters: Mapping[str, str], *, timeout: float = inf
    ) -> None:
        if find_spec("submitit") is None:
            raise UnavailableError("--executor slurm needs submitit: pip install 'hclarity[slurm]'")
        self._jobs, self._timeout, self._folder = jobs, timeout, folder.absolute()
        self._submitter = _submitter(self._folder, parameters)

    def run(self, begin: Begin, tasks: Sequence[Any]) -> Iterator[Event]:
        """As all executors do.

        Raises:
            UnavailableError: when Slurm refuses the jobs.
        """
        jobs = min(self._jobs, len(tasks))
        shares = [_Share(range(first, len(tasks), jobs)) for first in range(jobs)]
        while shares:
            for share, died in self._done(begin, tasks, shares):
                yield from share.take(died)
            shares = [share for share in shares if share.left]

    def _done(
        self, begin: Begin, tasks: Sequence[Any], shares: Sequence["_Share"]
    ) -> Iterator[tuple["_Share", str]]:
        """Yield each share whose job has ended, and why it died if it did."""
        given = []
        for share in shares:
            share.file = self._folder / f"{secrets.token_hex(8)}.events"
            given.append((share.file, [(number, tasks[number]) for number in share.left]))
        work = partial(_do_share, InFolder(os.getcwd(), begin), self._timeout)
        jobs = dict(zip(self._submitted(work, given), shares, strict=True))
        try:
            while jobs:
                for job in [job for job in jobs if job.done()]:
                    yield jobs.pop(job), _why_died(job)
                if jobs:
                    time.sleep(_LOOK_EVERY_S)
        finally:
            for job in jobs:
                job.cancel()

    def _submitted(self, work: Any, given: Sequence[Any]) -> list[Any]:
        try:
            return list(self._submitter.map_array(work, given))
        except Exception as error:  # submitit raises whatever came of sbatch
            raise UnavailableError(f"Slurm refused the jobs: {reason_of(error)}") from error


class _Share:
    """The tasks of one job after the other, until all are done or lost.

    Attributes:
        left: those that are neither, in order.
        file: what the job at hand writes.
    """

    def __init__(self, tasks: Sequence[int]) -> None:
        self.left = list(tasks)
        self.file = Path()
        self._deaths: dict[int | None, int] = {}

    def take(self, died: str) -> Iterator[Event]:
        """Yield what the job has written, and what is lost."""
        said = list(_read(self.file))
        self.file.unlink(missing_ok=True)
        for event in said:
            match event:
                case Exception():
                    raise event
                case Ended():
                    self.left.remove(event.task)
                    yield event
                case Came() | Told():
                    yield event
        if not died:
            return
        # Of the task that it was at, or where it was at none, of the host it began on.
        cause = self.left[0] if self.left and any(isinstance(it, Ready) for it in said) else None
        self._deaths[cause] = self._deaths.get(cause, 0) + 1
        last = [] if cause is None else [cause]
        self.left = [task for task in self.left if task != cause] + last
        if self._deaths[cause] >= ATTEMPTS:
            for task in last or list(self.left):
                self.left.remove(task)
                yield Lost(task, f"{died}; tried {ATTEMPTS} times")


def _submitter(folder: Path, parameters: Mapping[str, str]) -> Any:
    import submitit

    words: dict[str, Any] = {name: _value(word) for name, word in parameters.items()}
    try:
        submitter = submitit.AutoExecutor(folder, cluster=words.pop("cluster", "slurm"))
    except RuntimeError as error:
        raise UnavailableError(f"no Slurm here: {reason_of(error)}") from error
    except ValueError as error:
        raise UsageError(f"--slurm: {reason_of(error)}") from error
    try:
        submitter.update_parameters(**words)
    except (ValueError, TypeError, NameError) as error:
        raise UsageError(f"--slurm: {reason_of(error)}") from error
    return submitter


def _value(word: str) -> str | int:
    """A number where it is spelt as one would; an account may be called 007."""
    return int(word) if word.isascii() and word.isdigit() and str(int(word)) == word else word


def _do_share(begin: Begin, timeout: float, given: tuple[Path, Sequence[tuple[int, Any]]]) -> None:
    """Do some tasks, in a job, and write down what comes of them as it comes."""
    path, tasks = given
    _end_when_time_is_up()
    with path.open("ab") as file:

        def say(event: object) -> None:
            pickle.dump(event, file)
            file.flush()

        try:
            work = begin(lambda value: say(Told(value)))
            say(Ready())
            for number, task in tasks:
                with at_most(timeout):
                    for value in work(task):
                        say(Came(number, value))
                say(Ended(number))
        except Exception as error:
            say(told_error(error))


def _end_when_time_is_up() -> None:
    """Let the end of a job's time end its process, as a death; submitit raises an `Exception`.

    That would be told as an error of the song at hand.
    """
    name = os.environ.get("SUBMITIT_PREEMPT_SIGNAL", "USR2").removeprefix("SIG")
    signal.signal(signal.Signals[f"SIG{name}"], lambda number, frame: sys.exit(1))


def _read(file: Path) -> Iterator[Any]:
    """What a job has written, as far as it is whole."""
    try:
        with file.open("rb") as content:
            while True:
                yield pickle.load(content)
    except (OSError, EOFError, pickle.UnpicklingError):
        return


def _why_died(job: Any) -> str:
    """Why a job has died; empty if it has not."""
    import submitit

    try:
        job.result()
    except (submitit.core.utils.UncompletedJobError, submitit.core.utils.FailedJobError):
        log = job.paths.stderr
        return f"its job died, for want of memory, or of its --timeout? see {log}"
    return ""
