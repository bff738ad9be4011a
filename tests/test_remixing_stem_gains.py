from math import inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.errors import BadDataError, UsageError
from hclarity.remixing.stem_gains import PRESETS, StemGains, parse_gain, parse_gains, preset_gains

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


def test_no_preset_mutes_a_stem_or_lays_its_artefacts_bare():
    for gains in PRESETS.values():
        assert all(-12 <= gain <= 10 for gain in gains.values())
    assert not PRESETS["original"]


FOUR = ("drums", "bass", "other", "vocals")


def test_presets_do_what_they_can_with_the_stems_there_are():
    assert preset_gains("ha-mild", FOUR) == {"vocals": 1, "drums": -1, "bass": -1, "other": -1}
    assert preset_gains("ha-mild", ["no_vocals", "vocals"]) == {"vocals": 1, "no_vocals": -1}
    assert preset_gains("lyrics", ["vocals", "accompaniment"]) == {"vocals": 3}
    assert preset_gains("original", ["violin"]) == {}


def test_a_preset_for_other_stems():
    told = "the preset beat changes drums, bass; there are: violin, accompaniment"
    with pytest.raises(UsageError, match=told):
        preset_gains("beat", ["violin", "accompaniment"])


def test_every_preset_suits_the_usual_stems():
    assert all(preset_gains(name, FOUR) for name in PRESETS if name != "original")
