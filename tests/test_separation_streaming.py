from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_nets import TINY_NETS

from hclarity.audio.values import Audio, Samples
from hclarity.separation.engines.torch_engine import TorchEngine
from hclarity.separation.levels import Level
from hclarity.separation.separator import Separator, separate
from hclarity.separation.streaming import Streaming

CAUSAL = TINY_NETS["convtasnet, causal"]
NET = CAUSAL.build()


def a_song(frames: int) -> Samples:
    song = np.random.default_rng(frames).standard_normal((2, frames))
    return (0.1 * song).astype(np.float32)


def streamed(song: Samples, cuts: list[int], level: Level | None = None) -> Samples:
    net_stream = NET.stream()
    assert net_stream is not None
    level = level or Level()
    stream = Streaming(net_stream, CAUSAL.contract, level, stems=2, device="cpu")
    ready = [stream.push(block) for block in np.split(song, sorted(cuts), axis=-1)]
    return np.concatenate([*ready, stream.flush()], axis=-1)


@settings(deadline=None, max_examples=25)
@given(frames=st.integers(0, 9000), cuts=st.lists(st.integers(0, 9000), max_size=8))
def test_blocks_never_matter(frames: int, cuts: list[int]) -> None:
    song = a_song(frames)
    whole = streamed(song, [])
    assert whole.shape == (2, 2, frames)
    np.testing.assert_array_equal(streamed(song, cuts), whole)


@pytest.mark.parametrize("frames", [1, 19, 20, 21, 4096, 4115, 12345])
def test_is_the_net_on_the_whole_song_and_not_on_chunks(frames: int) -> None:
    song = a_song(frames)
    padded = np.pad(song, ((0, 0), (0, 30)))  # or the net would leave the last frames out
    with torch.inference_mode():
        whole = NET(torch.from_numpy(padded)[None])[0, ..., :frames].numpy()
    np.testing.assert_allclose(streamed(song, []), whole, rtol=0, atol=1e-5 * np.abs(whole).max())
    if frames > 4096:  # loud enough to have been brought to the level that the net wants
        stems = separate(Audio(song, CAUSAL.sample_rate), NET, CAUSAL.contract).samples
        assert np.abs(stems - whole).max() < 0.05 * np.abs(whole).max()


def test_the_level_is_given_back_and_its_offset_shared() -> None:
    song = a_song(5000)
    loud = streamed(0.5 + 3 * song, [], Level(offset=0.5, scale=3.0))
    np.testing.assert_allclose(loud, 0.25 + 3 * streamed(song, []), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("mask", ["relu", "softmax"])
def test_fewer_stems_are_the_same_stems(mask: str) -> None:
    """Also where the net computes all of them anyway."""
    tiny = replace(CAUSAL, arguments={**CAUSAL.arguments, "mask": mask})
    net, song = tiny.build(), Audio(a_song(20000), tiny.sample_rate)
    form = {"sample_rate": song.sample_rate, "channels": 2, "level": Level()}
    alone = Separator(TorchEngine(net.only(["accompaniment"])), tiny.contract, **form)
    stem = np.concatenate([alone.push(song.samples), alone.flush()], axis=-1)
    both = Separator(TorchEngine(net), tiny.contract, **form)
    stems = np.concatenate([both.push(song.samples), both.flush()], axis=-1)
    np.testing.assert_allclose(stem, stems[1:], rtol=0, atol=1e-6)


def test_silence_stays_silence() -> None:
    assert not streamed(0 * a_song(5000), []).any()
