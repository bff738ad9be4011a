"""Many songs by several workers: here, on a Ray cluster, by Slurm's stand-in. Writes into BENCH.md.

Run as ``python bench/batching.py``; Ray and submitit must be installed (``hclarity[ray,slurm]``).
"""

import argparse
import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from page import write_section
from programs import hclarity, measured
from separating_inputs import write_song

BIN = Path(sys.executable).parent
NODE_S = 10.0


def main() -> None:
    """Measure, and write the section."""
    words = arguments()
    os.environ["HCLARITY_OFFLINE"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "songs").mkdir()
        os.environ["HCLARITY_MODELS"] = str(place / "models")
        for number in range(words.songs):
            write_song(place / "songs" / f"{number:03}.wav", words.seconds)
        with two_nodes() as address:
            ways = {
                "one process": (),
                "`-j 1`": ("-j", "1"),
                "`-j 2`": ("-j", "2"),
                "`--executor ray -j 1`": ("--executor", "ray", "-j", "1", "--ray-address", address),
                "`--executor ray -j 2`": ("--executor", "ray", "-j", "2", "--ray-address", address),
                "`--executor slurm -j 2`": (
                    *("--executor", "slurm", "-j", "2"),
                    *("--slurm", "cluster=local"),
                ),
            }
            seconds: dict[str, list[float]] = {way: [] for way in ways}
            for _ in range(words.turns):
                for way, options in ways.items():
                    seconds[way].append(separated(place, options))
    write_section("batch", report(words, {way: median(of) for way, of in seconds.items()}))


def arguments() -> argparse.Namespace:
    """What is said on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--songs", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=40.0, help="of each")
    parser.add_argument("--turns", type=int, default=1)
    return parser.parse_args()


def separated(place: Path, options: tuple[str, ...]) -> float:
    """Seconds of a program that separates all songs with the bundled Hybrid Demucs."""
    asked = ("-m", "demucs", "--weights", "bundled", "-o", "ours", "--overwrite", "--quiet")
    return measured(hclarity("separate", "songs", *asked, *options), place).seconds


@contextmanager
def two_nodes() -> Iterator[str]:
    """A Ray cluster of two nodes with a core each, as two programs on this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    os.environ["RAY_AUTH_MODE"] = "disabled"
    port = address.partition(":")[2]
    nodes = []
    try:
        nodes.append(node("--head", f"--port={port}", "--include-dashboard=false"))
        nodes.append(node(f"--address={address}"))
        yield address
    finally:
        for started in reversed(nodes):
            started.terminate()
            started.wait()


def node(*words: str) -> "subprocess.Popen[bytes]":
    """Start a node, and give it the time to come up."""
    command = [BIN / "ray", "start", *words, "--num-cpus=1", "--block", "--disable-usage-stats"]
    started = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(NODE_S)
    return started


def report(words: argparse.Namespace, seconds: dict[str, float]) -> str:
    """The section."""
    music = words.songs * words.seconds
    pairs = {"`-j 2`": "`-j 1`", "`--executor ray -j 2`": "`--executor ray -j 1`"}
    lines = [
        "## Many songs",
        "",
        f"{words.songs} songs of {words.seconds:g} s, bundled Hybrid Demucs by torch, whole"
        f" programs with their start; {os.cpu_count()} CPUs of {platform.machine()}; medians of"
        f" turns: {words.turns}. The Ray cluster is two nodes with a core each, two programs on"
        " this machine; Slurm is submitit's executor for one machine, which binds jobs to no cores,"
        " so that each takes all. Efficiency: the time of one worker over twice that of two."
        " Written by `bench/batching.py`.",
        "",
        "| workers | time | times real time | efficiency of two |",
        "|---|---|---|---|",
    ]
    for way, of in seconds.items():
        alone = seconds.get(pairs.get(way, ""))
        share = f"{alone / (2 * of):.2f}" if alone else ""
        lines.append(f"| {way} | {of:.1f} s | {music / of:.1f} | {share} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
