"""Workers that are jobs of Slurm."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from importlib.util import find_spec
from math import inf
from pathlib import Path
from typing import Any

from hclarity.batch.executors.executor import ATTEMPTS, Begin, Came, Ended, Event, Lost, Told
from hclarity.batch.executors.workers import KILLED, InFolder, at_most, told_error
from hclarity.errors import UnavailableError, UsageError

__all__ = ["SlurmExecutor"]

_LOOK_EVERY_S = 1.0


class SlurmExecutor:
    """An array job of Slurm, by submitit; each of its tasks does a share of the work.

    See `hclarity.batch.executors.executor.Executor`. What comes of a share comes when it has ended.
    A share whose job has died is submitted again. The folder, inputs and outputs are on disks that
    all hosts share.

    Args:
        jobs: how many shares.
        folder: for what submitit writes, logs among it.
        parameters: for ``sbatch``, as submitit has them, such as ``slurm_partition``; ``cluster``
            ``local`` runs the jobs on this machine.
        timeout: seconds that a task may take.

    Raises:
        UnavailableError: where submitit or Slurm is not installed.
    """

    def __init__(
        self, jobs: int, folder: Path, parameters: Mapping[str, str], *, timeout: float = inf
    ) -> None:
        if find_spec("submitit") is None:
            raise UnavailableError("--executor slurm needs submitit: pip install 'hclarity[slurm]'")
        self._jobs, self._timeout = jobs, timeout
        self._submitter = _submitter(folder, parameters)

    def run(self, begin: Begin, tasks: Sequence[Any]) -> Iterator[Event]:
        """As all executors do."""
        jobs = min(self._jobs, len(tasks))
        shares = [list(range(first, len(tasks), jobs)) for first in range(jobs)]
        for attempt in range(1, ATTEMPTS + 1):
            lost: list[list[int]] = []
            for share, found in self._done(begin, tasks, shares):
                if found is None:
                    lost.append(share)
                else:
                    yield from found
            if attempt == ATTEMPTS:
                yield from (Lost(number, KILLED) for share in lost for number in share)
            shares = lost
            if not shares:
                return

    def _done(
        self, begin: Begin, tasks: Sequence[Any], shares: Sequence[list[int]]
    ) -> Iterator[tuple[list[int], list[Event] | None]]:
        """Yield each share with what came of it; None where its job died."""
        work = partial(_share, InFolder(os.getcwd(), begin), self._timeout)
        given = [[(number, tasks[number]) for number in share] for share in shares]
        jobs = dict(zip(self._submitter.map_array(work, given), shares, strict=True))
        try:
            while jobs:
                for job in [job for job in jobs if job.done()]:
                    yield jobs.pop(job), _result(job)
                if jobs:
                    time.sleep(_LOOK_EVERY_S)
        finally:
            for job in jobs:
                job.cancel()


def _submitter(folder: Path, parameters: Mapping[str, str]) -> Any:
    import submitit

    words: dict[str, Any] = {name: _value(word) for name, word in parameters.items()}
    try:
        submitter = submitit.AutoExecutor(folder, cluster=words.pop("cluster", "slurm"))
        submitter.update_parameters(**words)
    except (RuntimeError, ValueError, TypeError, NameError) as error:
        raise UsageError(f"--slurm: {' '.join(str(error).split())[:200]}") from error
    return submitter


def _value(word: str) -> str | int:
    return int(word) if word.isdigit() else word


def _share(begin: Begin, timeout: float, tasks: Sequence[tuple[int, Any]]) -> list[Any]:
    """Do some tasks, in a job; return events, and at the end the error of a bug, if there was."""
    said: list[Any] = []
    try:
        work = begin(lambda value: said.append(Told(value)))
        for number, task in tasks:
            with at_most(timeout):
                said += [Came(number, value) for value in work(task)]
            said.append(Ended(number))
    except Exception as error:
        said.append(told_error(error))
    return said


def _result(job: Any) -> list[Event] | None:
    """What a job returned; None where it died."""
    import submitit

    try:
        said = job.result()
    except submitit.core.utils.UncompletedJobError:
        return None
    if said and isinstance(said[-1], Exception):
        raise said[-1]
    return list(said)
