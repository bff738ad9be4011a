import numpy as np
import pytest
import torch
from engine_nets import QUICKEST, snr

from hclarity.audio.values import Samples
from hclarity.separation.engines.torch_engine import TorchEngine

NET = QUICKEST.build()


def a_chunk(frames: int = QUICKEST.chunk) -> Samples:
    return np.random.default_rng(0).standard_normal((1, 2, frames)).astype(np.float32)


@pytest.mark.parametrize("frames", [1, 777, QUICKEST.chunk])
def test_says_what_the_net_says(frames: int) -> None:
    engine, chunk = TorchEngine(NET), a_chunk(frames)
    future = engine.submit(chunk)
    assert future.done()
    with torch.inference_mode():
        np.testing.assert_array_equal(future.result(), NET(torch.from_numpy(chunk)).numpy())
    assert future.result().dtype == np.float32
    assert (engine.name, engine.precision, engine.device) == ("torch", "fp32", "cpu")
    assert (engine.stems, engine.at_once, engine.stream()) == (2, 1, None)


def test_half_precision_is_near() -> None:
    engine, chunk = TorchEngine(NET, precision="bf16"), a_chunk()
    assert engine.precision == "bf16"
    stems, half = TorchEngine(NET).submit(chunk).result(), engine.submit(chunk).result()
    assert half.dtype == np.float32
    assert 30 < snr(half, stems) < 70


def test_a_chunk_is_not_changed() -> None:
    chunk = a_chunk()
    TorchEngine(NET).submit(chunk)
    np.testing.assert_array_equal(chunk, a_chunk())
