"""Workers on this machine."""

import os
import signal
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from math import inf
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any

from hclarity.batch.executors.executor import ATTEMPTS, Begin, Came, Ended, Event, Lost, Told
from hclarity.batch.executors.workers import Broken, Over, Ready, Value, serve
from hclarity.batch.machine import cores

__all__ = ["LocalExecutor"]

_THREADS = ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS")
_GRACE_S = 10.0  # for a worker to clean up after itself


class LocalExecutor:
    """Processes that this one starts, each with its share of the cores.

    See `hclarity.batch.executors.executor.Executor`.

    Args:
        jobs: how many.
        timeout: seconds that a worker may take over a task.
    """

    def __init__(self, jobs: int, *, timeout: float = inf) -> None:
        self._jobs, self._timeout = jobs, timeout

    def run(self, begin: Begin, tasks: Sequence[Any]) -> Iterator[Event]:
        """As all executors do."""
        jobs = min(self._jobs, len(tasks))
        waiting = deque(range(len(tasks)))
        attempts = [0] * len(tasks)
        busy: dict[Connection, _Worker] = {}
        try:
            while waiting or busy:
                while waiting and len(busy) < jobs:
                    worker = _Worker(begin, jobs, self._timeout)
                    busy[worker.connection] = worker
                    self._give(worker, waiting, attempts, tasks)
                for worker in self._heard(busy):
                    yield from worker.said()
                    if worker.died and worker.task is not None:
                        if attempts[worker.task] < ATTEMPTS:
                            waiting.append(worker.task)
                        else:
                            yield Lost(worker.task, worker.died)
                    if worker.task is None and waiting:
                        self._give(worker, waiting, attempts, tasks)
                    elif worker.died or worker.task is None:
                        busy.pop(worker.connection).end()  # another begins if there is work for it
        finally:
            for worker in busy.values():
                worker.ask_to_end()
            for worker in busy.values():
                worker.end()

    def _give(
        self, worker: "_Worker", waiting: deque[int], attempts: list[int], tasks: Sequence[Any]
    ) -> None:
        number = waiting.popleft()
        attempts[number] += 1
        worker.give(number, tasks[number])

    def _heard(self, busy: dict[Connection, "_Worker"]) -> Iterator["_Worker"]:
        """Wait until some worker has something to say, or has had its time."""
        first = min(worker.deadline for worker in busy.values())
        ready = wait(list(busy), timeout=None if first == inf else max(0, first - time.monotonic()))
        now = time.monotonic()
        for connection, worker in list(busy.items()):
            if connection in ready or worker.deadline <= now:
                yield worker


class _Worker:
    """A process that works on one task after the other, as seen from without.

    Attributes:
        task: the number of the one that it is at; None for none.
        deadline: of it, by the monotonic clock; none while the worker makes itself ready.
        died: why it can do no more; empty while it can.
    """

    def __init__(self, begin: Begin, jobs: int, timeout: float) -> None:
        context = get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.task: int | None = None
        self.deadline = inf
        self.died = ""
        self._timeout, self._ready = timeout, False
        self._process = context.Process(target=serve, args=(theirs, begin), daemon=True)
        with _shared_out(jobs), _unhurried():
            self._process.start()
        theirs.close()

    def give(self, number: int, task: Any) -> None:
        """Let it begin with a task."""
        self.task = number
        if self._ready:
            self.deadline = time.monotonic() + self._timeout
        with suppress(OSError):  # a process that has died says so by saying nothing more
            self.connection.send(task)

    def said(self) -> Iterator[Event]:
        """What it says, once it has something to say; or that it has died, or had its time."""
        if self.deadline <= time.monotonic() and not self.connection.poll():
            self.died = f"it took longer than {self._timeout:g} s (--timeout), each time"
            self._process.kill()
            return
        try:
            said = self.connection.recv()
        except (EOFError, OSError):
            self.died = (
                f"its process was killed {ATTEMPTS} times, maybe for want of memory;"
                " fewer --jobs take less"
            )
            return
        match said:
            case Told():
                yield said
            case Ready():
                self._ready, self.deadline = True, time.monotonic() + self._timeout
            case Value() if self.task is not None:
                yield Came(self.task, said.value)
            case Over() if self.task is not None:
                yield Ended(self.task)
                self.task, self.deadline = None, inf
            case Broken():
                raise said.error

    def ask_to_end(self) -> None:
        """Let it clean up after itself, as soon as it comes to it."""
        self._process.terminate()

    def end(self) -> None:
        """End the process, whatever it does, and wait until it has ended."""
        self.connection.close()
        self._process.terminate()
        self._process.join(_GRACE_S)
        self._process.kill()
        self._process.join()
        self._process.close()


@contextmanager
def _shared_out(jobs: int) -> Iterator[None]:
    """While the block runs, processes that begin compute with their share of the cores."""
    share = str(max(1, cores() // jobs))
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
