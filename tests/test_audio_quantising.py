import numpy as np
import pytest
from audio_blocks import block_sizes, cut, noise, seeds, tone
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.audio.quantising import dithered_16_bit, rounded_24_bit


def dithered(samples, seed=0):
    return dithered_16_bit(samples, np.random.default_rng(seed))


@pytest.mark.parametrize("bits", [16, 24])
def test_24_bits_keep_what_came_from_integers(bits):
    levels = np.random.default_rng(0).integers(-(1 << (bits - 1)), 1 << (bits - 1), (2, 10000))
    samples = (levels / (1 << (bits - 1))).astype(np.float32)
    assert np.array_equal(rounded_24_bit(samples) >> 8, levels << (24 - bits))


def test_24_bits_are_the_nearest():
    samples = noise(1, 2, 10000)
    back = (rounded_24_bit(samples) >> 8) / (1 << 23)
    assert np.abs(back - samples).max() <= 0.5 / (1 << 23)


@pytest.mark.parametrize("value", [1.0, 1.5, 1e9])
def test_beyond_full_scale_is_clipped_and_never_wraps(value):
    samples = np.array([[value, -value]], np.float32)
    assert (rounded_24_bit(samples) >> 8).tolist() == [[(1 << 23) - 1, -(1 << 23)]]
    assert dithered(samples * np.float32(1.001)).tolist() == [[32767, -32768]]


@settings(deadline=None, max_examples=25)
@given(seeds, block_sizes, st.integers(1, 20000))
def test_block_sizes_never_matter(seed, sizes, frames):
    samples = noise(seed, 2, frames)
    generator = np.random.default_rng(seed)
    in_blocks = [dithered_16_bit(block, generator) for block in cut(samples, sizes)]
    assert np.array_equal(np.concatenate(in_blocks, axis=1), dithered(samples, seed))


def test_silence_stays_silent():
    samples = noise(2, 2, 3000)
    samples[:, 1000:2000] = 0
    levels = dithered(samples)
    assert not levels[:, 1000:2000].any()
    assert levels[:, :1000].any()


def test_dither_stays_within_a_level_and_a_half():
    samples = noise(3, 2, 100000)
    error = dithered(samples) - samples.astype(np.float64) * 32768
    assert 1.4 < np.abs(error).max() <= 1.5


@pytest.mark.parametrize("level", [0.1, 0.25, 0.5, 3.3])
def test_the_error_is_the_same_noise_whatever_the_music(level):
    # The point of triangular dither: the error's mean and power do not depend on the signal.
    samples = np.full((1, 200000), level / 32768, np.float32)
    error = dithered(samples) - samples.astype(np.float64) * 32768
    assert error.mean() == pytest.approx(0, abs=0.01)
    assert error.var() == pytest.approx(1 / 4, rel=0.03)


def test_a_tone_of_one_level_survives_without_distortion():
    quiet = tone(1000, 48000, 1, peak=1.3 / 32768)
    spectrum = np.abs(np.fft.rfft(dithered(quiet)[0] * np.hanning(48000))) / 12000
    plain = np.abs(np.fft.rfft(np.rint(quiet[0] * 32768) * np.hanning(48000))) / 12000
    assert 20 * np.log10(spectrum[1000] / 1.3) == pytest.approx(0, abs=0.1)
    assert 20 * np.log10(spectrum[3000] / 1.3) < -40
    assert 20 * np.log10(plain[3000] / 1.3) > -25


def test_the_seed_decides():
    samples = noise(4, 1, 1000)
    assert np.array_equal(dithered(samples, 1), dithered(samples, 1))
    assert not np.array_equal(dithered(samples, 1), dithered(samples, 2))
