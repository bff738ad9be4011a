"""The compressor: the same as pyclarity's, and the laws of what is heard in blocks."""

from dataclasses import replace
from itertools import accumulate

import numpy as np
import pytest
from hearing_strategies import BISGAARD
from hypothesis import given, settings
from hypothesis import strategies as st
from pyclarity_hearing import their_bands

from hclarity.datasets.generated.songs import generate_song
from hclarity.hearing.audiogram import Listener
from hclarity.hearing.compressor import EarCompressor, StereoCompressor, usual_gains_db
from hclarity.hearing.wdrc import EarCompression, cadenza_wdrc, wdrc_for

FITTED = EarCompression((2.1, 1.5, 1.3, 1.5, 2.4, 3.7), (9.6, 11.9, 12.9, 16.4, 19.0, 28.0))
NOTHING = EarCompression((1,) * 6, (0,) * 6)
ALIKE = EarCompression((4,) * 6, (20,) * 6)
WDRC = cadenza_wdrc(FITTED, wdrc_for(Listener(*[BISGAARD["S2"]] * 2)).left)
ROUNDING = (1e-6, 1e-8, 1e-9, 1e-9, 1e-9, 1e-9)  # of theirs, by band


@pytest.fixture(scope="module", params=["noise", "music"])
def sound(request):
    """A second, with silence in it."""
    if request.param == "noise":
        samples = 0.2 * np.random.default_rng(1).standard_normal(44100)
    else:
        samples = generate_song(1, 1.0).samples.sum(axis=0)[0].astype(np.float64)
    samples[20000:25000] = 0
    return samples


def noise(frames, level=0.3, seed=0):
    return (level * np.random.default_rng(seed).standard_normal((2, frames))).astype(np.float32)


def in_blocks(compressor, sound, sizes):
    cuts = [cut for cut in accumulate(sizes) if cut < sound.shape[1]]
    blocks = [compressor.push(block) for block in np.split(sound, cuts, axis=1)]
    return np.concatenate(blocks, axis=1)


@pytest.mark.parametrize("rate", [44100, 24000])
@pytest.mark.parametrize("level", [1.0, 0.01])
@pytest.mark.parametrize("ear", [FITTED, NOTHING], ids=["fitted", "nothing"])
def test_it_is_theirs(sound, level, rate, ear):
    expected = their_bands(level * sound, WDRC, ear, rate).sum(axis=0)
    ours = EarCompressor(WDRC, ear, rate).push(level * sound)
    # Theirs round: all-passes of the eighth order have eight poles close to each other, and to 1.
    np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("band", range(6))
def test_each_band_is_theirs(sound, band):
    """The other bands are turned down by twice 80 dB, and so are what they round to."""
    only = EarCompression(FITTED.ratios, tuple(0 if k == band else -80 for k in range(6)))
    expected = their_bands(sound, WDRC, only, 44100).sum(axis=0)
    ours = EarCompressor(WDRC, only, 44100).push(sound)
    np.testing.assert_allclose(ours, expected, rtol=0, atol=ROUNDING[band])


def test_what_is_below_the_threshold_is_only_amplified():
    quiet = 1e-4 * np.random.default_rng(2).standard_normal(2000)
    louder, as_it_is = (EarCompressor(WDRC, ear, 44100).push(quiet) for ear in (ALIKE, NOTHING))
    np.testing.assert_allclose(louder, 10 * as_it_is, atol=1e-15)


def test_the_bands_sum_to_an_all_pass():
    pulse = np.zeros(1 << 15)
    pulse[0] = 1e-3
    whole = 1e3 * np.abs(np.fft.rfft(EarCompressor(WDRC, NOTHING, 44100).push(pulse)))
    np.testing.assert_allclose(whole, 1, atol=1e-9)


