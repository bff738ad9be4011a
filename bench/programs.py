"""Whole programs, and what they need."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Run", "hclarity", "measured"]


@dataclass(frozen=True)
class Run:
    """What a program needed, and how it ended (below 0: the signal that ended it)."""

    seconds: float
    mebibytes: float
    status: int


def hclarity(*words: str) -> list[str]:
    """The command as a user types it."""
    return [sys.executable, "-m", "hclarity", *words]


def measured(command: Sequence[str], place: Path, *, ends: Sequence[int] = (0,)) -> Run:
    """Run a program to its end.

    Its peak memory begins with that of this process, which therefore holds no song.

    Args:
        command: what to run.
        place: the working folder.
        ends: exit statuses that are no failure of the bench.
    """
    log = place / "stderr.txt"
    with log.open("wb") as said:
        begun = time.perf_counter()
        program = subprocess.Popen(command, cwd=place, stdout=subprocess.DEVNULL, stderr=said)
        _, status, usage = os.wait4(program.pid, 0)
        seconds = time.perf_counter() - begun
    program.returncode = os.waitstatus_to_exitcode(status)
    if program.returncode not in ends:
        sys.stderr.write(log.read_text(errors="replace")[-2000:])
        raise subprocess.CalledProcessError(program.returncode, command)
    return Run(seconds, usage.ru_maxrss / 1024, program.returncode)
