import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from engine_nets import QUICKEST, snr
from torch import Tensor

from hclarity.audio.values import Audio, Samples
from hclarity.nets.separation_net import Heard, SeparationNet
from hclarity.separation.engines.choice import choose_engine
from hclarity.separation.engines.engine import Engine
from hclarity.separation.levels import level_meter
from hclarity.separation.separator import Separator, separate

pytestmark = pytest.mark.skipif(find_spec("openvino") is None, reason="OpenVINO is not here")

NET, CONTRACT, CHUNK = QUICKEST.build(), QUICKEST.contract, QUICKEST.chunk
CONVERTING = "converting the model for OpenVINO, which is kept for the next time"


def an_engine(
    folder: Path,
    net: SeparationNet = NET,
    say: Callable[[str], None] = lambda words: None,
    **wanted: Any,
) -> Engine:
    wanted = {"precision": "fp32", **wanted}
    return choose_engine(net, CONTRACT, engine="openvino", folder=folder, say=say, **wanted)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where the net has been converted."""
    folder = tmp_path_factory.mktemp("kept")
    an_engine(folder).submit(a_chunk()).result()
    return folder


@pytest.fixture(scope="module")
def engine(kept: Path) -> Engine:
    return an_engine(kept)


def a_chunk(seed: int = 0) -> Samples:
    return np.random.default_rng(seed).standard_normal((1, 2, CHUNK)).astype(np.float32)


def a_song(frames: int) -> Samples:
    return (0.1 * np.random.default_rng(frames).standard_normal((2, frames))).astype(np.float32)


def walk(engine: Engine, song: Samples, cuts: Sequence[int] = ()) -> Samples:
    meter = level_meter(CONTRACT, sample_rate=CONTRACT.sample_rate, channels=2)
    meter.push(song)
    form = {"sample_rate": CONTRACT.sample_rate, "channels": 2, "level": meter.level()}
    separator = Separator(engine, CONTRACT, **form)
    ready = [separator.push(block) for block in np.split(song, cuts, axis=-1)]
    return np.concatenate([*ready, separator.flush()], axis=-1)


def _paused(song: Samples) -> Samples:
    song = song.copy()
    song[:, 2 * CHUNK : 4 * CHUNK] = 0
    return song


SONGS = {
    "one frame": a_song(1),
    "shorter than a chunk": a_song(CHUNK - 1),
    "a chunk": a_song(CHUNK),
    "a chunk and a frame": a_song(CHUNK + 1),
    "many chunks": a_song(9 * CHUNK + 77),
    "many chunks with a silent pause": _paused(a_song(7 * CHUNK + 5)),
    "silence": 0 * a_song(3 * CHUNK),
}


@pytest.mark.parametrize("song", SONGS.values(), ids=SONGS)
def test_a_song_is_what_it_is_by_torch(engine: Engine, song: Samples) -> None:
    stems = separate(Audio(song, CONTRACT.sample_rate), NET, CONTRACT).samples
    by_openvino = walk(engine, song)
    assert by_openvino.shape == stems.shape
    assert not stems.any() or snr(by_openvino, stems) > 80
    assert song.any() or not by_openvino.any()


@pytest.mark.parametrize("seed", range(5))
def test_blocks_never_matter(engine: Engine, seed: int) -> None:
    """To the bit, whichever of the workers is first."""
    song = a_song(6 * CHUNK + 100)
    cuts = np.sort(np.random.default_rng(seed).integers(0, song.shape[1], 3**seed))
    np.testing.assert_array_equal(walk(engine, song, cuts), walk(engine, song))


def test_one_engine_for_song_after_song(engine: Engine) -> None:
    first = walk(engine, SONGS["many chunks"])
    walk(engine, SONGS["shorter than a chunk"])
    walk(engine, SONGS["many chunks with a silent pause"])
    np.testing.assert_array_equal(walk(engine, SONGS["many chunks"]), first)


def test_results_are_of_their_own(engine: Engine) -> None:
    """Later chunks are computed in the same memory, and must not reach into what was given."""
    chunks = [a_chunk(seed) for seed in range(12)]
    futures = [engine.submit(chunk) for chunk in chunks]
    estimates = [future.result() for future in futures]
    for chunk, estimate in zip(chunks, estimates, strict=True):
        with torch.inference_mode():
            assert snr(estimate, NET(torch.from_numpy(chunk)).numpy()) > 80
    for seed, chunk in enumerate(chunks):
        np.testing.assert_array_equal(chunk, a_chunk(seed))


def test_says_what_it_is(engine: Engine, kept: Path) -> None:
    assert (engine.name, engine.precision, engine.device) == ("openvino", "fp32", "cpu")
    assert (engine.stems, engine.stream()) == (2, None)
    assert engine.at_once in (1, 2)
    assert an_engine(kept, precision="bf16").precision == "bf16"


def test_conversion_is_told_once(tmp_path: Path) -> None:
    """And not for a song that is left to torch."""
    told: list[str] = []
    for _ in range(2):
        engine = an_engine(tmp_path, say=told.append)
        engine.submit(a_chunk()[..., :-1])
        assert told == [CONVERTING][: len(list(tmp_path.iterdir()))]
        engine.submit(a_chunk()).result()
        engine.submit(a_chunk()).result()
        assert told == [CONVERTING]


def test_a_damaged_model_is_converted_anew(tmp_path: Path) -> None:
    right = an_engine(tmp_path).submit(a_chunk()).result()
    (weights,) = tmp_path.glob("*/model.bin")
    content = bytearray(weights.read_bytes())
    content[100] ^= 255
    weights.write_bytes(content)
    told: list[str] = []
    np.testing.assert_array_equal(
        an_engine(tmp_path, say=told.append).submit(a_chunk()).result(), right
    )
    assert told == [CONVERTING]


class Strange(SeparationNet):
    """A net that cannot be converted, but computed."""

    def __init__(self) -> None:
        super().__init__()
        self.traits = NET.traits

    def core(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        (mixture,) = inputs
        spectrum = torch.linalg.eigvals(mixture[0, :, :2]).abs().sum()
        return (torch.stack([mixture, spectrum * mixture], dim=1),)

    def decode(self, said: Sequence[Tensor], heard: Heard) -> Tensor:
        return said[0]


def test_what_cannot_be_converted_is_left_to_torch(tmp_path: Path) -> None:
    told: list[str] = []
    net = Strange()
    engine = an_engine(tmp_path, net, say=told.append, precision="bf16")
    song = a_song(5 * CHUNK)
    stems = walk(engine, song)
    converting, reason = told
    assert converting == CONVERTING
    assert reason.startswith("OpenVINO cannot compute this model, so torch does: ")
    assert len(reason) < 300
    assert (engine.name, engine.precision) == ("torch", "bf16")
    by_torch = separate(Audio(song, CONTRACT.sample_rate), net, CONTRACT).samples
    np.testing.assert_array_equal(stems, by_torch)
    assert list(tmp_path.iterdir()) == []


def test_what_goes_wrong_in_a_worker_reaches_the_caller(kept: Path) -> None:
    engine = an_engine(kept)
    with pytest.raises(RuntimeError):
        engine.submit(np.zeros((1, 3, CHUNK), np.float32)).result()
    assert engine.submit(a_chunk()).result().shape == (1, 2, 2, CHUNK)  # and the worker goes on


def test_workers_end_with_their_engine(kept: Path) -> None:
    before = threading.active_count()
    for _ in range(5):
        an_engine(kept).submit(a_chunk()).result()
    for thread in threading.enumerate():
        if thread.name.startswith("hclarity-net"):
            thread.join(0.2)
    assert threading.active_count() <= before + 2


PROGRAM = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_separation_engines_openvino_engine import a_chunk, an_engine
folder = Path(sys.argv[2])
one, other = an_engine(folder), an_engine(folder)
for engine in (one, other):
    engine.submit(a_chunk()).result()
del one, engine
del other
signal.signal(signal.SIGINT, lambda number, frame: print("heard"))
os.kill(os.getpid(), signal.SIGINT)
"""


def test_signals_are_heard_when_engines_have_gone(kept: Path) -> None:
    words = [sys.executable, "-c", PROGRAM, str(Path(__file__).parent), str(kept)]
    run = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stdout, run.stderr) == (0, "heard\n", "")
