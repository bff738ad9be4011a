"""Workers on a Ray cluster."""

import os
import signal
import socket
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from math import inf
from typing import Any

from hclarity.batch.executors.attempts import Attempts
from hclarity.batch.executors.executor import Begin, Came, Ended, Event, Told, Work
from hclarity.batch.executors.workers import InFolder, at_most, reason_of, told_error
from hclarity.errors import UnavailableError

__all__ = ["RayExecutor"]

_PATIENCE_S = 10.0


class RayExecutor:
    """Actors of a Ray cluster that is there already, or of one on this machine for the while.

    See `hclarity.batch.executors.executor.Executor`. What comes of a task comes when it has ended.
    Hosts must share the folders of inputs and outputs, and have this version of hclarity.

    Args:
        jobs: how many actors.
        address: of the cluster, such as ``auto`` or ``ray://head:10001``; None for this machine.
        gpus: that an actor takes; a half lets two share one.
        timeout: seconds that an actor may take over a task.

    Raises:
        UnavailableError: where Ray is not installed.
    """

    def __init__(
        self, jobs: int, *, address: str | None = None, gpus: float = 0, timeout: float = inf
    ) -> None:
        if find_spec("ray") is None:
            raise UnavailableError("--executor ray needs Ray: pip install 'hclarity[ray]'")
        self._jobs, self._address, self._gpus, self._timeout = jobs, address, gpus, timeout

    def run(self, begin: Begin, tasks: Sequence[Any]) -> Iterator[Event]:
        """As all executors do.

        Raises:
            UnavailableError: when the cluster cannot be reached.
        """
        import ray

        ours = not ray.is_initialized()
        if ours:
            _connect(self._address, self._jobs)
        actors: list[_Actor] = []
        try:
            jobs = min(self._jobs, len(tasks))
            there = InFolder(os.getcwd(), begin)
            actors += [_Actor(there, self._gpus, self._timeout) for _ in range(jobs)]
            yield from _dealt_out(tasks, actors)
        finally:
            for actor in actors:
                actor.end()
            if ours:
                ray.shutdown()


def _connect(address: str | None, jobs: int) -> None:
    import ray

    here = {} if address else {"num_cpus": jobs, "include_dashboard": False}
    try:
        _refuse_unreachable(address or "")
        with _handlers_kept():
            ray.init(
                address=address or "local",
                runtime_env={"env_vars": _settings()},
                log_to_driver=False,
                logging_level="error",
                **here,
            )
    except (OSError, RuntimeError, ValueError) as error:
        place = address or "this machine"
        raise UnavailableError(f"no Ray cluster at {place}: {reason_of(error)}") from error


@contextmanager
def _handlers_kept() -> Iterator[None]:
    """Keep what a polite kill does from Ray, which would end the program in a way of its own."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if before is not None and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)


def _settings() -> dict[str, str]:
    """Ours, of this process, which a cluster that is there already would not have."""
    return {name: value for name, value in os.environ.items() if name.startswith("HCLARITY_")}


def _refuse_unreachable(address: str) -> None:
    """Raise `OSError` where nobody listens: Ray would wait for minutes."""
    host, colon, port = address.rpartition("/")[2].rpartition(":")
    if colon and port.isdigit():
        socket.create_connection((host, int(port)), _PATIENCE_S).close()


def _dealt_out(tasks: Sequence[Any], actors: Sequence["_Actor"]) -> Iterator[Event]:
    """Give each actor a task whenever it has none, and end it when there are none left.

    An actor that the cluster has no room for yet then comes to its own.
    """
    import ray

    queue = Attempts(len(tasks))
    busy: dict[Any, _Actor] = {}
    idle = list(actors)
    while queue.waiting or busy:
        while queue.waiting and idle:
            actor, number = idle.pop(), queue.begin()
            busy[actor.give(number, tasks[number])] = actor
        (ready,), _ = ray.wait(list(busy), num_returns=1)
        actor = busy.pop(ready)
        died = yield from actor.hear(ready)
        if died and (lost := queue.died(actor.task, died)):
            yield lost
        idle.append(actor)
        if not queue.waiting:
            actor.end()


class _Actor:
    """An actor as seen from here; another begins in its place where it has died."""

    def __init__(self, begin: Begin, gpus: float, timeout: float) -> None:
        self.task = -1
        self._begin, self._gpus, self._timeout = begin, gpus, timeout
        self._handle: Any = None

    def give(self, number: int, task: Any) -> Any:
        """Let it begin with a task; what it will have said."""
        import ray

        self.task = number
        if self._handle is None:
            kind = ray.remote(num_cpus=1, num_gpus=self._gpus, max_restarts=0)(_ActorThere)
            self._handle = kind.remote(self._begin)
        return self._handle.do.remote(task, self._timeout)

    def hear(self, ready: Any) -> Generator[Event, None, str]:
        """Yield what it said; return why it died, if it did."""
        import ray

        try:
            told, values, error = ray.get(ready)
        except ray.exceptions.RayTaskError:  # a bug, or a version of ours that is another
            raise
        except ray.exceptions.RayError as error:
            self.end()
            why = "for want of memory, or of its --timeout?"
            return f"its worker died ({why}): {reason_of(error)}"
        yield from map(Told, told)
        yield from (Came(self.task, value) for value in values)
        if error is not None:
            raise error
        yield Ended(self.task)
        return ""

    def end(self) -> None:
        """End its process, whatever it does."""
        import ray

        if self._handle is not None:
            ray.kill(self._handle)
            self._handle = None


class _ActorThere:
    """The actor itself, in the cluster."""

    def __init__(self, begin: Begin) -> None:
        self._told: list[Any] = []
        self._begin = begin
        self._work: Work | None = None

    def do(self, task: Any, timeout: float) -> tuple[list[Any], list[Any], Exception | None]:
        """Return what was told, what came of the task, and what broke."""
        values: list[Any] = []
        error = None
        try:
            if self._work is None:
                self._work = self._begin(self._told.append)
            with at_most(timeout):
                values.extend(self._work(task))
        except Exception as broken:
            error = told_error(broken)
        told, self._told[:] = list(self._told), []
        return told, values, error
