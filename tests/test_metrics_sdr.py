import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.metrics.sdr import si_sdr, usdr


@pytest.fixture
def stem() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((2, 1000))


@given(st.floats(-40, 40))
@settings(deadline=None, max_examples=30)
def test_noise_below_the_stem_by_so_many_db_scores_so_many_db(decibels):
    rng = np.random.default_rng(1)
    stem, noise = rng.standard_normal((2, 2, 1000))
    noise *= np.sqrt((stem**2).sum() / (noise**2).sum()) * 10 ** (-decibels / 20)
    assert usdr(stem, stem + noise) == pytest.approx(decibels, abs=1e-4)


def test_channels_are_taken_together(stem):
    one_ear = stem * [[1.0], [0.0]]
    lost = (stem[1] ** 2).sum() / (stem**2).sum()
    assert usdr(stem, one_ear) == pytest.approx(-10 * np.log10(lost), abs=1e-6)


def test_silence_for_silence_is_zero_db():
    assert usdr(np.zeros((2, 10)), np.zeros((2, 10))) == 0


def test_sound_where_the_stem_is_silent_is_very_bad(stem):
    assert usdr(np.zeros_like(stem), stem) < -90


def test_half_precision_arrays_are_summed_in_double(stem):
    single = stem.astype(np.float32)
    assert usdr(single, 0.5 * single) == pytest.approx(20 * np.log10(2), abs=1e-6)


def test_unlike_shapes_are_refused(stem):
    with pytest.raises(ValueError, match=r"\(2, 1000\).*\(2, 999\)"):
        usdr(stem, stem[:, 1:])


@given(st.floats(-30, 30), st.floats(0.01, 100))
@settings(deadline=None, max_examples=30)
def test_si_sdr_is_the_ratio_to_noise_unlike_the_stem_at_any_level(decibels, level):
    rng = np.random.default_rng(2)
    stem, noise = rng.standard_normal((2, 2, 1000))
    noise -= (stem * noise).sum() / (stem**2).sum() * stem
    noise *= np.sqrt((stem**2).sum() / (noise**2).sum()) * 10 ** (-decibels / 20)
    assert si_sdr(stem, level * (stem + noise)) == pytest.approx(decibels, abs=1e-9)


def test_si_sdr_of_one_channel_is_that_of_the_textbook():
    stem, estimate = np.random.default_rng(3).standard_normal((2, 500))
    estimate += stem
    scaled = np.dot(estimate, stem) / np.dot(stem, stem) * stem
    textbook = 20 * np.log10(np.linalg.norm(scaled) / np.linalg.norm(estimate - scaled))
    assert si_sdr(stem[np.newaxis], estimate[np.newaxis]) == pytest.approx(textbook, abs=1e-12)


def test_si_sdr_takes_channels_together(stem):
    assert si_sdr(stem, stem * [[1.0], [0.5]]) < 10
    one_side = stem * [[1.0], [0.0]]
    assert si_sdr(one_side, one_side + 0.1 * stem) > 10


def test_si_sdr_at_the_edges(stem):
    assert si_sdr(stem, 2 * stem) == np.inf
    assert si_sdr(np.array([[1.0, 1.0]]), np.array([[1.0, -1.0]])) == -np.inf
    assert np.isnan(si_sdr(np.zeros_like(stem), stem))
    assert np.isnan(si_sdr(stem, np.zeros_like(stem)))
    with pytest.raises(ValueError, match="shapes differ"):
        si_sdr(stem, stem[:1])


@pytest.mark.parametrize("metric", [usdr, si_sdr])
def test_a_long_song_is_not_copied_in_double_precision(metric):
    stem = np.random.default_rng(4).standard_normal((2, 1_500_000)).astype(np.float32)
    estimate = stem + np.float32(0.1)
    tracemalloc.start()
    decibels = metric(stem, estimate)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert decibels == pytest.approx(20, abs=0.1)
    assert peak < 2 * stem.nbytes
