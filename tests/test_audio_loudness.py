import numpy as np
import pyloudnorm
import pytest
from audio_blocks import block_sizes, cut, noise, seeds, tone
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.audio.loudness import LoudnessMeter, integrated_loudness
from hclarity.audio.values import Audio

# EBU Tech 3341, minimum requirements 1 to 5: seconds and peak dBFS of 1 kHz tones, stereo in phase;
# the longest sections are shortened, which leaves the answers as they are.
EBU_3341 = {
    1: ([(20, -23)], -23.0),
    2: ([(20, -33)], -33.0),
    3: ([(10, -36), (60, -23), (10, -36)], -23.0),
    4: ([(10, -72), (10, -36), (60, -23), (10, -36), (10, -72)], -23.0),
    5: ([(20, -26), (20.1, -20), (20, -26)], -23.0),
}


def steps(parts, rate):
    tones = [tone(1000, rate, seconds, 10 ** (level / 20)) for seconds, level in parts]
    return Audio(np.repeat(np.concatenate(tones, axis=1), 2, axis=0), rate)


@pytest.mark.parametrize("rate", [44100, 48000])
@pytest.mark.parametrize("case", EBU_3341)
def test_ebu_tech_3341(case, rate):
    parts, expected = EBU_3341[case]
    assert integrated_loudness(steps(parts, rate)) == pytest.approx(expected, abs=0.1)


# Peak dBFS per channel that reads -23 LUFS in stereo at 48 kHz, by BS.1770's own coefficients.
@pytest.mark.parametrize(
    ("hertz", "level"),
    [(25, -11.92), (100, -21.18), (500, -22.35), (1000, -23.01), (2000, -25.38), (10000, -26.35)],
)
def test_steady_tones_over_the_range(hertz, level):
    song = np.repeat(tone(hertz, 48000, 5, 10 ** (level / 20)), 2, axis=0)
    assert integrated_loudness(Audio(song, 48000)) == pytest.approx(-23, abs=0.1)


@settings(deadline=None, max_examples=15)
@given(seeds, st.sampled_from([8000, 16000, 44100, 48000, 96000]), st.integers(1, 2))
def test_same_as_pyloudnorm(seed, rate, channels):
    generator = np.random.default_rng(seed)
    # Whole tenths of a second: pyloudnorm counts a last block of which half is missing as whole.
    frames = rate // 10 * int(generator.integers(10, 40))
    swell = np.exp(np.cumsum(generator.normal(0, 3 / np.sqrt(rate), frames)) - 2)
    samples = (noise(seed, channels, frames) * swell).clip(-1, 1).astype(np.float32)
    theirs = pyloudnorm.Meter(rate, filter_class="DeMan").integrated_loudness(
        samples.T.astype(np.float64)
    )
    assert integrated_loudness(Audio(samples, rate)) == pytest.approx(theirs, abs=0.001)


@settings(deadline=None, max_examples=25)
@given(seeds, block_sizes, st.integers(0, 30000))
def test_block_sizes_never_matter(seed, sizes, frames):
    samples = noise(seed, 2, frames)
    meter = LoudnessMeter(8000, 2)
    for block in cut(samples, sizes):
        meter.push(block)
    assert meter.integrated() == integrated_loudness(Audio(samples, 8000))


@settings(deadline=None, max_examples=20)
@given(seeds, st.floats(-30, 20))
def test_loudness_moves_with_gain(seed, gain_db):
    samples = noise(seed, 2, 16000)
    louder = Audio(samples * np.float32(10 ** (gain_db / 20)), 16000)
    moved = integrated_loudness(louder) - integrated_loudness(Audio(samples, 16000))
    assert moved == pytest.approx(gain_db, abs=1e-4)


def test_a_mono_song_on_both_ears_is_3_lu_louder():
    mono = noise(3, 1, 48000)
    stereo = integrated_loudness(Audio(np.repeat(mono, 2, axis=0), 48000))
    assert stereo - integrated_loudness(Audio(mono, 48000)) == pytest.approx(3.01, abs=0.01)


def test_asking_half_way_changes_nothing():
    meter = LoudnessMeter(8000, 1)
    meter.push(noise(4, 1, 8000))
    first = meter.integrated()
    assert meter.integrated() == first
    meter.push(noise(5, 1, 8000, level=0.5))
    assert meter.integrated() > first + 3


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros((2, 48000), np.float32),
        noise(6, 2, 48000, level=1e-4),  # -80 dB: below the absolute gate
        noise(7, 2, 19199),  # one frame short of 0.4 s
        np.zeros((1, 0), np.float32),
    ],
)
def test_none_where_loudness_is_not_defined(samples):
    assert integrated_loudness(Audio(samples, 48000)) is None


def test_0_4_seconds_are_enough():
    assert integrated_loudness(Audio(noise(7, 2, 19200), 48000)) is not None
