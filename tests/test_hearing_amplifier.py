from itertools import accumulate

import numpy as np
import pytest
from hearing_strategies import BISGAARD, audiograms
from hypothesis import given, settings
from hypothesis import strategies as st
from pyclarity_hearing import their_audiogram, their_nalr
from scipy.signal import fftconvolve

from hclarity.hearing.amplifier import Amplifier
from hclarity.hearing.audiogram import Audiogram
from hclarity.hearing.insertion_gains import AUDIOMETRIC_HZ, NO_GAIN, InsertionGains
from hclarity.hearing.prescriptions.choice import prescribe
from hclarity.hearing.prescriptions.nal import nalr
from hclarity.hearing.prescriptions.names import PRESCRIPTIONS

RATES = (8000, 16000, 22050, 44100, 48000, 192000)
N3, S2 = nalr(BISGAARD["N3"]), nalr(BISGAARD["S2"])

# The steepest that audiogram forms allow: from best to worst and back at each frequency.
COMB = Audiogram(AUDIOMETRIC_HZ, (-10, 120, -10, 120, -10, 120, -10, 120, -10, 120))


def amplified(amplifier, sound, sizes=()):
    """Push ``sound`` in blocks of these sizes, then the rest of it."""
    cuts = [cut for cut in accumulate(sizes) if cut < sound.shape[1]]
    blocks = [amplifier.push(block) for block in np.split(sound, cuts, axis=1)]
    return np.concatenate([*blocks, amplifier.flush()], axis=1)


def noise(frames, seed=0):
    return np.random.default_rng(seed).standard_normal((2, frames)).astype(np.float32)


def measured_gains(amplifier, rate, frequencies):
    """The gain that tones, one after another, have in the middle of half a second, in dB."""
    seconds = np.arange(rate // 2) / rate
    middle = slice(rate // 8, -rate // 8)
    gains = []
    for hz in frequencies:
        tone = np.sin(2 * np.pi * hz * seconds).astype(np.float32)
        wave = np.exp(-2j * np.pi * hz * seconds)[middle]
        heard = amplified(amplifier(), np.stack([tone, tone]))[:, middle]
        gains.append(20 * np.log10(np.abs(heard @ wave) / np.abs(tone[middle] @ wave)))
    return np.array(gains).T


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("pair", [("N3", "S2"), ("N7", "S3"), ("N1", "comb")])
def test_tones_are_given_the_prescribed_gain(rate, pair):
    ears = [nalr(COMB if name == "comb" else BISGAARD[name]) for name in pair]
    frequencies = [hz for hz in AUDIOMETRIC_HZ if hz < rate / 2]
    measured = measured_gains(lambda: Amplifier(*ears, rate), rate, frequencies)
    for ear, gains in zip(ears, measured, strict=True):
        assert gains == pytest.approx([ear.at(hz) for hz in frequencies], abs=0.5)


@pytest.mark.parametrize("name", PRESCRIPTIONS)
def test_tones_are_given_the_gain_of_every_prescription(name):
    ears = [prescribe(name, ear) for ear in (BISGAARD["S3"], COMB)]
    measured = measured_gains(lambda: Amplifier(*ears, 44100), 44100, AUDIOMETRIC_HZ)
    for ear, gains in zip(ears, measured, strict=True):
        assert gains == pytest.approx([ear.at(hz) for hz in AUDIOMETRIC_HZ], abs=0.5)


@pytest.mark.parametrize("name", PRESCRIPTIONS)
@settings(deadline=None, max_examples=15)
@given(audiograms(), st.sampled_from(RATES))
def test_the_realised_gain_of_any_audiogram_is_near_the_prescribed(name, audiogram, rate):
    gains = prescribe(name, audiogram)
    realised = Amplifier(NO_GAIN, gains, rate).realised(1)
    assert list(realised) == [hz for hz in AUDIOMETRIC_HZ if hz < rate / 2]
    for hz, gain in realised.items():
        assert gain == pytest.approx(gains.at(hz), abs=0.5)


def test_the_realised_gain_is_what_tones_are_given():
    amplifier = Amplifier(N3, S2, 44100)
    measured = measured_gains(lambda: Amplifier(N3, S2, 44100), 44100, AUDIOMETRIC_HZ)
    for ear in (0, 1):
        assert list(amplifier.realised(ear).values()) == pytest.approx(measured[ear], abs=0.02)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 60_000), st.lists(st.integers(1, 20_000), max_size=20))
def test_block_sizes_never_matter(frames, sizes):
    sound = noise(frames)
    whole = amplified(Amplifier(N3, S2, 16000), sound)
    assert whole.shape == sound.shape
    assert whole.dtype == np.float32
    np.testing.assert_array_equal(amplified(Amplifier(N3, S2, 16000), sound, sizes), whole)


