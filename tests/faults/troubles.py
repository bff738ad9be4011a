"""Faults for a process that is about to become the program."""

import errno
import io
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from hclarity.audio.soundfile_encoder import SoundfileEncoder
from hclarity.batch import journal

__all__ = [
    "backwards_clock",
    "counting_changes",
    "full_disk",
    "killed_at_change",
    "signalled_at_change",
]

_CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir"}


def _on_change(then: Callable[[], None]) -> None:
    """Call something before every file is made, renamed or removed."""

    def heard(event: str, values: tuple[Any, ...]) -> None:
        made = event == "open" and isinstance(values[2], int) and values[2] & os.O_CREAT
        if made or event in _CHANGES:
            then()

    sys.addaudithook(heard)


def killed_at_change(number: int) -> None:
    """Kill the program before its so-manieth change of the disk, from 0."""
    signalled_at_change(number, signal.SIGKILL)


def signalled_at_change(number: int, which: int) -> None:
    """Send the program a signal then."""
    left = [number]

    def then() -> None:
        left[0] -= 1
        if left[0] == -1:
            os.kill(os.getpid(), which)

    _on_change(then)


def counting_changes(paper: str) -> None:
    """Keep a count of the changes in a file."""
    file = os.open(paper, os.O_WRONLY | os.O_CREAT)
    _on_change(partial(os.write, file, b"."))  # type: ignore[arg-type]


@dataclass
class _Disk:
    """A disk that is full after some operations."""

    left: int

    def use(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class _File(io.FileIO):
    """A file on such a disk."""

    disk: _Disk

    def write(self, data: Any) -> int:
        self.disk.use()
        return super().write(data)

    def truncate(self, size: int | None = None) -> int:
        self.disk.use()
        return super().truncate(size)


def full_disk(number: int) -> None:
    """Let whatever needs room fail from the so-manieth time on, from 0.

    That is: making files and folders, writing, and bringing to the disk; not renaming.
    """
    disk = _File.disk = _Disk(number)

    def spoilt(does: Callable[..., Any]) -> Callable[..., Any]:
        def fails(*words: Any, **more: Any) -> Any:
            disk.use()
            return does(*words, **more)

        return fails

    opened, made = io.open, os.open

    def open_(file: Any, mode: str = "r", buffering: int = -1, *how: Any, **more: Any) -> Any:
        if isinstance(file, int) or not set(mode) & set("wax+"):
            return opened(file, mode, buffering, *how, **more)
        disk.use()
        letters = "".join(letter for letter in mode if letter not in "bt")
        raw = _File(file, letters, opener=more.pop("opener", None))
        if buffering == 0:
            return raw
        buffered = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        return buffered if "b" in mode else io.TextIOWrapper(buffered, *how, **more)

    def make(path: Any, flags: int, *more: Any, **words: Any) -> int:
        if flags & os.O_CREAT:
            disk.use()
        return made(path, flags, *more, **words)

    io.open = sys.modules["builtins"].open = open_  # type: ignore[attr-defined]
    os.open = make
    for name in ("mkdir", "fsync"):
        setattr(os, name, spoilt(getattr(os, name)))
    journal.fsync = spoilt(journal.fsync)  # type: ignore[attr-defined]
    SoundfileEncoder.write = spoilt(SoundfileEncoder.write)  # type: ignore[method-assign]


def backwards_clock() -> None:
    """Let the clock on the wall go back an hour with every look at it."""
    now = [time.time()]

    def earlier() -> float:
        now[0] -= 3600
        return now[0]

    time.time = earlier
    time.time_ns = lambda: int(earlier() * 1e9)
