"""Training throughput, ours and theirs, and whether the data keeps up. Writes into BENCH.md.

Each side runs in a process of its own and they take turns, so what else the machine does falls on
all alike; a ratio is the median over the turns. Run by ``make bench``, or as::

    python bench/training.py --bsrnn CHECKOUT_OF_magronp/bsrnn --tasnet FOLDER_OF_demucs-2.0.3

``pip download --no-deps --no-binary :all: demucs==2.0.3 && tar xf demucs-2.0.3.tar.gz`` makes the
latter. What has no checkout is left out.
"""

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import soundfile
import torch
from page import write_section
from training_sides import CONTESTS, RATE, Contest

from hclarity.datasets.catalogue import open_tracks
from hclarity.training.items import Crops
from hclarity.training.recipe import read_recipe
from hclarity.training.sources import sources_of

HERE = Path(__file__).parent
SIDES = ("ours", "plain", "theirs")  # plain: ours, with the allocator as it comes


class Side:
    """A process that takes a step when told to."""

    def __init__(self, side: str, name: str, checkout: str, options: dict[str, object]) -> None:
        told = {"side": side, "name": name, "checkout": checkout, **options}
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "training_sides.py"), json.dumps(told)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.runs = self._process.stdout.readline() == "ready\n"

    def step(self) -> float:
        """Return the seconds of one step."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print("step", file=self._process.stdin, flush=True)
        return float(self._process.stdout.readline())

    def end(self) -> str:
        """End the process; return the last line of what it complained of."""
        _, complaint = self._process.communicate()
        return (complaint.strip().splitlines() or [""])[-1]


@dataclass(frozen=True)
class Row:
    """What was measured of one net at one precision, in seconds of a step by side."""

    contest: Contest
    precision: str
    audio: float
    seconds: dict[str, list[float]]
    complaints: dict[str, str]

    def throughput(self, side: str) -> float:
        """Seconds of audio in a second."""
        return self.audio / median(self.seconds[side])

    def ratio(self, side: str) -> float:
        """How many times as fast as theirs: the median over the turns."""
        pairs = zip(self.seconds[side], self.seconds["theirs"], strict=True)
        return median(theirs / ours for ours, theirs in pairs)

    def markdown(self) -> str:
        """A line of the table."""
        cells = [self.contest.title, self.precision, f"{self.throughput('ours'):.3f}"]
        cells.append(f"{self.throughput('plain'):.3f}")
        if "theirs" in self.seconds:
            cells += [f"{self.throughput('theirs'):.3f}", f"**{self.ratio('ours'):.2f}**"]
            cells += [f"{self.ratio('plain'):.2f}", f"≥ {self.contest.bar}"]
        else:
            cells += [f"does not run: {self.complaints['theirs']}", "", "", ""]
        return f"| {' | '.join(cells)} |"


def compete(name: str, checkout: str, rounds: int, options: dict[str, object]) -> Row:
    """Let all sides of a net take turns."""
    sides = {side: Side(side, name, checkout, options) for side in SIDES}
    running = {name: side for name, side in sides.items() if side.runs}
    seconds: dict[str, list[float]] = {name: [] for name in running}
    for _ in range(rounds):
        for side, process in running.items():
            seconds[side].append(process.step())
    complaints = {side: process.end() for side, process in sides.items()}
    audio = float(options["batch"]) * float(options["seconds"])  # type: ignore[arg-type]
    row = Row(CONTESTS[name], str(options["precision"]), audio, seconds, complaints)
    print(row.markdown(), flush=True)
    return row


def write_songs(root: Path, songs: int, seconds: float) -> None:
    """Noise, as 16-bit WAV files in MUSDB18-HQ's layout."""
    rng = np.random.default_rng(0)
    for song in range(songs):
        folder = root / "train" / f"song {song}"
        folder.mkdir(parents=True)
        for stem in ("drums", "bass", "other", "vocals"):
            sound = 0.1 * rng.standard_normal((round(seconds * RATE), 2))
            soundfile.write(folder / f"{stem}.wav", sound, RATE, subtype="PCM_16")


def pipeline(recipe_of: str, root: Path) -> float:
    """Seconds of audio that one reading process brings in a second of its own time.

    Args:
        recipe_of: the model whose recipe says how items are made.
        root: of songs as MUSDB18-HQ has them.
    """
    recipe = read_recipe(HERE.parent / "models" / recipe_of / "recipe.toml")
    tracks = open_tracks("musdb", root, "train")
    crops = Crops(tracks, sources_of(tracks, recipe.stems), recipe)
    items = 24
    crops[items]  # the files have been seen
    before = time.process_time()
    heard = sum(crops[number][0].shape[-1] for number in range(items)) / RATE
    return heard / (time.process_time() - before)


def section(rows: list[Row], fed: dict[str, float], options: dict[str, object]) -> str:
    """What stands in BENCH.md."""
    where = torch.cuda.get_device_name() if options["device"] == "cuda" else platform.processor()
    lines = [
        "## Training",
        "",
        f"Seconds of stereo audio at {RATE} Hz that a training step (forward, loss, backward, Adam)"
        f" gets through in a second, on {options['device']}"
        f" ({where or platform.machine()}, CPUs with one thread, torch {torch.__version__}): batch"
        f" {options['batch']} of {options['seconds']} s, medians of turns. *Ours* keeps freed"
        " memory as `hclarity train` does, *plain* does not. Written by `bench/training.py`.",
        "",
        "| net | precision | ours | plain | theirs | ratio | plain ratio | bar |",
        "|---|---|---|---|---|---|---|---|",
        *(row.markdown() for row in rows),
        "",
        "Theirs: "
        + "; ".join(sorted({f"{row.contest.title}: {row.contest.theirs}" for row in rows}))
        + ".",
    ]
    if fed:
        lines += [
            "",
            "The data pipeline alone: one reading process, 16-bit WAV files, each net's recipe.",
            "",
            "| net | brings (s/s) | net takes (s/s) | ratio | bar |",
            "|---|---|---|---|---|",
        ]
        for row in rows:
            brought = fed[row.contest.recipe]
            takes = row.throughput("ours")
            lines.append(
                f"| {row.contest.title} | {brought:.0f} | {takes:.3f} ({row.precision}) |"
                f" **{brought / takes:.0f}** | ≥ 3 |"
            )
    return "\n".join(lines)


def main() -> None:
    """Measure what there is a checkout for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--bsrnn", metavar="FOLDER", help="checkout of magronp/bsrnn")
    parser.add_argument("--tasnet", metavar="FOLDER", help="demucs 2.0.3, unpacked")
    parser.add_argument("--nets", nargs="+", choices=CONTESTS, default=list(CONTESTS))
    parser.add_argument(
        "--precisions", nargs="+", choices=("fp32", "bf16"), default=["fp32", "bf16"]
    )
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=2.0)
    told = parser.parse_args()
    checkouts = {"hdemucs": ".", "convtasnet": told.tasnet, "bsrnn": told.bsrnn}
    checkouts["bsrnn-opt"] = told.bsrnn
    common = {"device": told.device, "batch": told.batch, "seconds": told.seconds}
    rows = [
        compete(name, checkouts[name], told.rounds, {**common, "precision": precision})
        for name in told.nets
        if checkouts[name]
        for precision in told.precisions
    ]
    with tempfile.TemporaryDirectory() as folder:
        write_songs(Path(folder), songs=8, seconds=20)
        recipes = {row.contest.recipe for row in rows}
        fed = {recipe: pipeline(recipe, Path(folder)) for recipe in recipes}
    write_section("training", section(rows, fed, common))


if __name__ == "__main__":
    main()
