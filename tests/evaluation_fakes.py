"""Rows and measures that are quick, and say on paper what they did."""

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hclarity.audio.values import Samples
from hclarity.errors import BadDataError
from hclarity.evaluation.rows import Output
from hclarity.evaluation.scores import Score
from hclarity.evaluation.songs import Song

__all__ = ["FakeMeasure", "FakeRow"]


@dataclass(frozen=True)
class FakeRow:
    """Its stems are the truth, softer; what it separates, it writes down."""

    name: str
    paper: Path
    gain: float = 0.5
    fails_on: str = ""
    dies_on: str = ""
    breaks_on: str = ""
    kind: str = "model"
    seen: bool = False
    enhanced: None = None

    @property
    def digest(self) -> str:
        return f"gain {self.gain}"

    def digest_of(self, song: Song) -> str:
        return self.digest

    def files_of(self, song: Song) -> Mapping[Path, str]:
        return {}

    def estimate(self, song: Song) -> Mapping[str, Samples]:
        with self.paper.open("a") as paper:
            paper.write(f"{self.name} {song.name}\n")
        if song.name == self.fails_on:
            raise BadDataError(f"{song.name} is too beautiful")
        if song.name == self.dies_on:
            os.kill(os.getpid(), signal.SIGKILL)
        if song.name == self.breaks_on:
            raise ZeroDivisionError("a bug")
        return {stem: self.gain * samples for stem, samples in song.stems.items()}


@dataclass(frozen=True)
class FakeMeasure:
    """The mean level of each stem; of a silent one there is none."""

    power: int = 1

    @property
    def name(self) -> str:
        return f"level {self.power}"

    @property
    def settings(self) -> Mapping[str, object]:
        return {"power": self.power}

    def scores(self, output: Output) -> list[Score]:
        row, song = output.row.name, output.song.name
        return [
            Score(row, song, stem, "usdr", self._level(samples), "N3", "left", f"S{self.power}")
            for stem, samples in output.stems.items()
        ]

    def _level(self, samples: Samples) -> float | None:
        level = float(np.mean(np.abs(samples.astype(np.float64)) ** self.power))
        if not level:
            return None
        return np.inf if self.power > 8 else level
