import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import get_window

from hclarity.audio.third_octaves import (
    FAINTEST_DB,
    THIRD_OCTAVES_HZ,
    BandLevels,
    ThirdOctaveMeter,
)
from hclarity.errors import BadDataError

RATE = 44100


def metered(samples, rate=RATE):
    samples = np.atleast_2d(np.asarray(samples, np.float32))
    meter = ThirdOctaveMeter(rate, len(samples))
    meter.push(samples)
    return meter


def tone(hz, seconds=1.0, rate=RATE):
    return np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)


def centre(number):
    return 1000 * 10 ** ((number - 12) / 10)


@pytest.mark.parametrize("number", range(25))
def test_a_tone_has_its_level_in_its_band_and_next_to_none_elsewhere(number):
    levels = metered(0.1 * tone(centre(number))).levels()
    for kind in (levels.mean, levels.soft, levels.loud):
        assert kind[number] == pytest.approx(-20, abs=0.1)
    elsewhere = [level for band, level in enumerate(levels.mean) if band != number]
    assert max(elsewhere) < -20 - 30
    assert levels.overall == pytest.approx(-20, abs=0.02)


def test_white_noise_grows_by_a_decibel_from_band_to_band():
    noise = np.random.default_rng(0).standard_normal(20 * RATE) * 0.1
    levels = metered(noise).levels()
    slope, _ = np.polyfit(range(25), levels.mean, 1)
    assert slope == pytest.approx(1, abs=0.02)
    heard = 10 * np.log10(2 * 0.01 * (centre(24.5) - centre(-0.5)) / (RATE / 2))
    assert levels.overall == pytest.approx(heard, abs=0.05)


def test_percentiles_are_those_of_all_windows_at_once():
    """Slowly, from the whole signal: each bin's share in each band, and numpy's percentiles."""
    rng = np.random.default_rng(1)
    rate, frame = 16000, 4000
    noise = rng.standard_normal(20 * rate) * np.repeat(10 ** rng.uniform(-2, 0, 80), rate // 4)
    windows = np.lib.stride_tricks.sliding_window_view(noise, frame)[:: frame // 2]
    hann = get_window("hann", frame)
    power = np.abs(np.fft.rfft(windows * hann)) ** 2 / (frame * np.square(hann).sum())
    bins = np.arange(frame // 2 + 1)
    levels = metered(noise, rate).levels()
    for number in range(len(levels.hz)):
        low, high = centre(number - 0.5) * frame / rate, centre(number + 0.5) * frame / rate
        shares = np.clip(np.minimum(bins + 0.5, high) - np.maximum(bins - 0.5, low), 0, 1)
        energy = 4 * power @ shares
        soft, loud = np.percentile(10 * np.log10(energy), [30, 99], method="inverted_cdf")
        assert levels.soft[number] == pytest.approx(soft, abs=0.101)
        assert levels.loud[number] == pytest.approx(loud, abs=0.101)
        assert levels.mean[number] == pytest.approx(10 * np.log10(energy.mean()), abs=0.001)


def test_percentiles_of_a_song_of_two_levels():
    """One window in four is soft, and so is what 20 % stay below, but not what 30 % do."""
    gains = np.repeat(np.tile([0.001, 1, 1, 1], 20), RATE)
    levels = metered(tone(1000, 80) * gains).levels()
    assert levels.soft[12] == pytest.approx(0, abs=0.15)
    gains = np.repeat(np.tile([0.001, 0.001, 1], 20), RATE)
    levels = metered(tone(1000, 60) * gains).levels()
    assert levels.soft[12] == pytest.approx(-60, abs=0.15)
    assert levels.loud[12] == pytest.approx(0, abs=0.15)
    assert levels.mean[12] == pytest.approx(10 * np.log10(1 / 3), abs=0.1)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 5000), max_size=8), st.integers(0, 3))
def test_block_sizes_never_matter(sizes, seed):
    rate = 8000
    samples = np.random.default_rng(seed).standard_normal((2, 12345)).astype(np.float32)
    meter = ThirdOctaveMeter(rate, 2)
    for block in np.split(samples, np.cumsum(sizes), axis=1):
        meter.push(block)
    assert meter.levels() == metered(samples, rate).levels()


def test_channels_apart_and_together():
    meter = metered([tone(1000), 0 * tone(1000)])
    assert meter.levels(0).mean[12] == pytest.approx(0, abs=0.1)
    assert set(meter.levels(1).mean) == {FAINTEST_DB}
    assert meter.levels().mean[12] == pytest.approx(-3.01, abs=0.1)
    assert meter.levels().loud[12] == pytest.approx(0, abs=0.15)


@pytest.mark.parametrize(("rate", "highest"), [(8000, 3150), (16000, 6300), (48000, 16000)])
def test_bands_that_the_rate_has_room_for(rate, highest):
    levels = metered(tone(500, rate=rate), rate).levels()
    assert levels.hz == THIRD_OCTAVES_HZ[: THIRD_OCTAVES_HZ.index(highest) + 1]
    assert levels.mean[THIRD_OCTAVES_HZ.index(500)] == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("frames", [0, 1, 11000, 30000])
def test_silence_and_what_is_too_short(frames):
    levels = metered(np.zeros(frames)).levels()
    assert set(levels.mean) == {FAINTEST_DB}
    assert max(levels.loud) <= FAINTEST_DB + 0.1


def test_what_is_louder_than_full_scale_is_counted():
    assert metered(4 * tone(1000)).levels().loud[12] == pytest.approx(12.04, abs=0.1)
    assert metered(1000 * tone(1000)).levels().loud[12] == pytest.approx(20, abs=0.1)


def test_louder_by_one_number_or_one_for_each_band():
    levels = BandLevels((100, 125), (1, 2), (0, 1), (3, 4))
    assert levels.raised(10) == BandLevels((100, 125), (11, 12), (10, 11), (13, 14))
    assert levels.raised([0, 1]).loud == (3, 5)


@pytest.mark.parametrize("bands", [((), (), (), ()), ((100,), (1, 2), (1,), (1,))])
def test_bands_without_levels_are_refused(bands):
    with pytest.raises(BadDataError, match="as many levels"):
        BandLevels(*bands)
