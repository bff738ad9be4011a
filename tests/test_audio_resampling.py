import numpy as np
import pytest
import soxr
from audio_blocks import block_sizes, noise, seeds, streamed, tone
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.audio.resampling import Resampler, resample
from hclarity.audio.values import Audio
from hclarity.errors import BadDataError

rates = st.sampled_from([8000, 11025, 44100, 48000, 96000, 192000])


@settings(deadline=None, max_examples=30)
@given(seeds, block_sizes, st.integers(0, 20000), rates, rates)
def test_block_sizes_never_matter(seed, sizes, frames, rate_in, rate_out):
    samples = noise(seed, 2, frames)
    whole = streamed(Resampler(2, rate_in, rate_out), samples, [max(1, frames)])
    assert np.array_equal(streamed(Resampler(2, rate_in, rate_out), samples, sizes), whole)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 5000), rates, rates)
def test_length_is_the_exact_ratio_rounded(frames, rate_in, rate_out):
    audio = resample(Audio(noise(0, 1, frames), rate_in), rate_out)
    assert audio.frames == int(frames * rate_out / rate_in + 0.5)
    assert audio.sample_rate == rate_out


def test_equal_rates_touch_nothing():
    block = noise(1, 2, 1000)
    resampler = Resampler(2, 44100, 44100)
    assert resampler.push(block) is block
    assert resampler.flush().shape == (2, 0)


def test_same_as_soxr_on_the_whole_song():
    samples = noise(2, 2, 44100)
    theirs = soxr.resample(samples.T, 44100, 48000, quality="VHQ").T
    ours = resample(Audio(samples, 44100), 48000).samples
    assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("hertz", [50, 997, 19000])
def test_a_tone_stays_itself_and_in_time(hertz):
    there = resample(Audio(tone(hertz, 44100, 1), 44100), 48000).samples
    middle = slice(2000, -2000)
    difference = there[0, middle] - tone(hertz, 48000, 1)[0, middle]
    assert np.abs(difference).max() < 5e-4  # 0.01 dB of a tone of 0.5


def test_there_and_back_is_the_same_song():
    song = tone(440, 44100, 1) + tone(12000, 44100, 1)
    back = resample(resample(Audio(song, 44100), 96000), 44100).samples
    assert np.abs(back - song)[0, 2000:-2000].max() < 2e-5


@pytest.mark.parametrize("rates", [(0, 44100), (44100, -1)])
def test_a_rate_must_be_above_0(rates):
    with pytest.raises(BadDataError, match=rf"above 0 Hz, got {rates[0]} and {rates[1]}"):
        Resampler(1, *rates)
