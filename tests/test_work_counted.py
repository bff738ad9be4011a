"""How much work is done, counted: time itself says little on a machine that others use too."""

import subprocess
import sys
from collections import Counter
from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pytest

from hclarity.audio.values import Audio, Samples, Stems
from hclarity.hearing.standard import example_listener
from hclarity.registry.cards import Contract
from hclarity.remixing.planning import plan_for
from hclarity.remixing.remixer import remix
from hclarity.separation.levels import Level
from hclarity.separation.separator import Separator

RATE = 8000
CONTRACT = Contract(("a", "b"), RATE, 2, chunk_seconds=2.0, overlap=0.25, stride=1000, level="peak")


class CountingEngine:
    """Says twice what it hears, and counts the frames."""

    name, precision, device, stems, at_once = "torch", "fp32", "cpu", 2, 2

    def __init__(self) -> None:
        self.heard = 0

    def submit(self, mixture: Samples) -> "Future[Samples]":
        self.heard += mixture.shape[-1]
        done: Future[Samples] = Future()
        done.set_result(np.stack([mixture, mixture], axis=1))
        return done

    def stream(self) -> None:
        return None


@pytest.mark.parametrize("seconds", [1, 10, 60])
def test_a_net_hears_no_more_than_its_overlap_asks_for(seconds: int) -> None:
    song = np.random.default_rng(0).standard_normal((2, seconds * RATE)).astype(np.float32)
    engine = CountingEngine()
    separator = Separator(engine, CONTRACT, sample_rate=RATE, channels=2, level=Level())
    separator.push(song)
    separator.flush()
    assert engine.heard <= song.shape[1] * CONTRACT.chunk / CONTRACT.hop + CONTRACT.chunk


def calls_of_a_remix(seconds: int) -> int:
    """Calls of functions, ours and others', in a remix of so many seconds in blocks of one."""
    song = np.random.default_rng(0).standard_normal((2, seconds * RATE)).astype(np.float32) / 8
    stems = Stems(("vocals", "rest"), np.stack([song / 2, song / 2]), RATE)
    plan = plan_for(example_listener(), stem_gains={"vocals": 3.0})
    count: Counter[str] = Counter()
    sys.setprofile(lambda frame, event, argument: count.update([event]))
    try:
        remix(Audio(song, RATE), stems, plan)
    finally:
        sys.setprofile(None)
    return count["call"] + count["c_call"]


def test_a_remix_makes_few_calls_for_each_second() -> None:
    """Whatever is done sample by sample is done by numpy, numba or scipy."""
    calls_of_a_remix(10)  # so that all is imported and compiled
    assert calls_of_a_remix(70) - calls_of_a_remix(10) < 60 * 1600


def test_separating_does_not_load_what_it_has_no_use_for(workplace: Path) -> None:
    import soundfile

    soundfile.write("song.wav", np.zeros((RATE, 2)), RATE)
    separate = (
        "import sys; sys.argv = ['hclarity', 'separate', 'song.wav', '-m', 'tiny', '-q'];"
        "from hclarity.cli.app import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(*(name for name, module in sys.modules.items() if module))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", separate], check=True, capture_output=True, text=True
    ).stdout.split()
    assert "hclarity.separation.separator" in loaded
    # torch's compiler takes seconds to load
    for needless in ("torch._dynamo", "sympy", "matplotlib", "numba", "openvino_telemetry"):
        assert needless not in loaded, needless
