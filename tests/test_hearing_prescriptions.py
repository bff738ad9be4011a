from math import inf, nan

import numpy as np
import pytest
from hearing_strategies import BISGAARD, NO_LOSS, audiograms, decibels_hl
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.errors import BadDataError
from hclarity.hearing.audiogram import Audiogram
from hclarity.hearing.insertion_gains import AUDIOMETRIC_HZ, NO_GAIN, InsertionGains
from hclarity.hearing.prescriptions import nalr, prescribe

# pyclarity's NAL-R for the standard audiograms, in dB at these Hz.
PUBLISHED_HZ = (250, 500, 1000, 2000, 4000, 6000)
PUBLISHED = {
    "N1": (0.00, 0.00, 5.85, 5.40, 9.05, 12.15),
    "N2": (0.00, 2.20, 12.75, 13.85, 15.95, 17.50),
    "N3": (0.10, 9.10, 19.65, 20.75, 22.85, 24.40),
    "N4": (8.80, 17.80, 26.80, 27.90, 30.00, 31.55),
    "N5": (17.37, 27.92, 38.47, 38.02, 37.02, 37.02),
    "N6": (23.95, 34.50, 45.05, 44.60, 46.70, 46.70),
    "N7": (34.40, 44.95, 57.05, 55.05, 54.05, 54.05),
    "S1": (0.00, 0.00, 5.85, 5.40, 16.80, 21.45),
    "S2": (0.00, 3.20, 13.75, 21.05, 32.45, 32.45),
    "S3": (0.80, 11.35, 28.10, 30.75, 31.30, 32.85),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_nalr_of_the_standard_audiograms(name):
    gains = nalr(BISGAARD[name])
    assert [gains.at(hz) for hz in PUBLISHED_HZ] == pytest.approx(PUBLISHED[name], abs=0.01)


def test_nalr_between_the_octaves_by_hand():
    gains = nalr(BISGAARD["N3"])  # X = 0.05 (35 + 40 + 50) = 6.25
    assert gains.at(750) == pytest.approx(6.25 + 0.31 * 35 - 3)
    assert gains.at(1500) == pytest.approx(6.25 + 0.31 * 45 + 1)
    assert gains.at(3000) == pytest.approx(6.25 + 0.31 * 55 - 2)
    assert gains.at(20) == gains.at(250)
    assert gains.at(20000) == gains.at(6000)


def test_the_two_slopes_meet():
    at_the_bend = nalr(Audiogram((500, 1000, 2000), (60, 60, 60)))
    just_above = nalr(Audiogram((500, 1000, 2000), (60, 60, 60.001)))
    assert just_above.at(1000) == pytest.approx(at_the_bend.at(1000), abs=0.001)


@settings(deadline=None)
@given(audiograms(), st.data())
def test_more_loss_never_means_less_gain(audiogram, data):
    worse = data.draw(st.tuples(*(st.floats(level, 120) for level in audiogram.thresholds)))
    before, after = nalr(audiogram), nalr(Audiogram(audiogram.frequencies, worse))
    for hz in (20.0, *AUDIOMETRIC_HZ, 20000.0):
        assert after.at(hz) >= before.at(hz) - 1e-9


@settings(deadline=None)
@given(audiograms())
def test_gain_is_never_negative_nor_beyond_what_a_plan_may_hold(audiogram):
    assert all(0 <= gain <= 70 for gain in nalr(audiogram).gains_db)


@settings(deadline=None)
@given(st.lists(st.floats(-10, 0), min_size=3, max_size=3))
def test_an_ear_without_loss_is_given_nothing(thresholds):
    assert nalr(Audiogram((250, 1000, 4000), tuple(thresholds))).is_zero


@settings(deadline=None)
@given(audiograms())
def test_none_is_no_gain_and_nalr_is_nalr(audiogram):
    assert prescribe("none", audiogram) == NO_GAIN
    assert prescribe("nalr", audiogram) == nalr(audiogram)


def test_what_is_zero():
    assert NO_GAIN.is_zero
    assert nalr(NO_LOSS).is_zero
    assert not InsertionGains((250, 500), (0, -0.1)).is_zero


@settings(deadline=None)
@given(decibels_hl, decibels_hl)
def test_gains_are_linear_over_octaves(low, high):
    gains = InsertionGains((500, 2000), (low / 2, high / 2))
    assert gains.at(1000) == pytest.approx((low + high) / 4)


@pytest.mark.parametrize(
    ("frequencies", "gains_db", "complaint"),
    [
        ((), (), "0 frequencies for 0 gains"),
        ((500, 1000), (1,), "2 frequencies for 1 gains"),
        ((1000, 500), (1, 2), "500 Hz after 1000 Hz"),
        ((500, nan), (1, 2), "nan"),
        ((500, inf), (1, 2), "inf Hz"),
        ((0, 500), (1, 2), "above 0 Hz, got 0 Hz"),
        ((500,), (81,), "81 dB at 500 Hz is outside ±80 dB"),
        ((500,), (nan,), "nan dB"),
        ((500,), (-np.inf,), "-inf dB"),
    ],
)
def test_impossible_gains_are_refused_with_their_value(frequencies, gains_db, complaint):
    with pytest.raises(BadDataError, match=complaint):
        InsertionGains(frequencies, gains_db)
