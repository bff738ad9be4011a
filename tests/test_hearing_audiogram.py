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


@pytest.mark.parametrize(
    ("no_response", "complaint"),
    [
        ({1000: None}, "no response at 1000 Hz has a threshold but no level"),
        ({2000: 90}, "no response at 2000 Hz has a level but no threshold"),
        ({1000: 125}, "125 dB HL at 1000 Hz is outside -10 to 120"),
        ({20: None}, "20 Hz is outside"),
    ],
)
def test_no_response_is_an_estimate_or_none_at_all(no_response, complaint):
    with pytest.raises(BadDataError, match=complaint):
        Audiogram(HZ, (10, 20, 30), no_response)


def test_no_response_is_part_of_the_value():
    plain, silent = (Audiogram(HZ, (10, 20, 30), no) for no in ({}, {8000: None, 1000: 15}))
    assert plain != silent
    assert list(silent.no_response) == [1000, 8000]
    assert silent.threshold_at(8000) == 30
    assert len({plain, silent}) == 2


def test_a_name_that_would_write_on_the_terminal_is_refused():
    ear = Audiogram(HZ, (10, 20, 30))
    with pytest.raises(BadDataError, match="printable"):
        Listener(ear, ear, "\x1b[2Jgone")
    assert Listener(ear, ear, "Zoë Ångström").name == "Zoë Ångström"
