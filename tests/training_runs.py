"""Trainings as programs: their words, and what they have come to."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import torch

__all__ = ["step_of", "wait_for", "words"]


def words(songs: Path, out: Path | str = "run", *more: object) -> tuple[object, ...]:
    return ("train", songs / "tiny.toml", "--root", songs, "-o", out, "--workers", "0", *more)


def wait_for(there: Callable[[], bool], program: "subprocess.Popen[bytes]") -> None:
    while not there():
        assert program.poll() is None, program.communicate()
        time.sleep(0.02)


def step_of(kept: Path) -> int:
    step: int = torch.load(kept)["standing"]["step"]
    return step
