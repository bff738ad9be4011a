"""The map against the meters: for any mix, loudness and peak as the remixer measures them."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from cli_program import music
from hearing_strategies import BISGAARD
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hclarity.audio.loudness import integrated_loudness
from hclarity.audio.values import Audio, Samples
from hclarity.hearing.audiogram import Listener
from hclarity.remixing.ear_levels import EarLevels
from hclarity.remixing.level_map import LevelMap, LevelMapper
from hclarity.remixing.plan import GainPlan
from hclarity.remixing.planning import plan_for
from hclarity.remixing.remixer import RemixMeasurement

RATE = 48000
STEMS = ("drums", "bass", "vocals")
PLAN = plan_for(Listener(BISGAARD["N3"], BISGAARD["S2"]), stem_gains={})
MIXES = np.vstack([np.ones(3), np.eye(3), 1 - np.eye(3), 1 + 2 * np.eye(3)])


@lru_cache
def stems(seconds: float = 8.0) -> Samples:
    """Three players, one of whom rests for half of the time."""
    players = np.stack([music(seconds, rate=RATE, seed=seed) for seed in range(3)])
    players[2, :, : players.shape[2] // 2] = 0
    return np.asarray(players, np.float32)


def mapped(plan: GainPlan, song: Samples, blocks: int = 1) -> LevelMap:
    mapper = LevelMapper(plan, RATE, song.shape[2], MIXES)
    for block in np.array_split(song, blocks, axis=2):
        mapper.push(block)
    return mapper.flush()


@lru_cache
def whole_map() -> LevelMap:
    return mapped(PLAN, stems())


def products(gains: NDArray[np.float64]) -> NDArray[np.float64]:
    first, second = np.triu_indices(len(gains))
    return np.asarray(gains[first] * gains[second])


def loudness(map: LevelMap, share: int, gains: NDArray[np.float64], ears: EarLevels) -> float:
    """BS.1770 from the map's blocks."""
    levels = 10 ** (np.array([ears.left_db, ears.right_db]) / 10)
    energies = levels @ (map.covariances[share].astype(float) @ products(gains))
    loud = energies[-0.691 + 10 * np.log10(np.maximum(energies, 1e-20)) > -70]
    return float(-0.691 + 10 * np.log10(loud[loud > loud.mean() / 10].mean()))


def between(map: LevelMap, values: list[float], share: float) -> float:
    """The polynomial through the values at all shares."""
    return float(np.polyval(np.polyfit(map.shares, values, len(values) - 1), share))


@settings(max_examples=12, deadline=None)
@given(
    st.tuples(*[st.floats(-30, 10)] * 3),
    st.floats(0, 100),
    st.sampled_from([(0.0, 0.0), (-6.0, 0.0), (0.0, -12.0)]),
)
def test_any_mix_is_as_loud_as_it_says(
    gains_db: tuple[float, float, float], percent: float, balance: tuple[float, float]
) -> None:
    ears = EarLevels(percent, *balance)
    chosen = replace(PLAN, stem_gains=dict(zip(STEMS, gains_db, strict=True)))
    measurement = RemixMeasurement(ears.applied(chosen), STEMS, RATE)
    measurement.push(stems().sum(axis=0), stems())
    measured = measurement.result()
    gains = 10 ** (np.array(gains_db) / 20)
    map, share = whole_map(), percent / 100
    told = between(map, [loudness(map, at, gains, ears) for at in range(len(map.shares))], share)
    assert measured.mixed_lufs is not None
    assert measured.mixed_peak_dbtp is not None
    assert told == pytest.approx(measured.mixed_lufs, abs=0.3)
    levels = 10 ** (np.array([ears.left_db, ears.right_db]) / 20)
    peaks = (np.abs(map.peaks @ gains) * levels[:, None]).max(axis=(1, 2))
    peak = between(map, (20 * np.log10(peaks)).tolist(), share)
    assert measured.mixed_peak_dbtp - 1.5 < peak < measured.mixed_peak_dbtp + 0.5


def test_block_sizes_never_matter() -> None:
    song = stems(2.0)
    whole, pieces = mapped(PLAN, song), mapped(PLAN, song, blocks=23)
    np.testing.assert_array_equal(whole.covariances, pieces.covariances)
    np.testing.assert_array_equal(whole.peaks, pieces.peaks)


def test_ears_that_are_not_amplified_have_one_share() -> None:
    map = mapped(GainPlan({}), stems(2.0))
    assert map.shares == (0.0,)
    assert map.covariances.shape == (1, 2, 17, 6)


def test_a_long_song_has_a_map_no_larger() -> None:
    song = music(60.0, rate=RATE)[None] * np.array([1, 0, 0], np.float32)[:, None, None]
    map = mapped(GainPlan({}), song)
    assert map.covariances.shape[2] <= 400
    measured = integrated_loudness(Audio(song[0], RATE))
    assert loudness(map, 0, np.ones(3), EarLevels()) == pytest.approx(measured, abs=0.1)


@pytest.mark.parametrize("frames", [0, 1, 19199])
def test_what_is_shorter_than_a_block_has_peaks_only(frames: int) -> None:
    map = mapped(PLAN, stems()[:, :, :frames])
    assert map.covariances.shape == (5, 2, 0, 6)
    assert map.peaks.shape == (5, 2, len(MIXES), 3)
    assert bool(map.peaks.any()) == (frames > 0)
