"""Workers on this machine."""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from math import inf
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any

from hclarity.batch.executors.attempts import Attempts
from hclarity.batch.executors.executor import Begin, Came, Ended, Event, Told
from hclarity.batch.executors.workers import Broken, Over, Ready, Value, serve
from hclarity.batch.machine import cores

__all__ = ["LocalExecutor"]

_THREADS = ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS")
_LONGEST_WAIT_S = 3600.0  # systems know no end of time, but that of an integer
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
        queue = Attempts(len(tasks))
        busy: dict[Connection, _Process] = {}
        try:
            while queue.waiting or busy:
                while queue.waiting and len(busy) < jobs:
                    process = _Process(begin, jobs, self._timeout)
                    busy[process.connection] = process
                    process.give(queue.begin(), tasks)
                for process in self._heard(busy):
                    yield from process.hear()
                    if process.died and process.task is not None:
                        lost = queue.died(process.task, process.died)
                        if lost:
                            yield lost
                    if process.died or (process.task is None and not queue.waiting):
                        busy.pop(process.connection).end()
                    elif process.task is None:
                        process.give(queue.begin(), tasks)
        finally:
            for process in busy.values():
                process.ask_to_end()
            for process in busy.values():
                process.end()

    def _heard(self, busy: dict[Connection, "_Process"]) -> Iterator["_Process"]:
        """Wait until some process has something to say, or has had its time."""
        first = min(process.deadline for process in busy.values())
        ready = wait(list(busy), timeout=min(max(0, first - time.monotonic()), _LONGEST_WAIT_S))
        now = time.monotonic()
        for connection, process in list(busy.items()):
            if connection in ready or process.deadline <= now:
                yield process


class _Process:
    """A worker's process, as seen from without.

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
        with _cores_shared(jobs), _unhurried():
            self._process.start()
        theirs.close()

    def give(self, number: int, tasks: Sequence[Any]) -> None:
        """Let it begin with a task."""
        self.task = number
        if self._ready:
            self.deadline = time.monotonic() + self._timeout
        with suppress(OSError):  # a process that has died says so by saying nothing more
            self.connection.send(tasks[number])

    def hear(self) -> Iterator[Event]:
        """Take what it says; end it if it has had its time."""
        if self.deadline <= time.monotonic() and not self.connection.poll():
            self.died = f"it took longer than {self._timeout:g} s (--timeout)"
            self._process.kill()
            return
        try:
            said = self.connection.recv()
        except (EOFError, OSError):
            self.died = "its process died, maybe for want of memory; fewer --jobs take less"
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
def _cores_shared(jobs: int) -> Iterator[None]:
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
