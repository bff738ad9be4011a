import numpy as np
import pytest

from hclarity.hearing.sound_field import threshold_db_spl
from hclarity.hearing.speech_spectrum import LTASS_DB_SPL, LTASS_HZ

# Speech of 65 dB SPL in dB HL, as others have computed it from the same standards.
SPEECH_DB_HL = {125: 30.6, 250: 43.9, 500: 52.7, 1000: 46.3, 2000: 45.0, 4000: 46.0, 8000: 26.1}


@pytest.mark.parametrize(("hz", "level"), SPEECH_DB_HL.items())
def test_speech_in_db_hl(hz, level):
    at_65 = LTASS_DB_SPL[LTASS_HZ.index(hz)] - 5
    assert at_65 - threshold_db_spl(hz) == pytest.approx(level, abs=0.05)


def test_linear_between_and_held_beyond():
    assert threshold_db_spl([4500, 1, 20, 18000, 24000]) == pytest.approx(
        [-3.45, 78.5, 78.5, 73.2, 73.2]
    )
    assert threshold_db_spl(np.ones((2, 3)) * 1000).shape == (2, 3)


def test_hearing_is_keenest_at_three_to_four_kilohertz():
    hz = np.arange(20, 18000)
    assert 3000 < hz[np.argmin(threshold_db_spl(hz))] < 4000
