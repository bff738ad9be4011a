"""The program as its users run it, what it leaves behind, and songs for it."""

import os
import resource
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf
from typer.testing import CliRunner

import hclarity as package
from hclarity.audio.values import Samples
from hclarity.cli.app import app

__all__ = ["RATE", "Ended", "files_in", "hclarity", "music", "start", "write_song"]

RATE = 16000


@dataclass(frozen=True)
class Ended:
    """A program that has ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """What it said."""
        return self.err.splitlines()

    @property
    def paths(self) -> list[str]:
        """What it printed."""
        return self.out.splitlines()


def hclarity(*words: object) -> Ended:
    """Run the program in this process."""
    result = CliRunner().invoke(app, [str(word) for word in words], prog_name="hclarity")
    return Ended(result.exit_code, result.stdout, result.stderr)


def start(
    *words: object, largest_file: int = resource.RLIM_INFINITY, **streams: Any
) -> "subprocess.Popen[bytes]":
    """Start the program in a process of its own, in the same folder.

    Args:
        words: its arguments.
        largest_file: in bytes, beyond which the system refuses to write.
        streams: other than pipes for what it prints and says.
    """

    def as_from_a_shell() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # tests may run where it is ignored
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, resource.RLIM_INFINITY))

    return subprocess.Popen(
        [sys.executable, "-m", "hclarity", *map(str, words)],
        env={**os.environ, "PYTHONPATH": str(Path(package.__file__).parent.parent)},
        preexec_fn=as_from_a_shell,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams},
    )


def files_in(folder: Path) -> list[str]:
    """All files below a folder, hidden and unfinished ones too."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def music(seconds: float = 1.0, channels: int = 2, rate: int = RATE, seed: int = 0) -> Samples:
    """Chords that come and go over a little noise, ``[channels, frames]``, below full scale."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * rate)) / rate
    tones = rng.uniform(80, 3000, (channels, 5, 1))
    chords = np.sin(2 * np.pi * tones * time).sum(axis=1) * (1.2 + np.sin(7 * time))
    samples = 0.05 * chords + 0.02 * rng.standard_normal((channels, time.size))
    return np.asarray(samples, np.float32)


def write_song(path: Path, samples: Samples | None = None, *, rate: int = RATE) -> Path:
    """Write 16-bit FLAC; by default a second of music in stereo."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = music(rate=rate) if samples is None else samples
    sf.write(path, samples.T, rate, format="FLAC", subtype="PCM_16")
    return path
