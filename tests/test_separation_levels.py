import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.audio.loudness import integrated_loudness
from hclarity.audio.values import Audio, Samples
from hclarity.registry.cards import Contract
from hclarity.separation.levels import Level, level_meter

RATE = 8000


def measured(*blocks: Samples, level: str = "deviation") -> Level:
    contract = Contract(("stem",), RATE, 2, chunk_seconds=1, overlap=0, stride=1, level=level)
    meter = level_meter(contract, sample_rate=RATE, channels=len(blocks[0]))
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
    assert level.offset == pytest.approx(reference.mean().item(), rel=1e-12)
    assert level.scale == pytest.approx(reference.std().item(), rel=1e-12)


@settings(deadline=None, max_examples=100)
@given(
    frames=st.integers(0, 500),
    cuts=st.lists(st.integers(0, 500), max_size=20),
    offset=st.floats(-1, 1),
)
def test_blocks_never_matter(frames: int, cuts: list[int], offset: float) -> None:
    song = a_song(frames, offset)
    whole, cut = measured(song), measured(*np.split(song, sorted(cuts), axis=-1))
    assert cut.offset == pytest.approx(whole.offset, rel=1e-12, abs=1e-13)
    assert cut.scale == pytest.approx(whole.scale, rel=1e-12)


def test_a_long_song_is_as_exact() -> None:
    """Naive sums of squares would lose these digits to the offset."""
    block = a_song(1000, offset=100)
    level = measured(*[block] * 1000)
    mono = np.tile(block.mean(axis=0, dtype=np.float64), 1000)
    assert level.offset == pytest.approx(mono.mean(), rel=1e-12)
    assert level.scale == pytest.approx(mono.std(ddof=1), rel=1e-11)


@pytest.mark.parametrize("frames", [0, 1, 100])
def test_silence_stays_as_it_is(frames: int) -> None:
    assert measured(np.zeros((2, frames), np.float32)) == Level(0, 1)


def test_what_is_quieter_than_24_bits_is_silence() -> None:
    assert measured(1e-9 * a_song(1000)).scale == 1
    assert measured(1e-6 * a_song(1000)).scale < 1e-6


def test_a_peak_is_the_highest_sample() -> None:
    song = a_song(1000)
    song[1, 700] = -3
    assert measured(song, level="peak") == Level(0, 3)
    assert measured(*np.split(song, [1, 500, 900], axis=-1), level="peak") == Level(0, 3)
    assert measured(song[:, :0], level="peak") == Level()
    assert measured(0 * song, level="peak") == Level()


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("wanted", [-40.0, -14.5])
def test_a_loudness_is_reached_as_the_net_hears_it(wanted: float, channels: int) -> None:
    """A net for stereo hears a mono song twice, which is 3 LU louder."""
    song = a_song(3 * RATE, offset=0)[:channels]
    level = measured(song, level=f"{wanted:g} LUFS")
    heard = np.broadcast_to(song, (2, song.shape[-1])) / level.scale
    assert level.offset == 0
    assert integrated_loudness(Audio(heard, RATE)) == pytest.approx(wanted, abs=0.01)


@pytest.mark.parametrize("song", [a_song(RATE // 5), np.zeros((2, RATE), np.float32)])
def test_what_has_no_loudness_stays_as_it_is(song: Samples) -> None:
    assert measured(song, level="-40 LUFS") == Level()


def test_an_offset_alone_has_no_level() -> None:
    assert measured(np.full((1, 100), 0.5, np.float32)) == Level(0.5, 1)


def test_one_frame() -> None:
    assert measured(np.full((2, 1), -0.25, np.float32)) == Level(-0.25, 1)
