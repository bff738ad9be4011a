from math import inf, nan

import pytest
from hearing_strategies import audiograms
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.errors import BadDataError
from hclarity.hearing.audiogram import Audiogram, Listener

HZ = (500, 1000, 4000)


@pytest.mark.parametrize(
    ("frequencies", "thresholds", "complaint"),
    [
        (HZ, (10, 20), "3 frequencies for 2 thresholds"),
        (HZ[:2], (10, 20), "at least 3 points, got 2"),
        ((), (), "at least 3 points, got 0"),
        ((500, 500, 1000), (1, 2, 3), "got 500 Hz after 500 Hz"),
        ((500, 1000, 750), (1, 2, 3), "got 750 Hz after 1000 Hz"),
        ((124, 500, 1000), (1, 2, 3), "124 Hz is outside 125 to 16000 Hz"),
        ((500, 1000, 16001), (1, 2, 3), "16001 Hz is outside"),
        ((500, nan, 1000), (1, 2, 3), "nan"),
        ((500, 1000, inf), (1, 2, 3), "inf Hz is outside"),
        (HZ, (10, 500, 20), "500 dB HL at 1000 Hz is outside -10 to 120 dB HL"),
        (HZ, (10, -11, 20), "-11 dB HL at 1000 Hz"),
        (HZ, (10, nan, 20), "nan dB HL"),
        (HZ, (10, 20, -inf), "-inf dB HL at 4000 Hz"),
    ],
)
def test_what_no_ear_can_have_is_refused_with_its_value(frequencies, thresholds, complaint):
    with pytest.raises(BadDataError, match=complaint):
        Audiogram(frequencies, thresholds)


@settings(deadline=None)
@given(audiograms())
def test_known_points_are_returned_as_they_are(audiogram):
    for hz, level in zip(audiogram.frequencies, audiogram.thresholds, strict=True):
        assert audiogram.threshold_at(hz) == pytest.approx(level, abs=1e-9)


@settings(deadline=None)
@given(audiograms(), st.floats(0, 96000))
def test_between_known_points_nothing_is_invented(audiogram, hz):
    assert min(audiogram.thresholds) <= audiogram.threshold_at(hz) <= max(audiogram.thresholds)


def test_interpolation_is_linear_over_octaves_and_the_ends_are_held():
    audiogram = Audiogram((500, 1000, 4000), (20, 30, 60))
    assert audiogram.threshold_at(2000) == pytest.approx(45)
    assert audiogram.threshold_at(20) == 20
    assert audiogram.threshold_at(20000) == 60


def test_a_name_that_would_write_on_the_terminal_is_refused():
    ear = Audiogram(HZ, (10, 20, 30))
    with pytest.raises(BadDataError, match="printable"):
        Listener(ear, ear, "\x1b[2Jgone")
    assert Listener(ear, ear, "Zoë Ångström").name == "Zoë Ångström"
