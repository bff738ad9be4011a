import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.audio.values import Samples
from hclarity.separation.levels import Level, LevelMeter


def measured(*blocks: Samples) -> Level:
    meter = LevelMeter()
    for block in blocks:
        meter.push(block)
    return meter.level()


def a_song(frames: int, offset: float = 0.1) -> Samples:
    generator = np.random.default_rng(frames)
    return (offset + 0.2 * generator.standard_normal((2, frames))).astype(np.float32)


def test_is_the_level_of_demucs() -> None:
    """Demucs: ``ref = mix.mean(0); ref.mean(), ref.std()``."""
    song = a_song(10_000)
    reference = torch.from_numpy(song).double().mean(0)
    level = measured(song)
    assert level.mean == pytest.approx(reference.mean().item(), rel=1e-12)
    assert level.std == pytest.approx(reference.std().item(), rel=1e-12)


@settings(deadline=None, max_examples=100)
@given(
    frames=st.integers(0, 500),
    cuts=st.lists(st.integers(0, 500), max_size=20),
    offset=st.floats(-1, 1),
)
def test_blocks_never_matter(frames: int, cuts: list[int], offset: float) -> None:
    song = a_song(frames, offset)
    whole, cut = measured(song), measured(*np.split(song, sorted(cuts), axis=-1))
    assert cut.mean == pytest.approx(whole.mean, rel=1e-12, abs=1e-13)
    assert cut.std == pytest.approx(whole.std, rel=1e-12)


def test_a_long_song_is_as_exact() -> None:
    """Naive sums of squares would lose these digits to the offset."""
    block = a_song(1000, offset=100)
    level = measured(*[block] * 1000)
    mono = np.tile(block.mean(axis=0, dtype=np.float64), 1000)
    assert level.mean == pytest.approx(mono.mean(), rel=1e-12)
    assert level.std == pytest.approx(mono.std(ddof=1), rel=1e-11)


@pytest.mark.parametrize("frames", [0, 1, 100])
def test_silence_stays_as_it_is(frames: int) -> None:
    assert measured(np.zeros((2, frames), np.float32)) == Level(0, 1)


def test_what_is_quieter_than_24_bits_is_silence() -> None:
    assert measured(1e-9 * a_song(1000)).std == 1
    assert measured(1e-6 * a_song(1000)).std < 1e-6


def test_an_offset_alone_has_no_level() -> None:
    assert measured(np.full((1, 100), 0.5, np.float32)) == Level(0.5, 1)


def test_one_frame() -> None:
    assert measured(np.full((2, 1), -0.25, np.float32)) == Level(-0.25, 1)
