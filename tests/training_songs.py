"""Songs that are easy to tell apart, small nets, and trainings of seconds."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import soundfile as sf

from hclarity.audio.values import Samples
from hclarity.training.loop import Outcome, StepReport, Training
from hclarity.training.processes import start_processes
from hclarity.training.recipe import read_recipe
from hclarity.training.run_folder import RunFolder
from hclarity.training.signals import Stop
from hclarity.training.songs import Place, open_songs

__all__ = ["RATE", "RECIPE", "STEMS", "Seen", "bands", "trained", "write_recipe", "write_songs"]

RATE = 8000
STEMS = ("drums", "bass", "other", "vocals")

RECIPE = """
net = "convtasnet"
arguments = { N = 12, L = 20, B = 8, H = 12, X = 2, R = 1 }
stems = ["drums", "bass", "other", "vocals"]
sample_rate = 8000
channels = 2
seed = 3

[data]
crop_seconds = 0.25
coherent = 0.5

[augmentation]
swap = 0.5
sign = 0.5
gain = { law = "normal-db", of = [0.0, 3.0] }

[loss]
name = "thresholded-snr"

[optimiser]
name = "adam"
learning_rate = 3e-3
clip = 5.0

[schedule]
name = "hold"
warmup = 2

[run]
steps = 6
batch = 4
averaging = 0.9
validate_every = 3
checkpoint_minutes = 0.0
"""


def bands(seconds: float, seed: int) -> dict[str, Samples]:
    """Noise in a band of its own for each stem, ``[channels, frames]``."""
    rng = np.random.default_rng(seed)
    frames = round(seconds * RATE)
    hertz = np.fft.rfftfreq(frames, 1 / RATE)
    stems = {}
    for name, (low, high) in zip(STEMS, pairwise((0, 200, 800, 2000, 4001)), strict=True):
        noise = np.fft.rfft(rng.standard_normal((2, frames)))
        noise[:, (hertz < low) | (hertz >= high)] = 0
        stem = np.fft.irfft(noise, frames)
        stems[name] = np.asarray(0.1 * stem / stem.std(), np.float32)
    return stems


def write_songs(root: Path, split: str = "train", songs: int = 2, seconds: float = 1.0) -> Path:
    """Write songs as folders of stems; return the root."""
    for number in range(songs):
        folder = root / split / f"song{number}"
        folder.mkdir(parents=True)
        for name, samples in bands(seconds, 100 * len(split) + number).items():
            sf.write(folder / f"{name}.wav", samples.T, RATE, subtype="FLOAT")
    return root


def write_recipe(folder: Path, text: str = RECIPE) -> Path:
    """Write a recipe."""
    path = folder / "tiny.toml"
    path.write_text(text, encoding="utf-8")
    return path


class Seen:
    """Watches a training, and may ask it to stop during a step."""

    def __init__(self, stop: Stop, after: int | None = None) -> None:
        self.stop, self.after = stop, after
        self.losses: list[float] = []
        self.rates: list[float] = []
        self.rows: list[dict[str, float]] = []
        self.steps: list[int] = []
        self.then: Callable[[int], None] = lambda step: None

    def step(self, report: StepReport) -> None:
        self.losses.append(report.loss)
        self.rates.append(report.learning_rate)
        self.steps.append(report.step)
        self.then(report.step)
        if report.step + 1 == self.after:  # while it is under way
            self.stop.signal = 2

    def validating(self, done: int) -> None:
        pass

    def validated(self, row: dict[str, float]) -> None:
        self.rows.append(row)


def trained(
    root: Path,
    out: Path,
    *settings: str,
    stop_after: int | None = None,
    then: Callable[[int], None] = lambda step: None,
    **options: float,
) -> tuple[Outcome, Seen]:
    """Begin a training, or go on with it."""
    recipe = read_recipe(write_recipe(root), settings)
    songs = open_songs(recipe, Place("folder", root, "train"))
    folder = RunFolder(out)
    folder.require_free(True, recipe, songs)
    seen = Seen(stop := Stop(), stop_after)
    seen.then = then
    fabric = start_processes("cpu", 1, recipe.run.precision)
    training = Training(recipe, songs, folder, fabric, watch=seen, stop=stop, **options)  # type: ignore[arg-type]
    return training.run(), seen
