from math import inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.errors import BadDataError, UsageError
from hclarity.remixing.stem_gains import StemGains, parse_gain, parse_gains

names = st.text(st.characters(categories=["L", "N"]), min_size=1)
decibels = st.floats(-60, 10)


@settings(deadline=None)
@given(st.dictionaries(names, decibels))
def test_it_is_the_mapping_it_was_given(gains):
    assert dict(StemGains(gains)) == gains
    assert len(StemGains(gains)) == len(gains)
    assert StemGains(gains) == StemGains(StemGains(gains))


@settings(deadline=None)
@given(names, decibels)
def test_what_is_typed_is_what_is_meant(stem, gain):
    assert parse_gain(f"{stem}={gain!r}") == (stem, gain)
    assert parse_gain(f" {stem} = {gain:+.17g} ") == (stem, gain)


def test_it_cannot_be_changed_from_outside():
    given_ones = {"vocals": 3.0}
    gains = StemGains(given_ones)
    given_ones["vocals"] = 99
    assert gains["vocals"] == 3
    with pytest.raises(TypeError):
        gains["vocals"] = 99


@pytest.mark.parametrize(
    ("gains", "complaint"),
    [
        ({"vocals": 10.5}, r"10.5 dB for vocals is outside -60 to \+10 dB"),
        ({"vocals": 3, "drums": -61}, "-61 dB for drums"),
        ({"vocals": nan}, "nan dB"),
        ({"vocals": -inf}, "-inf dB"),
        ({"": 3}, "printable name, got ''"),
        ({"vo\ncals": 3}, r"printable name, got 'vo\\ncals'"),
    ],
)
def test_gains_out_of_range_are_refused(gains, complaint):
    with pytest.raises(BadDataError, match=complaint):
        StemGains(gains)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("vocals", r"expected STEM=DB, such as vocals=\+3, got 'vocals'"),
        ("vocals=", "got 'vocals='"),
        ("vocals=loud", "got 'vocals=loud'"),
        ("vocals=3=4", "expected STEM=DB"),
        ("=3", "printable name"),
        ("", "expected STEM=DB"),
        ("vocals=11", "11 dB for vocals is outside"),
        ("vocals=-inf", "-inf dB for vocals"),
        ("vocals=nan", "nan dB for vocals"),
    ],
)
def test_bad_words_on_the_command_line(text, complaint):
    with pytest.raises(UsageError, match=complaint):
        parse_gain(text)


def test_several_gains():
    assert parse_gains(["vocals=+3", "drums=-2.5"]) == {"vocals": 3, "drums": -2.5}
    assert parse_gains([]) == {}
    with pytest.raises(UsageError, match=r"vocals is given twice: \+3 dB and -1 dB"):
        parse_gains(["vocals=3", "vocals=-1"])
