import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.hearing.speech_spectrum import LTASS_DB_SPL, LTASS_HZ, band_levels


def power(levels):
    return float(np.sum(10 ** (np.asarray(levels) / 10)))


def test_all_bands_together_make_70_db():
    assert len(LTASS_HZ) == len(LTASS_DB_SPL) == 25
    assert 10 * np.log10(power(LTASS_DB_SPL)) == pytest.approx(70, abs=0.1)
    assert band_levels([0, np.inf]) == pytest.approx(10 * np.log10(power(LTASS_DB_SPL)))


def test_third_octave_bands_have_their_levels():
    edges = np.sqrt(np.array(LTASS_HZ[:-1]) * LTASS_HZ[1:])
    assert band_levels(edges) == pytest.approx(LTASS_DB_SPL[1:-1])


def test_half_a_band_has_half_its_power():
    low, high = np.sqrt(800 * 1000), np.sqrt(1000 * 1250)
    halves = band_levels([low, (low + high) / 2, high])
    assert halves == pytest.approx([53.7 - 10 * np.log10(2)] * 2)


@settings(deadline=None)
@given(st.lists(st.floats(1, 17_000), max_size=8, unique=True))
def test_however_it_is_divided_the_power_is_the_same(edges):
    parts = band_levels([0.0, *sorted(edges), np.inf])
    assert power(parts) == pytest.approx(power(LTASS_DB_SPL))


def test_where_there_is_no_speech_there_is_no_level():
    assert band_levels([18_000, 20_000]).tolist() == [-np.inf]
