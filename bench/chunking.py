"""What the length of chunks and their overlap cost and bring: the curve that cards are chosen by.

Writes into BENCH.md: for each bundled model the mean uSDR over the stems of generated songs, the
agreement with the song heard at once, and the work, with one thread. Run as::

    python bench/chunking.py [--songs 2] [--seconds 45]
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from page import write_section

from hclarity.audio.values import Stems
from hclarity.datasets.generated.songs import generate_song
from hclarity.metrics.sdr import usdr
from hclarity.nets.separation_net import SeparationNet
from hclarity.registry.cards import ModelCard
from hclarity.registry.models import find_card
from hclarity.registry.nets import load_net
from hclarity.registry.weights import resolve_weights
from hclarity.separation.separator import separate

MODELS = ("demucs", "convtasnet", "bsrnn")
CHUNKS_S = (3.0, 6.0, 10.0, 20.0)
OVERLAPS = (0.02, 0.1, 0.25, 0.5)
FIRST_SEED = 4000


@dataclass(frozen=True)
class Point:
    """One way to cut songs into chunks, and what became of them."""

    model: str
    chunk: float
    overlap: float
    usdr: float
    agreement: float
    work: float


def main() -> None:
    """Walk over all ways and write a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--songs", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=45.0)
    words = parser.parse_args()
    torch.set_num_threads(1)
    songs = [generate_song(FIRST_SEED + number, words.seconds) for number in range(words.songs)]
    points = [point for model in MODELS for point in curve(model, songs)]
    write_section("chunking", table(points, words.songs, words.seconds))


def curve(model: str, songs: list[Stems]) -> Iterator[Point]:
    """All ways to cut the songs for a model."""
    card = find_card(model)
    weights = resolve_weights(card, "bundled")
    card = card.of(weights.variant)
    net = load_net(card, weights)
    at_once, _ = separated(songs, net, replace(card, chunk_seconds=3600.0))
    for chunk in CHUNKS_S:
        for overlap in OVERLAPS:
            cut = replace(card, chunk_seconds=chunk, overlap=overlap)
            stems, work = separated(songs, net, cut)
            scores = [
                usdr(song[name].samples, said[name].samples)
                for song, said in zip(songs, stems, strict=True)
                for name in card.stems
            ]
            yield Point(
                model, chunk, overlap, float(np.mean(scores)), agreement(at_once, stems), work
            )


def separated(songs: list[Stems], net: SeparationNet, card: ModelCard) -> tuple[list[Stems], float]:
    """The stems of each song, and the seconds of a core for each second of music."""
    begun = time.process_time()
    stems = [separate(song.mix(), net, card) for song in songs]
    seconds = sum(song.samples.shape[-1] / song.sample_rate for song in songs)
    return stems, (time.process_time() - begun) / seconds


def agreement(whole: list[Stems], cut: list[Stems]) -> float:
    """In dB: the stems against their difference."""
    pairs = list(zip(whole, cut, strict=True))
    signal = sum(float((a.samples**2).sum()) for a, _ in pairs)
    error = sum(float(((a.samples - b.samples) ** 2).sum()) for a, b in pairs)
    return 10 * np.log10(signal / error)


def table(points: list[Point], songs: int, seconds: float) -> str:
    """A line for each way."""
    cards = {model: find_card(model).of("bundled") for model in MODELS}
    lines = [
        "## Chunks and overlap",
        "",
        f"{songs} generated songs of {seconds:g} s, bundled models, torch, one thread: mean uSDR of"
        " the stems, agreement with the stems of the song heard at once, seconds of a core for each"
        " second of music. Bold is what the cards say. Written by `bench/chunking.py`.",
        "",
        "| model | chunk | overlap | uSDR | agreement | work |",
        "|---|---|---|---|---|---|",
    ]
    for point in points:
        card = cards[point.model]
        chosen = (card.chunk_seconds, card.overlap) == (point.chunk, point.overlap)
        cells = (
            point.model,
            f"{point.chunk:g} s",
            f"{point.overlap:g}",
            f"{point.usdr:.2f} dB",
            f"{point.agreement:.1f} dB",
            f"{point.work:.3f}",
        )
        lines.append("| " + " | ".join(f"**{cell}**" if chosen else cell for cell in cells) + " |")
    lines += [
        "",
        "No cut agrees with the whole to 40 dB: these nets take means, deviations and memories over"
        " all that they are given at once, so what they say depends on it. Agreement is no measure"
        " of quality here, uSDR is.",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
