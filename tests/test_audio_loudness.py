import numpy as np
import pyloudnorm
import pytest
from audio_blocks import block_sizes, cut, noise, seeds, tone
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.audio.loudness import LoudnessMeter, integrated_loudness
from hclarity.audio.values import Audio


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


def music_like(seed, rate, seconds):
    """Chords under a beat, a little wider than mono, in a song that swells."""
    generator = np.random.default_rng(seed)
    time = np.arange(round(rate * seconds)) / rate
    chord = sum(np.sin(2 * np.pi * hz * time) for hz in generator.uniform(60, 3000, 6))
    beat = generator.standard_normal((2, time.size)) * np.exp(-(time % 0.5) * 20)
    swell = 10 ** (np.interp(time, np.linspace(0, seconds, 5), generator.uniform(-2, -0.5, 5)))
    return ((0.1 * chord + 0.5 * beat) * swell).astype(np.float32)


@pytest.mark.parametrize("filters", ["DeMan", "K-weighting"])
@pytest.mark.parametrize("rate", [22050, 44100, 48000])
def test_within_0_1_lu_of_pyloudnorm_on_what_music_is_like(filters, rate):
    for seed in range(4):
        samples = music_like(seed, rate, 7.23 + seed)
        meter = pyloudnorm.Meter(rate, filter_class=filters)
        theirs = meter.integrated_loudness(samples.T.astype(np.float64))
        assert integrated_loudness(Audio(samples, rate)) == pytest.approx(theirs, abs=0.1)


def readings(samples, rate, sizes, weights=None):
    meter = LoudnessMeter(rate, len(samples), weights)
    for block in cut(samples, sizes):
        meter.push(block)
    return all_of(meter)


def all_of(meter):
    return (
        meter.integrated(),
        meter.loudest_momentary(),
        meter.loudest_short_term(),
        meter.range(),
    )


@settings(deadline=None, max_examples=25)
@given(seeds, block_sizes, st.integers(0, 40000))
def test_block_sizes_never_matter(seed, sizes, frames):
    samples = noise(seed, 2, frames)
    samples *= np.geomspace(0.01, 1, frames, dtype=np.float32)
    assert readings(samples, 8000, sizes) == readings(samples, 8000, [frames + 1])


@settings(deadline=None, max_examples=10)
@given(seeds, st.lists(st.integers(1, 60000), min_size=1, max_size=4))
def test_nor_where_they_are_longer_than_three_seconds(seed, sizes):
    samples = noise(seed, 1, 120000) * np.geomspace(0.01, 1, 120000, dtype=np.float32)
    assert readings(samples, 8000, sizes) == readings(samples, 8000, [120000])


def test_the_loudest_is_the_largest_of_all_windows_10_ms_apart():
    samples = noise(8, 1, 8000 * 8) * np.float32(10) ** np.sin(np.arange(64000) / 5000)
    samples = samples.astype(np.float32)
    filtered = samples[0].astype(np.float64)
    for section in pyloudnorm.Meter(8000, filter_class="DeMan")._filters.values():
        filtered = section.apply_filter(filtered)
    loudest = [
        max(np.square(filtered[at : at + length]).mean() for at in range(0, 64001 - length, 80))
        for length in (3200, 24000)
    ]
    _, momentary, short_term, _ = readings(samples, 8000, [8000])
    expected = -0.691 + 10 * np.log10(loudest)
    assert [momentary, short_term] == pytest.approx(expected.tolist(), abs=1e-6)


@settings(deadline=None, max_examples=15)
@given(seeds, st.floats(-20, 20))
def test_gain_moves_the_loudest_and_leaves_the_range(seed, gain_db):
    samples = noise(seed, 2, 8000 * 5) * np.geomspace(0.1, 1, 40000, dtype=np.float32)
    _, momentary, short_term, loudness_range = readings(samples, 8000, [8000])
    louder = samples * np.float32(10 ** (gain_db / 20))
    _, momentary_after, short_term_after, range_after = readings(louder, 8000, [8000])
    assert momentary_after - momentary == pytest.approx(gain_db, abs=1e-4)
    assert short_term_after - short_term == pytest.approx(gain_db, abs=1e-4)
    assert range_after == pytest.approx(loudness_range, abs=1e-4)
    assert momentary >= short_term


def test_channels_are_weighed():
    loud, soft = noise(1, 1, 16000), noise(2, 1, 16000, level=0.01)
    both = np.concatenate([loud, soft])
    (alone, *_), (surround, *_) = (
        readings(both, 8000, [8000], weights) for weights in ((1.0, 0.0), (1.41, 0.0))
    )
    assert alone == pytest.approx(integrated_loudness(Audio(loud, 8000)), abs=1e-9)
    assert surround - alone == pytest.approx(10 * np.log10(1.41), abs=1e-9)


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
    meter.push(noise(4, 1, 32000))
    first = all_of(meter)
    assert all_of(meter) == first
    meter.push(noise(5, 1, 32000, level=0.5))
    assert all(after > before for before, after in zip(first, all_of(meter), strict=True))


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


def test_each_reading_is_none_until_its_window_is_full():
    assert readings(noise(7, 2, 3199), 8000, [800]) == (None, None, None, None)
    assert readings(noise(7, 2, 23999), 8000, [800])[2:] == (None, None)
    assert None not in readings(noise(7, 2, 24000), 8000, [800])
    assert readings(np.zeros((2, 40000), np.float32), 8000, [800]) == (None, None, None, None)
    below_the_gate = readings(noise(7, 2, 24000, level=1e-4), 8000, [800])
    assert (below_the_gate[0], below_the_gate[3]) == (None, None)


def test_0_4_seconds_are_enough():
    assert integrated_loudness(Audio(noise(7, 2, 19200), 48000)) is not None
