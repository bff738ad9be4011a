import numpy as np
import pytest
import soxr
from audio_blocks import block_sizes, cut, noise, seeds
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.audio.true_peak import (
    _WEIGHTS,
    REACH,
    SPAN,
    TruePeakMeter,
    cannot_exceed,
    interpolated_peaks,
    true_peak,
)


def decibels(value):
    return 20 * np.log10(value)


def test_the_interpolator_is_flat_and_in_time_up_to_0_94_of_half_the_rate():
    part = np.linspace(0, 0.94, 500)[:, None]
    for past, weights in zip(np.arange(1, 8) / 8, _WEIGHTS, strict=True):
        distance = np.arange(2 * REACH) - (REACH - 1 + past)
        response = (weights * np.exp(1j * np.pi * part * distance)).sum(axis=1)
        assert np.abs(decibels(np.abs(response))).max() < 0.11
        assert np.abs(np.angle(response)).max() < 0.02


@settings(deadline=None, max_examples=20)
@given(seeds, st.integers(1, 2))
def test_near_soxrs_oversampling_on_what_music_holds(seed, channels):
    # Below 0.8 of half the rate both interpolators are flat; soxr is the finer of the two.
    band = soxr.resample(noise(seed, channels, 4000).T, 16000, 20000, quality="VHQ")
    over = soxr.resample(band, 20000, 160000, quality="VHQ")
    assert decibels(true_peak(band.T, 20000) / np.abs(over).max()) == pytest.approx(0, abs=0.1)


@settings(deadline=None, max_examples=50)
@given(seeds, block_sizes, st.integers(0, 20000), st.integers(1, 2))
def test_block_sizes_never_matter(seed, sizes, frames, channels):
    samples = noise(seed, channels, frames)
    meter = TruePeakMeter(48000, channels)
    for block in cut(samples, sizes):
        meter.push(block)
    assert meter.peak() == true_peak(samples, 48000)


@settings(deadline=None, max_examples=50)
@given(seeds, st.integers(1, 300))
def test_never_below_the_sample_peak(seed, frames):
    samples = noise(seed, 2, frames)
    assert true_peak(samples, 48000) >= np.abs(samples).max()


def straight_forward(samples):
    """The largest of all sums over 48 neighbours, and of the samples."""
    around = np.pad(samples.astype(np.float64), ((0, 0), (2 * REACH, 2 * REACH)))
    sums = np.stack([np.correlate(row, one) for row in around for one in _WEIGHTS.astype(float)])
    return max(np.abs(sums).max(), np.abs(samples).max())


@settings(deadline=None, max_examples=30)
@given(seeds, st.integers(1, 3 * SPAN), st.integers(1, 2))
def test_the_same_as_every_sum_written_out(seed, frames, channels):
    fade = np.geomspace(1, 10.0 ** (seed % 7 - 3), frames, dtype=np.float32)
    samples = noise(seed, channels, frames) * fade  # so that some spans are passed over
    assert true_peak(samples, 48000) == pytest.approx(straight_forward(samples), rel=1e-5)


@settings(deadline=None, max_examples=50)
@given(seeds, st.integers(1, SPAN), st.integers(1, 2))
def test_what_cannot_exceed_a_level_does_not(seed, frames, channels):
    swings = np.random.default_rng(seed).choice([-1, 1], (channels, frames + 2 * REACH))
    worst = np.sign(_WEIGHTS[3])[None]
    samples = swings.astype(np.float32)
    samples[:, frames // 2 : frames // 2 + 2 * REACH] = worst
    reached = float(interpolated_peaks(samples).max())
    assert not cannot_exceed(samples, reached)
    assert cannot_exceed(samples, 2.9)
    assert reached == pytest.approx(2.87, abs=0.01)


def test_the_louder_channel_counts():
    quiet, loud = noise(1, 1, 500), noise(2, 1, 500, level=0.5)
    assert true_peak(np.concatenate([quiet, loud]), 48000) == true_peak(loud, 48000)


@pytest.mark.parametrize("at", [0, 250, 499])
def test_a_peak_between_two_samples_is_found_up_to_the_edges(at):
    pulse = np.zeros((1, 500), np.float32)
    pulse[0, max(0, at - 1) : at + 1] = 0.7
    expected = 0.7 if at == 0 else 0.7 * 4 / np.pi  # two equal neighbours: 2 sinc(1/2) between
    assert true_peak(pulse, 48000) == pytest.approx(expected, rel=0.01)


def test_silence_and_nothing_have_no_peak():
    assert true_peak(np.zeros((2, 1000), np.float32), 48000) == 0
    assert TruePeakMeter(48000, 2).peak() == 0


def test_each_peak_belongs_to_its_sample():
    samples = np.zeros((1, 100 + 2 * REACH), np.float32)
    samples[0, REACH + 30] = 1
    peaks = interpolated_peaks(samples)
    assert peaks.shape == (100,)
    assert peaks[30] == 1
    assert (np.delete(peaks, [29, 30, 31]) < 0.35).all()