def test_blocks_of_a_single_frame():
    sound = noise(300)
    np.testing.assert_array_equal(
        amplified(Amplifier(N3, S2, 44100), sound, [1] * 300),
        amplified(Amplifier(N3, S2, 44100), sound),
    )


def test_the_stream_equals_one_convolution_with_its_own_impulse_response():
    click = np.zeros((2, 4001), np.float32)
    click[:, 2000] = 1
    response = amplified(Amplifier(N3, S2, 16000), click).astype(np.float64)
    sound = noise(30_000)
    expected = fftconvolve(sound.astype(np.float64), response, mode="full", axes=1)[:, 2000:32_000]
    heard = amplified(Amplifier(N3, S2, 16000), sound, [7777] * 5)
    assert np.abs(heard - expected).max() < 1e-5 * np.abs(expected).max()


def test_nothing_is_delayed():
    click = np.zeros((2, 20_001), np.float32)
    click[:, 10_000] = 1
    response = amplified(Amplifier(N3, S2, 44100), click)
    assert np.abs(response).argmax(axis=1).tolist() == [10_000, 10_000]
    np.testing.assert_allclose(response, response[:, ::-1], atol=1e-6)


def test_an_ear_of_0_db_is_untouched_bit_for_bit():
    sound = noise(50_000)
    np.testing.assert_array_equal(amplified(Amplifier(NO_GAIN, NO_GAIN, 44100), sound), sound)
    left_only = amplified(Amplifier(N3, NO_GAIN, 44100), sound, [12_345])
    right_only = amplified(Amplifier(NO_GAIN, N3, 44100), sound, [54, 321])
    np.testing.assert_array_equal(left_only[1], sound[1])
    np.testing.assert_array_equal(right_only[0], sound[0])
    assert not np.allclose(left_only[0], sound[0], atol=0.1)
    assert not np.allclose(right_only[1], sound[1], atol=0.1)


@settings(deadline=None, max_examples=10)
@given(audiograms(), audiograms())
def test_each_audiogram_touches_only_its_own_ear(one, other):
    sound = noise(20_000)
    first = amplified(Amplifier(N3, nalr(one), 16000), sound)
    second = amplified(Amplifier(N3, nalr(other), 16000), sound)
    np.testing.assert_array_equal(first[0], second[0])


def test_silence_stays_silent():
    silence = np.zeros((2, 30_000), np.float32)
    assert not amplified(Amplifier(N3, S2, 44100), silence).any()


@settings(deadline=None, max_examples=20)
@given(
    st.lists(st.floats(1, 30_000), min_size=1, max_size=30, unique=True),
    st.integers(0, 2**32),
)
def test_even_gains_too_crowded_to_realise_stay_finite(frequencies, seed):
    drawn = np.random.default_rng(seed).uniform(-80, 80, len(frequencies))
    gains = InsertionGains(tuple(sorted(frequencies)), tuple(drawn))
    heard = amplified(Amplifier(gains, NO_GAIN, 16000), noise(2000))
    assert np.isfinite(heard).all()
    assert np.abs(heard).max() < 1e7


@pytest.mark.parametrize("rate", [44100, 24000])
@pytest.mark.parametrize("name", BISGAARD)
def test_as_cadenza_it_is_the_challenges_filter_without_its_delay(name, rate):
    sound = 0.2 * noise(5000)
    ear = nalr(BISGAARD[name])
    heard = amplified(Amplifier(ear, ear, rate, filter="cadenza"), sound, [1234, 99])
    theirs = their_nalr(220, rate)
    response, _ = theirs.build(their_audiogram(BISGAARD[name]))
    for ours, channel in zip(heard, sound.astype(np.float64), strict=True):
        expected = theirs.apply(response, channel)[110 : 110 + channel.size]
        np.testing.assert_allclose(ours, expected, rtol=1e-6, atol=1e-6 * np.abs(expected).max())


def test_as_cadenza_an_ear_of_0_db_is_untouched_and_blocks_never_matter():
    sound = noise(20_000)
    whole = amplified(Amplifier(N3, NO_GAIN, 44100, filter="cadenza"), sound)
    cut = amplified(Amplifier(N3, NO_GAIN, 44100, filter="cadenza"), sound, [1, 4000, 7, 9000])
    np.testing.assert_array_equal(whole, cut)
    np.testing.assert_array_equal(whole[1], sound[1])


def test_the_challenges_filter_misses_the_lowest_gains_and_says_so():
    exact, short = Amplifier(N3, N3, 44100), Amplifier(N3, N3, 44100, filter="cadenza")
    assert exact.realised(0)[250] == pytest.approx(N3.at(250), abs=0.1)
    assert short.realised(0)[250] == pytest.approx(N3.at(250) + 3.7, abs=0.1)
    assert short.realised(0)[2000] == pytest.approx(N3.at(2000), abs=0.6)
