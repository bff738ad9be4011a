import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hclarity.errors import BadDataError
from hclarity.hearing.exposure import Exposure, dose, weekly_hours

levels = st.floats(0, 140)
modes = st.sampled_from(["adult", "sensitive"])


# 40 h * 10 ** ((80 - L) / 10), WHO-ITU H.870.
@pytest.mark.parametrize(
    ("level", "hours"),
    [(80, 40.0), (83, 20.0), (85, 12.6), (90, 4.0), (95, 1.26), (100, 0.40), (105, 0.13)],
)
def test_hours_a_week_of_the_recommendation(level, hours):
    assert weekly_hours(level) == pytest.approx(hours, abs=0.05 if hours > 2 else 0.005)
    assert weekly_hours(level - 5, "sensitive") == pytest.approx(weekly_hours(level))


def test_a_full_dose_is_1_6_pascal_squared_hours():
    pascal_squared = (20e-6 * 10 ** (92 / 20)) ** 2
    assert dose(92, 1.6 / pascal_squared) == pytest.approx(100, rel=1e-6)


@given(levels, modes, st.floats(0, 168))
def test_3_db_more_are_twice_the_dose(level, mode, hours):
    more = level + 10 * math.log10(2)
    assert dose(more, hours, mode) == pytest.approx(2 * dose(level, hours, mode))
    assert weekly_hours(more, mode) == pytest.approx(weekly_hours(level, mode) / 2)
    assert dose(level, weekly_hours(level, mode), mode) == pytest.approx(100)


@given(levels, levels, st.floats(0.1, 168), modes)
def test_the_louder_ear_counts(left, right, hours, mode):
    ears = Exposure(left, right, hours)
    assert ears.louder_db_a == max(left, right)
    assert ears.dose(mode) == max(dose(left, hours, mode), dose(right, hours, mode))
    assert ears.weekly_hours(mode) == weekly_hours(max(left, right), mode)
    assert Exposure(left, None, hours).dose(mode) == dose(left, hours, mode)


def test_of_a_file_on_a_calibrated_player():
    assert Exposure.of_file(-17.0, None, full_scale_spl=100.0, hours=3) == Exposure(83.0, None, 3)


def test_silence_is_always_safe():
    silent = Exposure.of_file(None, None, full_scale_spl=120.0, hours=168)
    assert silent.louder_db_a is None
    assert silent.weekly_hours() is None
    assert silent.dose() == 0


@pytest.mark.parametrize("level", [math.nan, math.inf, -math.inf, 1e9, -201])
def test_what_is_no_level_is_refused(level):
    with pytest.raises(BadDataError, match=r"dB\(A\), got"):
        weekly_hours(level)
    with pytest.raises(BadDataError, match=r"dB\(A\), got"):
        Exposure(80.0, level, 1.0)


@pytest.mark.parametrize("hours", [-1, math.nan, math.inf])
def test_what_is_no_time_is_refused(hours):
    with pytest.raises(BadDataError, match="hours of listening must be 0 or more"):
        dose(80, hours)
    with pytest.raises(BadDataError, match="hours of listening must be 0 or more"):
        Exposure(80.0, 80.0, hours)
