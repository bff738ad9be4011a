"""The minimum requirements of EBU Tech 3341 and 3342, their test signals made from description.

Cases 7 and 8 of Tech 3341, and 5 and 6 of 3342, are programmes that only the EBU has. Cases 9 to 14
are made as libebur128 and others describe EBU's files. Those of the true peaks 20 to 23, not here,
are described nowhere that we know.
"""

import numpy as np
import pytest
from audio_blocks import tone

from hclarity.audio.loudness import SURROUND, LoudnessMeter
from hclarity.audio.true_peak import true_peak

rates = pytest.mark.parametrize("rate", [44100, 48000])


def stereo(parts, rate):
    """Tones of 1 kHz in phase, each of some seconds and a peak in dBFS."""
    tones = [tone(1000, rate, seconds, 10 ** (level / 20)) for seconds, level in parts]
    return np.repeat(np.concatenate(tones, axis=1), 2, axis=0)


def metered(samples, rate, weights=None):
    meter = LoudnessMeter(rate, len(samples), weights)
    meter.push(samples)
    return meter


# Tech 3341, integrated loudness: parts and LUFS.
INTEGRATED = {
    1: ([(20, -23)], -23.0),
    2: ([(20, -33)], -33.0),
    3: ([(10, -36), (60, -23), (10, -36)], -23.0),
    4: ([(10, -72), (10, -36), (60, -23), (10, -36), (10, -72)], -23.0),
    5: ([(20, -26), (20.1, -20), (20, -26)], -23.0),
}


@rates
@pytest.mark.parametrize("case", INTEGRATED)
def test_tech_3341_integrated(case, rate):
    parts, expected = INTEGRATED[case]
    meter = metered(stereo(parts, rate), rate)
    assert meter.integrated() == pytest.approx(expected, abs=0.1)
    loudest = max(level for _, level in parts)
    assert meter.loudest_momentary() == pytest.approx(loudest, abs=0.1)
    assert meter.loudest_short_term() == pytest.approx(loudest, abs=0.1)


@rates
def test_tech_3341_case_6_in_5_channels(rate):
    levels = np.array([-28, -28, -24, -30, -30])[:, None]
    samples = tone(1000, rate, 20, 1.0) * (10 ** (levels / 20)).astype(np.float32)
    assert metered(samples, rate, SURROUND).integrated() == pytest.approx(-23, abs=0.1)


@rates
def test_tech_3341_case_9_short_term(rate):
    parts = [(1.34, -20), (1.66, -30)] * 5
    assert metered(stereo(parts, rate), rate).loudest_short_term() == pytest.approx(-23, abs=0.1)


@rates
@pytest.mark.parametrize("number", range(20))
def test_tech_3341_case_10_3_s_of_tone_wherever_they_begin(number, rate):
    sound = stereo([(0.15 * number, -np.inf), (3, -23), (1, -np.inf)], rate)
    assert metered(sound, rate).loudest_short_term() == pytest.approx(-23, abs=0.1)


@rates
def test_tech_3341_case_11_ever_louder_3_s(rate):
    meter = LoudnessMeter(rate, 2)
    for number in range(20):
        before, level = 0.15 * number, -38 + number
        meter.push(stereo([(before, -np.inf), (3, level), (3 - before, -np.inf)], rate))
        meter.push(np.zeros((2, rate // 10), np.float32))  # so that the last 100 ms is whole
        assert meter.loudest_short_term() == pytest.approx(level, abs=0.1)


@rates
def test_tech_3341_case_12_momentary(rate):
    parts = [(0.18, -20), (0.22, -30)] * 25
    assert metered(stereo(parts, rate), rate).loudest_momentary() == pytest.approx(-23, abs=0.1)


@rates
@pytest.mark.parametrize("number", range(20))
def test_tech_3341_case_13_0_4_s_of_tone_wherever_they_begin(number, rate):
    sound = stereo([(0.02 * number, -np.inf), (0.4, -23), (1, -np.inf)], rate)
    assert metered(sound, rate).loudest_momentary() == pytest.approx(-23, abs=0.1)


@rates
def test_tech_3341_case_14_ever_louder_0_4_s(rate):
    meter = LoudnessMeter(rate, 2)
    for number in range(20):
        before, level = 0.02 * number, -38 + number
        meter.push(stereo([(before, -np.inf), (0.4, level), (0.4 - before, -np.inf)], rate))
        meter.push(np.zeros((2, rate // 10), np.float32))
        assert meter.loudest_momentary() == pytest.approx(level, abs=0.1)


# Tech 3341, cases 15 to 19: a tone at the sample rate over a divisor, its amplitude and phase.
@rates
@pytest.mark.parametrize(
    ("divisor", "peak", "degrees", "expected"),
    [
        (4, 0.50, 0, -6.0),
        (4, 0.50, 45, -6.0),
        (6, 0.50, 60, -6.0),
        (8, 0.50, 67.5, -6.0),
        (4, 1.41, 45, 3.0),
    ],
)
def test_tech_3341_true_peak(divisor, peak, degrees, expected, rate):
    phase = 2 * np.pi * np.arange(rate // 2) / divisor + np.radians(degrees)
    fade = np.interp(np.arange(rate // 2), [0, rate // 100], [0, 1])
    sound = (peak * np.sin(phase) * fade * fade[::-1])[None].astype(np.float32)
    read = 20 * np.log10(true_peak(sound, rate))
    assert expected - 0.4 <= read <= expected + 0.2


# Tech 3342: 20 s of each level, and the loudness range.
RANGES = {
    1: ([-20, -30], 10),
    2: ([-20, -15], 5),
    3: ([-40, -20], 20),
    4: ([-50, -35, -20, -35, -50], 15),
}


@rates
@pytest.mark.parametrize("case", RANGES)
def test_tech_3342(case, rate):
    levels, expected = RANGES[case]
    sound = stereo([(20, level) for level in levels], rate)
    assert metered(sound, rate).range() == pytest.approx(expected, abs=0.1)  # EBU allows 1 LU
