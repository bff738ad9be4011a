import numpy as np
import pytest
from audio_blocks import block_sizes, cut, noise, seeds, tone
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.audio.a_weighting import AWeightedMeter, a_weighting_db

# IEC 61672-1:2013, table 3: A-weighting at the third octaves from 10 Hz to 20 kHz, and how far a
# class 1 meter may read above and below.
THIRD_OCTAVES = 1000 * 10 ** (np.arange(-20, 14) / 10)
NOMINAL = [-70.4, -63.4, -56.7, -50.5, -44.7, -39.4, -34.6, -30.2, -26.2, -22.5, -19.1, -16.1]
NOMINAL += [-13.4, -10.9, -8.6, -6.6, -4.8, -3.2, -1.9, -0.8, 0.0, 0.6, 1.0, 1.2, 1.3, 1.2]
NOMINAL += [1.0, 0.5, -0.1, -1.1, -2.5, -4.3, -6.6, -9.3]
ABOVE = [3.0, 2.5, 2.0, 2.0, 2.0, 1.5] + [1.0] * 14 + [0.7] + [1.0] * 6
ABOVE += [1.5, 1.5, 1.5, 2.0, 2.0, 2.5, 3.0]
BELOW = [np.inf, np.inf, 4.0, 2.0, 1.5, 1.5] + [1.0] * 14 + [0.7] + [1.0] * 6
BELOW += [1.5, 2.0, 2.5, 3.0, 5.0, 16.0, np.inf]


def heard(samples, rate):
    meter = AWeightedMeter(rate, samples.shape[0])
    meter.push(samples)
    return meter.levels()


def faded(hertz, rate):
    """A tone without clicks at its ends, which would be heard above the lowest tones."""
    sound = tone(hertz, rate, 3, peak=1.0)
    seconds = np.arange(sound.shape[1]) / rate
    fade = np.sin(np.pi / 2 * np.clip(np.minimum(seconds, 3 - seconds), 0, 1)) ** 2
    return (sound * fade).astype(np.float32)


def test_the_curve_is_that_of_the_standard():
    assert np.abs(a_weighting_db(THIRD_OCTAVES) - NOMINAL).max() < 0.06
    assert a_weighting_db(np.array([0.0])) == -np.inf


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000, 192000])
def test_tones_within_class_1_up_to_half_the_rate(rate):
    for hertz, above, below in zip(THIRD_OCTAVES, ABOVE, BELOW, strict=True):
        if hertz < 0.495 * rate:
            sound = faded(hertz, rate)
            (level,) = heard(sound, rate)
            unweighted = 10 * np.log10(2 * np.square(sound.astype(np.float64)).mean())
            error = level - unweighted - a_weighting_db(hertz)
            assert -below < error < above
            assert abs(error) < (0.01 if hertz > 100 else 0.5 if hertz > 19 else 3)


def test_a_sine_at_full_scale_has_0_db_whatever_the_length():
    for frames in (2000, 16384, 44100, 100001):
        sound = np.sin(2 * np.pi * 1000 * np.arange(frames) / 44100)[None].astype(np.float32)
        assert heard(sound, 44100) == [pytest.approx(0, abs=0.03)]


def test_white_noise_has_the_mean_of_the_curve():
    hz = np.linspace(0, 24000, 4801)
    expected = 10 * np.log10(2 * 0.01 * np.mean(10 ** (a_weighting_db(hz) / 10)))
    assert heard(noise(1, 1, 48000 * 10), 48000) == [pytest.approx(expected, abs=0.1)]


@settings(deadline=None, max_examples=25)
@given(seeds, block_sizes, st.integers(0, 30000))
def test_block_sizes_never_matter(seed, sizes, frames):
    samples = noise(seed, 2, frames)
    meter = AWeightedMeter(8000, 2)
    for block in cut(samples, sizes):
        meter.push(block)
        meter.levels()  # asking half-way changes nothing
    assert meter.levels() == heard(samples, 8000)


@settings(deadline=None, max_examples=20)
@given(seeds, st.floats(-60, 12))
def test_level_moves_with_gain_and_each_channel_is_its_own(seed, gain_db):
    samples = noise(seed, 2, 5000)
    louder = samples * np.float32([[10 ** (gain_db / 20)], [1]])
    (left, right), (before, same) = heard(louder, 16000), heard(samples, 16000)
    assert left - before == pytest.approx(gain_db, abs=1e-4)
    assert right == pytest.approx(same, abs=1e-6)


def test_every_sample_counts_alike_wherever_it_lies():
    clicks = [np.zeros((1, 9000), np.float32) for _ in range(5)]
    for at, click in zip((0, 1, 4095, 4096, 8999), clicks, strict=True):
        click[0, at] = 1
    levels = [heard(click, 8000)[0] for click in clicks]
    assert levels == pytest.approx([levels[0]] * 5, abs=0.01)


def test_none_for_silence_and_for_nothing():
    one_ear = np.concatenate([np.zeros((1, 5000), np.float32), noise(2, 1, 5000)])
    assert heard(one_ear, 8000)[0] is None
    assert heard(one_ear, 8000)[1] is not None
    assert AWeightedMeter(44100, 2).levels() == [None, None]