def test_above_the_threshold_a_level_grows_more_slowly_by_the_ratio():
    """With one slow time constant the reduction is a mean, and the ratio can be measured."""
    slow = replace(WDRC, thresholds_db=(-100,) * 6, attack_s=(10,) * 6, release_s=(10,) * 6)
    sound = np.random.default_rng(4).standard_normal(8000 * 60)
    loud, soft = (
        EarCompressor(slow, ALIKE, 8000).push(level * sound)[-8000:] for level in (1.0, 0.1)
    )
    grown = 10 * np.log10(np.mean(loud**2) / np.mean(soft**2))
    assert grown == pytest.approx(20 / 4, abs=0.1)


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 20_000), st.lists(st.integers(1, 9_000), max_size=12))
def test_block_sizes_never_matter(frames, sizes):
    sound = noise(frames)
    sound[:, frames // 3 :] = 0
    whole = StereoCompressor(WDRC, 44100).push(sound)
    assert whole.shape == sound.shape
    assert whole.dtype == np.float32
    np.testing.assert_array_equal(in_blocks(StereoCompressor(WDRC, 44100), sound, sizes), whole)


def test_blocks_of_a_single_frame_and_of_none():
    sound = noise(200)
    compressor = StereoCompressor(WDRC, 44100)
    assert compressor.push(sound[:, :0]).shape == (2, 0)
    np.testing.assert_array_equal(
        in_blocks(compressor, sound, [1] * 200), StereoCompressor(WDRC, 44100).push(sound)
    )


def test_an_ear_that_nothing_is_done_to_is_untouched_bit_for_bit():
    sound = noise(5_000)
    left_only = StereoCompressor(cadenza_wdrc(FITTED, NOTHING), 44100).push(sound)
    right_only = StereoCompressor(cadenza_wdrc(NOTHING, FITTED), 44100).push(sound)
    neither = StereoCompressor(cadenza_wdrc(NOTHING, NOTHING), 44100).push(sound)
    np.testing.assert_array_equal(left_only[1], sound[1])
    np.testing.assert_array_equal(right_only[0], sound[0])
    np.testing.assert_array_equal(neither, sound)
    assert not np.allclose(left_only[0], sound[0], atol=0.1)
    assert not np.allclose(right_only[1], sound[1], atol=0.1)


def test_each_ear_hears_its_own_channel_compressed_its_own_way():
    sound = noise(5_000)
    both = StereoCompressor(WDRC, 44100).push(sound)
    alone = [EarCompressor(WDRC, ear, 44100) for ear in (WDRC.left, WDRC.right)]
    for heard, ear, channel in zip(both, alone, sound, strict=True):
        np.testing.assert_array_equal(heard, ear.push(channel).astype(np.float32))


def test_silence_stays_silent_and_comes_back_after_sound():
    compressor = StereoCompressor(WDRC, 8000)
    silence = np.zeros((2, 100_000), np.float32)
    assert not compressor.push(silence).any()
    compressor.push(noise(10_000))
    assert not compressor.push(silence)[:, -1000:].any()


@pytest.mark.parametrize(("rate", "bands"), [(192000, 6), (11025, 5), (8000, 5), (1000, 2)])
def test_bands_beyond_what_a_rate_can_hold_are_left_out(rate, bands):
    audible = EarCompression(FITTED.ratios[:bands], FITTED.gains_db[:bands])
    without = replace(
        WDRC,
        crossovers_hz=WDRC.crossovers_hz[: bands - 1],
        thresholds_db=WDRC.thresholds_db[:bands],
        attack_s=WDRC.attack_s[:bands],
        release_s=WDRC.release_s[:bands],
        left=audible,
        right=audible,
    )
    sound = noise(3000)
    heard = EarCompressor(WDRC, FITTED, rate).push(sound[0])
    np.testing.assert_array_equal(heard, EarCompressor(without, audible, rate).push(sound[0]))


def test_at_a_rate_below_all_crossovers_there_is_one_band():
    quiet = 1e-4 * noise(3000)[0]
    heard = EarCompressor(WDRC, FITTED, 500).push(quiet)
    np.testing.assert_allclose(heard, 10 ** (FITTED.gains_db[0] / 20) * quiet, rtol=1e-6)


@settings(deadline=None, max_examples=20)
@given(
    st.lists(st.floats(-200, 200), min_size=6, max_size=6),
    st.lists(st.floats(1, 20), min_size=6, max_size=6),
    st.lists(st.floats(-80, 80), min_size=6, max_size=6),
    st.integers(0, 99),
)
def test_whatever_is_asked_for_what_comes_out_is_finite(thresholds, ratios, gains, seed):
    ear = EarCompression(tuple(ratios), tuple(gains))
    wdrc = replace(cadenza_wdrc(ear, ear), thresholds_db=tuple(thresholds))
    sound = np.clip(noise(2000, level=4.0, seed=seed), -4, 4)
    assert np.isfinite(StereoCompressor(wdrc, 44100).push(sound)).all()


@pytest.mark.parametrize("rate", [44100, 16000])
def test_usual_gains_are_those_of_the_bands_where_they_overlap_too(rate):
    """Against the response itself, to a pulse that is below all thresholds."""
    wdrc = cadenza_wdrc(FITTED, FITTED)
    pulse = np.zeros(1 << 15)
    pulse[0] = 1e-3
    response = 1e3 * np.fft.rfft(EarCompressor(wdrc, FITTED, rate).push(pulse))
    hz = np.fft.rfftfreq(pulse.size, 1 / rate)[1:-1]
    gains = usual_gains_db(wdrc, FITTED, hz, rate)
    np.testing.assert_allclose(gains, 20 * np.log10(np.abs(response[1:-1])), atol=1e-3)
