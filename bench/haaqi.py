"""HAAQI, ours and pyclarity's: time, agreement, memory, first call. Writes into BENCH.md.

Both sides of a time run in one process and take turns, after a first call of each, so what else the
machine does falls on both alike; a ratio is the median over the turns. Memory and first calls are
measured in a process each. Run as::

    python bench/haaqi.py
"""

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import astuple
from statistics import median

os.environ["OMP_NUM_THREADS"] = "1"  # before NumPy: "one thread" means one

import numpy as np
from excerpt import excerpt
from numpy.typing import NDArray
from page import write_section

RATE = 24000
FREQUENCIES = (250, 500, 1000, 2000, 3000, 4000, 6000, 8000)
THRESHOLDS = (20, 20, 25, 35, 40, 45, 50, 50)
ENGINES = {"ours": "own", "pyclarity": "reference"}

Signal = NDArray[np.float64]


def music(seconds: float) -> tuple[Signal, Signal]:
    """The vocals of stempeg's example as the reference, its mixture as the processed signal."""
    import soxr

    from hclarity.audio.reading import AudioReader

    def stem(number: int) -> Signal:
        with AudioReader(excerpt(), stream=number) as reader:
            rate = reader.sample_rate
            mono = np.concatenate(list(reader.blocks()), axis=1).mean(axis=0, dtype=np.float64)
        return np.resize(soxr.resample(mono, rate, RATE), round(seconds * RATE))

    return stem(4), stem(0)


def raw(engine: str, heard: tuple[Signal, Signal], threads: int = 1) -> tuple[float, ...]:
    """Score, and what it is made of."""
    from hclarity.metrics.haaqi.score import components

    level = 65.0 - 20.0 * np.log10(np.sqrt(np.mean(heard[0] ** 2)))
    found = components(
        *heard,
        reference_rate=RATE,
        processed_rate=RATE,
        frequencies=FREQUENCIES,
        thresholds=THRESHOLDS,
        equalisation=1,
        level1=level,
        engine=ENGINES[engine],  # type: ignore[arg-type]
        threads=threads,
    )
    return found.score, *astuple(found)


def times(seconds: int, rounds: int) -> list[str]:
    """Lines of the table of times."""
    heard = music(seconds)
    sides = {"pyclarity": ("pyclarity", 1), "one": ("ours", 1), "two": ("ours", 2)}
    found = {name: raw(*(side[0], heard, side[1])) for name, side in sides.items()}
    spent: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, (engine, threads) in sides.items():
            begin = time.perf_counter()
            raw(engine, heard, threads)
            spent[name].append(time.perf_counter() - begin)
    lines = []
    for name, threads, bar in (("one", 1, "≥ 12"), ("two", 2, "20")):
        pairs = zip(spent["pyclarity"], spent[name], strict=True)
        ratio = median(theirs / ours for theirs, ours in pairs)
        apart = max(abs(a - b) for a, b in zip(found["pyclarity"], found[name], strict=True))
        cells = (f"{seconds} s", threads, f"{median(spent['pyclarity']):.2f} s")
        lines.append(
            f"| {' | '.join(map(str, cells))} | {median(spent[name]):.2f} s | **{ratio:.1f}** |"
            f" {bar} | {apart:.0e} |"
        )
    return lines


def child(task: str, *words: str, cache: str | None = None) -> float:
    """Do a task of `TASKS` in a process of its own."""
    environment = os.environ | ({"NUMBA_CACHE_DIR": cache} if cache else {})
    answer = subprocess.run(
        [sys.executable, "-W", "ignore", __file__, "--task", task, *words],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return float(answer.stdout.split()[-1])


def memory(engine: str, seconds: str, threads: str = "1") -> float:
    """MiB that a call takes at its peak, for each second of audio."""
    heard = music(float(seconds))
    raw(engine, music(1.0), int(threads))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    raw(engine, heard, int(threads))
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 / float(seconds)


def first(engine: str) -> float:
    """Seconds of importing an engine and scoring one second of music with it."""
    heard = np.random.default_rng(0).standard_normal((2, RATE))
    begin = time.perf_counter()
    raw(engine, (heard[0], heard[1]))
    return time.perf_counter() - begin


TASKS = {"memory": memory, "first": first}


def section(rounds: int) -> str:
    """What stands in BENCH.md."""
    with tempfile.TemporaryDirectory() as empty:
        cold = child("first", "ours", cache=empty)
    firsts = {name: median(child("first", name) for _ in range(3)) for name in ENGINES}
    # Before the times: a process begins with the peak of the one that started it.
    calls = (("pyclarity", "1"), ("ours", "1"), ("ours", "2"))
    peaks = {
        seconds: [child("memory", engine, seconds, threads) for engine, threads in calls]
        for seconds in ("10", "30")
    }
    lines = [
        "## HAAQI",
        "",
        f"One ear, music at 24 kHz, equalisation 1, {platform.machine()} with {os.cpu_count()}"
        f" CPUs; medians of {rounds} turns in one process; the difference is the greatest of the"
        " score's and its four components'. Written by `bench/haaqi.py`.",
        "",
        "| music | our threads | pyclarity | ours | ratio | bar | difference |",
        "|---|---|---|---|---|---|---|",
        *times(10, rounds),
        *times(30, rounds),
        "",
        "Peak memory of a call, MiB for each second of audio:",
        "",
        "| music | pyclarity | ours | ours, two threads | bar |",
        "|---|---|---|---|---|",
    ]
    for seconds, (theirs, one, two) in peaks.items():
        lines.append(f"| {seconds} s | {theirs:.1f} | {one:.1f} | {two:.1f} | ≤ 15 |")
    lines += [
        "",
        "First call in a fresh process, one second of audio, imports included: pyclarity"
        f" {firsts['pyclarity']:.1f} s, ours {firsts['ours']:.1f} s; when nothing is compiled yet,"
        f" {cold:.1f} s, once.",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, or do one task for the process that measures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--task", nargs="+", help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.task:
        print(TASKS[told.task[0]](*told.task[1:]))
    else:
        write_section("haaqi", section(told.rounds))


if __name__ == "__main__":
    main()
