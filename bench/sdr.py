"""cSDR, ours against museval's, on one thread and in turns. Writes into BENCH.md.

Run as ``python bench/sdr.py [--seconds 10]``; museval asks for ffmpeg on PATH.
"""

import argparse
import os
import platform
import time
from collections.abc import Callable
from importlib.metadata import version
from statistics import median

os.environ["OMP_NUM_THREADS"] = "1"  # before numpy is there

import museval
import numpy as np
from numpy.typing import NDArray
from page import write_section

from hclarity.metrics.framewise import framewise_sdr

RATE, STEMS = 44100, 4
ROUNDS = 3

Sounds = NDArray[np.float64]


def main() -> None:
    """Time both sides and write a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    seconds = parser.parse_args().seconds
    truth, estimates = songs(seconds)
    turns = [
        (timed(ours, truth, estimates), timed(theirs, truth, estimates)) for _ in range(ROUNDS)
    ]
    mine, others = (median(turn[side][0] for turn in turns) for side in (0, 1))
    ratio = median(slow / fast for (fast, _), (slow, _) in turns)
    apart = np.abs(turns[0][0][1] - turns[0][1][1]).max()
    lines = [
        "## cSDR",
        "",
        f"{STEMS} stereo stems of {seconds:g} s at {RATE} Hz, one thread of {platform.machine()}:"
        f" medians of {ROUNDS} turns in one process. museval {version('museval')} finds filters"
        " that its SDR does not depend on; ours does not. Written by `bench/sdr.py`.",
        "",
        "| ours | museval | ratio | greatest difference |",
        "|---|---|---|---|",
        f"| {mine:.3f} s | {others:.1f} s | **{ratio:.0f}** | {apart:.0e} dB |",
    ]
    write_section("csdr", "\n".join(lines))


def songs(seconds: float) -> tuple[Sounds, Sounds]:
    """Noise, ``[stems, channels, frames]``, and estimates with some of the other stems in them."""
    truth = np.random.default_rng(0).standard_normal((STEMS, 2, round(seconds * RATE)))
    return truth, 0.85 * truth + 0.1 * (truth.sum(axis=0) - truth)


def ours(truth: Sounds, estimates: Sounds) -> Sounds:
    """The dB of each stem and window."""
    return framewise_sdr(truth, estimates, RATE)


def theirs(truth: Sounds, estimates: Sounds) -> Sounds:
    """The same, by museval, which wants channels last."""
    return np.asarray(museval.evaluate(np.moveaxis(truth, 1, 2), np.moveaxis(estimates, 1, 2))[0])


def timed(work: Callable[[Sounds, Sounds], Sounds], *sounds: Sounds) -> tuple[float, Sounds]:
    """Seconds of this process that it takes, and what comes of it."""
    before = time.process_time()
    found = work(*sounds)
    return time.process_time() - before, found


if __name__ == "__main__":
    main()
