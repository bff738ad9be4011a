"""The Cambridge rules, against the reference's figures and pyclarity's ``gainrule_camfit``."""

import numpy as np
import pytest
from hearing_strategies import BISGAARD, audiograms
from hypothesis import assume, given, settings
from pyclarity_hearing import their_camfit

from hclarity.hearing.audiogram import Audiogram
from hclarity.hearing.prescriptions.cambridge import (
    CAMFIT_BANDS,
    Bands,
    cameq,
    camfit,
    camfit_gains,
)

# For N3, in dB at the centres of the nine bands.
LINEAR = (6.3, 7.3, 8.8, 14.1, 20.4, 25.2, 28.8, 32.2, 32.2)
COMPRESSIVE = {
    50: (12.0, 11.0, 11.1, 15.2, 20.7, 23.9, 25.8, 38.2, 43.8),
    65: (2.5, 4.5, 7.8, 12.3, 15.4, 18.1, 18.1, 28.3, 33.9),
    80: (0, 0, 4.5, 9.3, 10.0, 12.3, 10.4, 18.4, 20.0),
}
LEVELS = np.arange(-10.0, 111.0)
SIX_BANDS = Bands(
    (250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0),
    (0.0, 353.55, 707.11, 1414.21, 2828.43, 5656.85, np.inf),
)


def test_cameq_of_a_standard_audiogram():
    gains = cameq(BISGAARD["N3"])
    assert [gains.at(hz) for hz in CAMFIT_BANDS.centres] == pytest.approx(LINEAR, abs=0.05)


def test_cameq_by_hand():
    gains = cameq(Audiogram((125, 1000, 4000), (20, 20, 80)))
    assert gains.at(125) == 0  # 9.6 - 11
    assert gains.at(1000) == pytest.approx(9.6)
    assert gains.at(2000) == pytest.approx(0.48 * 50 + 1)
    assert gains.at(8000) == pytest.approx(0.48 * 80 + 1)


@pytest.mark.parametrize("level", COMPRESSIVE)
def test_camfit_of_a_standard_audiogram(level):
    (gains,) = camfit_gains(BISGAARD["N3"], CAMFIT_BANDS, [level])
    assert gains == pytest.approx(COMPRESSIVE[level], abs=0.05)


def test_camfit_is_prescribed_at_65_db():
    gains = camfit(BISGAARD["N3"])
    assert gains.frequencies == CAMFIT_BANDS.centres
    assert gains.gains_db == pytest.approx(COMPRESSIVE[65], abs=0.05)


@pytest.mark.parametrize("bands", [CAMFIT_BANDS, SIX_BANDS], ids=["nine bands", "six bands"])
@settings(deadline=None, max_examples=40)
@given(audiograms())
def test_the_compressive_rule_is_theirs_at_all_levels(bands, audiogram):
    assume(max(audiogram.thresholds) > 0)
    _, compressive = their_camfit(audiogram, bands, LEVELS)
    np.testing.assert_allclose(camfit_gains(audiogram, bands, LEVELS), compressive, atol=1e-9)


@settings(deadline=None, max_examples=40)
@given(audiograms())
def test_the_linear_rule_is_theirs(audiogram):
    gains = cameq(audiogram)
    assume(max(map(audiogram.threshold_at, gains.frequencies)) > 0)  # where theirs looks for it
    centres = np.array(gains.frequencies)
    edges = (0.0, *np.sqrt(centres[1:] * centres[:-1]), np.inf)
    linear, _ = their_camfit(audiogram, Bands(gains.frequencies, edges), LEVELS)
    np.testing.assert_allclose(gains.gains_db, linear, atol=1e-9)
