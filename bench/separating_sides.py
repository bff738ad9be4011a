"""Nets that take turns on the same music, in a process of their own; prints a document of JSON."""

import json
import math
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from separating_inputs import RATE, STEMS, music
from torch import Tensor, nn
from training_sides import CONTESTS, THEIRS
from training_sides import ours as our_net

from hclarity.audio.values import Samples
from hclarity.nets.torchaudio_models import HDemucs
from hclarity.registry.cards import Contract
from hclarity.registry.models import find_card
from hclarity.registry.nets import build_net
from hclarity.separation.engines.choice import choose_engine
from hclarity.separation.engines.engine import Engine, Precision
from hclarity.separation.engines.torch_engine import TorchEngine
from hclarity.separation.levels import level_meter
from hclarity.separation.separator import Separator

PRECISIONS: tuple[Precision, ...] = ("fp32", "bf16")
FULL = {"width": 48, "depth": 6, "nfft": 4096}
SEGMENT_S, OVERLAP_S = 10.0, 0.1  # of torchaudio's tutorial
Sides = dict[str, Callable[[], object]]


def contest_of_loops(seconds: float, turns: int) -> dict[str, Any]:
    """The full Hybrid Demucs: torchaudio's chunked loop, and our `Separator`."""
    song = music(seconds)
    card = find_card("demucs").of("official")
    torch.manual_seed(0)
    net = build_net("hdemucs", STEMS, sample_rate=RATE, channels=2, arguments=FULL).eval()
    eager = HDemucs(list(STEMS), audio_channels=2, channels=48, depth=6, nfft=4096).eval()
    eager.load_state_dict(net.state_dict())
    with tempfile.TemporaryDirectory() as folder:
        engines, once = {}, {}
        for precision in PRECISIONS:
            engines[precision] = choose_engine(
                net, card, precision=precision, identity="bench", folder=Path(folder)
            )
            once[precision] = preparation(engines[precision], song[None, :, : card.chunk])
        sides: Sides = {"theirs": lambda: chunked(eager, song)}
        sides |= {name: separation(engine, card, song) for name, engine in engines.items()}
        whole = separation(TorchEngine(net), card, song)()
        return {
            "snr": {name: snr(whole, separation(of, card, song)()) for name, of in engines.items()},
            "engines": {name: f"{of.name} in {of.precision}" for name, of in engines.items()},
            "once": once,
            "seconds": in_turns(sides, turns),
            "peak": {name: gemm_peak(name) for name in PRECISIONS},
        }


def contest_of_nets(seconds: float, turns: int, *, name: str, checkout: str) -> dict[str, Any]:
    """A net of theirs and ours: two chunks, one after the other or as the engine takes them."""
    contest = CONTESTS[name]
    contract = Contract(contest.stems, RATE, 2, seconds / 2, 0.0, 1, "deviation")
    song = music(seconds)
    chunks = [song[None, :, at : at + contract.chunk] for at in (0, contract.chunk)]
    chunks = [np.ascontiguousarray(chunk[..., : contract.chunk]) for chunk in chunks]
    torch.manual_seed(0)
    theirs = THEIRS[name](contest, Path(checkout))[0].eval()
    net = our_net(contest)[0].eval()

    def by_them() -> None:
        with torch.inference_mode():
            for chunk in chunks:
                theirs(torch.from_numpy(chunk))

    def by(engine: Engine) -> Callable[[], object]:
        return lambda: [begun.result() for begun in [engine.submit(chunk) for chunk in chunks]]

    with tempfile.TemporaryDirectory() as folder:
        sides: Sides = {"theirs": by_them}
        engines, once = {}, {}
        for precision in PRECISIONS:
            engines[precision] = choose_engine(
                net,  # type: ignore[arg-type]  # a contest tells no more than that it is a module
                contract,
                precision=precision,
                identity="bench",
                folder=Path(folder),
            )
            once[precision] = preparation(engines[precision], chunks[0])
            sides[precision] = by(engines[precision])
        return {
            "title": contest.title,
            "theirs": contest.theirs,
            "engines": {name: f"{of.name} in {of.precision}" for name, of in engines.items()},
            "once": once,
            "seconds": in_turns(sides, turns),
        }


def chunked(net: nn.Module, song: Samples) -> Tensor:
    """The way of torchaudio's tutorial: chunks of 11 s that fade into each other over 0.1 s."""
    mixture = torch.from_numpy(song)[None]
    mixture = (mixture - mixture.mean()) / mixture.std()
    frames, fade = mixture.shape[-1], round(OVERLAP_S * RATE)
    chunk = round(SEGMENT_S * RATE * (1 + OVERLAP_S))
    rising = torch.linspace(0, 1, fade)
    whole = torch.zeros(1, len(STEMS), *mixture.shape[1:])
    with torch.no_grad():
        for begin in range(0, max(1, frames - fade), chunk - fade):
            stems = net(mixture[..., begin : begin + chunk])
            if begin:
                stems[..., :fade] *= rising
            if begin + chunk < frames:
                stems[..., -fade:] *= rising.flip(0)
            whole[..., begin : begin + chunk] += stems
    return whole


def separation(engine: Engine, contract: Contract, song: Samples) -> Callable[[], Samples]:
    """What `hclarity separate` does with a song, without its files."""

    def run() -> Samples:
        meter = level_meter(contract, sample_rate=RATE, channels=2)
        meter.push(song)
        separator = Separator(engine, contract, sample_rate=RATE, channels=2, level=meter.level())
        return np.concatenate([separator.push(song), separator.flush()], axis=-1)

    return run


def preparation(engine: Engine, chunk: Samples) -> float:
    """Seconds that an engine takes once: those of its first chunk beyond those of its second."""
    first = timed(lambda: engine.submit(np.ascontiguousarray(chunk)).result())
    return max(0.0, first - timed(lambda: engine.submit(np.ascontiguousarray(chunk)).result()))


def in_turns(sides: Sides, turns: int) -> dict[str, list[float]]:
    """Seconds of each side, by turn."""
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(turns):
        for name, work in sides.items():
            seconds[name].append(timed(work))
    return seconds


def timed(work: Callable[[], object]) -> float:
    """Seconds of the wall clock."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def snr(reference: Samples, found: Samples) -> float:
    """In dB."""
    error = float(((reference - found).astype(np.float64) ** 2).sum())
    return 10 * math.log10(float((reference.astype(np.float64) ** 2).sum()) / error)


def gemm_peak(precision: Precision) -> float:
    """GFLOP a second of torch's matrix product."""
    size = 2048
    kind = {"fp32": torch.float32, "bf16": torch.bfloat16}[precision]
    left, right = (torch.randn(size, size).to(kind) for _ in range(2))
    torch.mm(left, right)
    return 2 * size**3 / median(timed(lambda: torch.mm(left, right)) for _ in range(15)) / 1e9


if __name__ == "__main__":
    told = json.loads(sys.argv[1])
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    print(json.dumps((contest_of_nets if "name" in told else contest_of_loops)(**told)))
