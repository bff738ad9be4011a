"""Rows of the bench of separation in which nets compete: no files, no start of a program."""

import json
import subprocess
import sys
from argparse import Namespace
from pathlib import Path
from statistics import median
from typing import Any

__all__ = ["net_row", "peers_row"]

GFLOP = 19.76  # of the full Hybrid Demucs for a second of music, a fused multiply-add being two
LOOP_BARS = {"fp32": (2.0, 80), "bf16": (2.8, 40)}
PEERS = {"bsrnn": "bsrnn", "convtasnet": "tasnet"}  # -> the argument that names its checkout


def net_row(words: Namespace, _: Path) -> str:
    """The full Hybrid Demucs beside torchaudio's loop, and beside what the machine can."""
    found = _child(seconds=words.seconds, turns=words.turns)
    eager, once = median(found["seconds"]["theirs"]), found["once"]
    lines = [
        "### The full Hybrid Demucs, without files",
        "",
        f"{words.seconds:g} s of music, random weights, the same on all sides; medians of"
        f" {words.turns} turns in one process. torchaudio's class in the chunked loop of its"
        " tutorial, against our `Separator`. SNR: of our stems, against ours by torch in fp32."
        f" Converting takes {once['fp32']:.1f} s, once for a model, and making it ready"
        f" {once['bf16']:.1f} s, once for a program; neither is in the times.",
        "",
        "| | time | s per s of music | ratio | bar | SNR | bar |",
        "|---|---|---|---|---|---|---|",
        f"| torchaudio | {eager:.2f} s | {eager / words.seconds:.3f} | | | | |",
    ]
    for name, (bar, decibels) in LOOP_BARS.items():
        one = median(found["seconds"][name])
        lines.append(
            f"| ours, {found['engines'][name]} | {one:.2f} s | {one / words.seconds:.3f}"
            f" | **{_ratio(found, name):.2f}** | ≥ {bar} | {found['snr'][name]:.1f} dB"
            f" | ≥ {decibels} dB |"
        )
    return "\n".join([*lines, "", *_roofline(found, words.seconds)])


def _roofline(found: dict[str, Any], seconds: float) -> list[str]:
    """The share of a matrix product's speed that each side reaches."""
    lines = [
        f"Of that net a second of music takes {GFLOP} GFLOP (what chunks share is not counted"
        " twice); the peak is `torch.mm` of matrices of 2048 rows and columns in the same process.",
        "",
        "| | GFLOP/s | peak | share |",
        "|---|---|---|---|",
    ]
    for side, precision in (("theirs", "fp32"), ("fp32", "fp32"), ("bf16", "bf16")):
        speed = GFLOP * seconds / median(found["seconds"][side])
        peak = found["peak"][precision]
        name = "torchaudio" if side == "theirs" else f"ours, {found['engines'][side]}"
        lines.append(f"| {name} | {speed:.0f} | {peak:.0f} ({precision}) | {speed / peak:.0%} |")
    return lines


def peers_row(words: Namespace, _: Path) -> str:
    """BandSplitRNN and Conv-TasNet beside the public implementations."""
    lines = [
        "### BandSplitRNN and Conv-TasNet beside the public implementations",
        "",
        f"Two chunks of {words.peer_seconds / 2:g} s, random weights, the papers' sizes; medians of"
        f" {words.turns} turns in one process. Conversion is not in the times.",
        "",
        "| net | theirs | time | ours | time | converted in | ratio | bar |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, argument in PEERS.items():
        checkout = getattr(words, argument)
        if checkout is None:
            lines.append(f"| {name} | no checkout (`--{argument}`) | | | | | | |")
            continue
        found = _child(
            seconds=words.peer_seconds, turns=words.turns, name=name, checkout=str(checkout)
        )
        theirs = median(found["seconds"]["theirs"])
        for precision, engine in found["engines"].items():
            lines.append(
                f"| {found['title']} | {found['theirs']} | {theirs:.1f} s | {engine}"
                f" | {median(found['seconds'][precision]):.1f} s | {found['once'][precision]:.1f} s"
                f" | **{_ratio(found, precision):.2f}** | ≥ 1.5 |"
            )
    return "\n".join(lines)


def _ratio(found: dict[str, Any], side: str) -> float:
    """How many times as fast as theirs: the median over the turns."""
    pairs = zip(found["seconds"][side], found["seconds"]["theirs"], strict=True)
    return median(theirs / ours for ours, theirs in pairs)


def _child(**told: object) -> dict[str, Any]:
    """What a process of `separating_sides` says."""
    file = Path(__file__).with_name("separating_sides.py")
    command = [sys.executable, "-W", "ignore", str(file), json.dumps(told)]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found
