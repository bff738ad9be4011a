"""The life of a worker in a process of its own."""

import os
import platform
import signal
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import inf
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from pickle import PicklingError
from types import FrameType
from typing import Any

from hclarity.batch.executors.executor import Begin, Tell, Told, Work
from hclarity.errors import HclarityError, UnavailableError

__all__ = [
    "Broken",
    "InFolder",
    "Over",
    "Ready",
    "Value",
    "at_most",
    "reason_of",
    "serve",
    "told_error",
]


_REASON = 200  # letters


@dataclass(frozen=True)
class Ready:
    """The worker begins with the first task now."""


@dataclass(frozen=True)
class Value:
    """Something came of the task at hand."""

    value: Any


@dataclass(frozen=True)
class Over:
    """The task at hand is done."""


@dataclass(frozen=True)
class Broken:
    """The worker is of no use: an error for whoever started all this."""

    error: Exception


class _Stopped(SystemExit):
    """Somebody wants the process to end; whatever cleans up after Ctrl-C does so now."""


def serve(connection: Connection, begin: Begin) -> None:
    """Do what is asked for, until nobody asks any more.

    Args:
        connection: to whoever asks: takes tasks, gives `Told`, `Ready`, `Value`, `Over`, `Broken`.
        begin: makes the worker ready.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks is told, and ends us
    signal.signal(signal.SIGTERM, _stop)
    _end_with_parent()
    with suppress(EOFError, OSError, _Stopped):
        try:
            work = begin(lambda value: connection.send(Told(value)))
        except Exception as error:
            connection.send(Broken(told_error(error)))
            return
        connection.send(Ready())
        while True:
            for said in _done(work, connection.recv()):
                _send(connection, said)


def _send(connection: Connection, said: Value | Over | Broken) -> None:
    try:
        connection.send(said)
    except (PicklingError, AttributeError, TypeError) as error:  # a bug: it cannot be sent
        connection.send(Broken(told_error(error)))


def _done(work: Work, task: Any) -> Iterator[Value | Over | Broken]:
    try:
        for value in work(task):
            yield Value(value)
    except Exception as error:
        yield Broken(told_error(error))
    else:
        yield Over()


def told_error(error: Exception) -> Exception:
    """An error as it can be sent to another process, with its trace, which would else be lost."""
    if not isinstance(error, HclarityError):
        error = RuntimeError(f"{type(error).__name__}: {error}")
    error.add_note(traceback.format_exc())
    return error


def reason_of(error: Exception) -> str:
    """What another package says, which may be long, on one line."""
    return " ".join(str(error).split())[:_REASON]


def _stop(number: int, frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # so that it is not disturbed as it cleans up
    raise _Stopped


def _end_with_parent() -> None:
    """Let no process outlive, busy with what nobody wants any more, one that was killed."""
    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="hclarity-parent", daemon=True).start()


@dataclass(frozen=True)
class InFolder:
    """Begins in a folder, wherever else a cluster would: paths may be relative to it.

    Args:
        folder: that all hosts share.
        begin: what to begin with there.
    """

    folder: str
    begin: Begin

    def __call__(self, tell: Tell) -> Work:
        """Begin there.

        Raises:
            UnavailableError: on a host that does not have the folder.
        """
        try:
            os.chdir(self.folder)
        except OSError as error:
            host = platform.node()
            raise UnavailableError(f"{host} has no {self.folder}; hosts must share it") from error
        return self.begin(tell)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """End this process at once, as if killed, when the block runs for longer."""
    if seconds == inf:
        yield
        return
    timer = threading.Timer(seconds, os._exit, [1])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
