import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.metrics.sdr import usdr


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
