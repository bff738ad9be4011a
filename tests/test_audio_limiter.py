import numpy as np
import pytest
import soxr
from audio_blocks import block_sizes, noise, seeds, streamed, tone
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.audio.limiter import Limiter
from hclarity.audio.true_peak import true_peak

rates = st.sampled_from([8000, 16000, 44100, 48000, 96000, 192000])
ceilings = st.floats(-20, 0)
levels = st.floats(-3, 2)


def limited(samples, rate, ceiling_db=-1.0):
    return streamed(
        Limiter(rate, samples.shape[0], ceiling_db), samples, [max(1, samples.shape[1])]
    )


def wild(seed, channels, frames, highest):
    """Noise or full swings whose level jumps by tens of dB within milliseconds."""
    generator = np.random.default_rng(seed)
    knots = np.arange(0, frames + 1, generator.integers(5, 800))
    level = np.interp(np.arange(frames), knots, generator.uniform(-3, highest, len(knots)))
    swings = generator.choice([-1.0, 1.0], (channels, frames))
    waves = generator.standard_normal((channels, frames))
    return (10**level * (swings if seed % 2 else waves)).astype(np.float32)


@settings(deadline=None, max_examples=60)
@given(seeds, rates, ceilings, levels, st.integers(1, 2), st.integers(1, 12000))
def test_the_true_peak_never_passes_the_ceiling(seed, rate, ceiling_db, highest, channels, frames):
    out = limited(wild(seed, channels, frames, highest), rate, ceiling_db)
    assert true_peak(out, rate) <= 10 ** (ceiling_db / 20)


@settings(deadline=None, max_examples=40)
@given(seeds, rates, ceilings, st.integers(1, 2), st.integers(2000, 20000))
def test_nor_as_a_finer_interpolator_sees_it(seed, rate, ceiling_db, channels, frames):
    # Up to 0.85 of half the rate, where music is; for noise up to half the rate soxr and any other
    # short interpolator differ by some tenths of a dB.
    steps = np.random.default_rng(seed).uniform(-4, 4, (frames, channels))
    music = soxr.resample(steps, 17, 20, quality="VHQ").T
    samples = np.clip(music, -4, 4) if seed % 2 else music
    swell = np.interp(np.arange(samples.shape[1]), [0, 3000, 6000, 20000], [0.01, 1, 0.1, 1])
    out = limited((samples * swell).astype(np.float32), rate, ceiling_db)
    finer = soxr.resample(out.T, 1, 8, quality="VHQ")
    assert 20 * np.log10(np.abs(finer).max()) <= ceiling_db + (0.4 if seed % 2 else 0.05)


def test_nor_at_a_low_rate_where_5_ms_are_few_frames():
    for seed in range(60):
        generator = np.random.default_rng(seed)
        level = np.clip(np.cumsum(generator.standard_normal(6000)) * 0.1, -4, 3)
        samples = (10**level * generator.choice([-1.0, 1.0], (1, 6000))).astype(np.float32)
        assert true_peak(limited(samples, 8000, 0.0), 8000) <= 1


@settings(deadline=None, max_examples=30)
@given(seeds, rates, levels, st.integers(0, 12000))
def test_as_many_frames_out_as_in_and_none_louder(seed, rate, highest, frames):
    samples = wild(seed, 2, frames, highest)
    out = limited(samples, rate)
    assert out.shape == samples.shape
    assert out.dtype == np.float32
    assert (np.abs(out) <= np.abs(samples)).all()
    assert (out * samples >= 0).all()


@settings(deadline=None, max_examples=30)
@given(seeds, rates, ceilings, st.integers(1, 12000))
def test_below_the_ceiling_nothing_changes(seed, rate, ceiling_db, frames):
    samples = noise(seed, 2, frames)
    samples *= np.float32(0.999 * 10 ** (ceiling_db / 20) / true_peak(samples, rate))
    limiter = Limiter(rate, 2, ceiling_db)
    assert np.array_equal(streamed(limiter, samples, [frames]), samples)
    assert limiter.max_reduction_db == 0
    assert limiter.reduced_seconds == 0


@settings(deadline=None, max_examples=20)
@given(seeds, rates, ceilings, st.integers(1, 12000))
def test_nor_exactly_at_it(seed, rate, ceiling_db, frames):
    samples = noise(seed, 2, frames)
    samples *= np.float32(10 ** (ceiling_db / 20) / true_peak(samples, rate))
    at_it = 20 * np.log10(true_peak(samples, rate)) + 1e-9
    assert np.array_equal(limited(samples, rate, at_it), samples)


def test_long_after_a_peak_nothing_changes():
    samples = noise(4, 2, 44100 * 4, level=0.05)
    samples[:, 44100] = 3
    out = limited(samples, 44100)
    assert np.array_equal(out[:, :43800], samples[:, :43800])
    assert not np.array_equal(out[:, 60000:62000], samples[:, 60000:62000])
    assert np.array_equal(out[:, -44100:], samples[:, -44100:])


@settings(deadline=None, max_examples=40)
@given(seeds, block_sizes, st.integers(0, 20000))
def test_block_sizes_never_matter(seed, sizes, frames):
    samples = wild(seed, 2, frames, 1)
    at_once, in_blocks = Limiter(44100, 2), Limiter(44100, 2)
    whole = streamed(at_once, samples, [max(1, frames)])
    assert np.array_equal(streamed(in_blocks, samples, sizes), whole)
    assert in_blocks.max_reduction_db == at_once.max_reduction_db
    assert in_blocks.reduced_seconds == at_once.reduced_seconds


def test_all_channels_get_the_same_gain():
    samples = np.concatenate([noise(1, 1, 20000, level=1), noise(2, 1, 20000, level=0.01)])
    out = limited(samples, 44100)
    heard = (np.abs(samples) > 1e-4).all(axis=0)
    left, right = out[:, heard] / samples[:, heard]
    assert np.abs(left / right - 1).max() < 1e-5
    assert left.min() < 0.5


def test_says_what_it_did():
    samples = noise(3, 1, 44100 * 3, level=0.01)
    samples[0, 44100:88200] = tone(1000, 44100, 1, peak=2.0)[0]
    limiter = Limiter(44100, 1)
    out = streamed(limiter, samples, [4410])
    loud = np.abs(samples) > 1e-3
    gain = out[loud] / samples[loud]
    assert limiter.max_reduction_db == pytest.approx(20 * np.log10(2) + 1, abs=0.1)
    assert limiter.max_reduction_db == pytest.approx(-20 * np.log10(gain.min()), abs=0.01)
    # One second of tone, then a release from 7 dB to 0.1 dB: ln(0.55 / 0.0115) times 100 ms.
    assert limiter.reduced_seconds == pytest.approx(1.39, abs=0.02)


def test_the_gain_comes_down_before_the_peak_and_recovers_after():
    samples = np.full((1, 44100), 0.1, np.float32)
    samples[0, 20000] = 4.0
    gain = limited(samples, 44100)[0] / samples[0]
    assert (gain[:19700] == 1).all()
    assert (np.diff(gain[19700:20000]) <= 1e-6).all()
    assert (np.diff(gain[20230:]) >= -1e-6).all()
    assert gain[40000] > 0.99
    assert np.abs(np.diff(gain)).max() < 0.02


def gains_db(samples, rate):
    """What the limiter does to each sample, in dB."""
    with np.errstate(invalid="ignore"):
        return 20 * np.log10(limited(samples[None], rate)[0] / samples)


@pytest.mark.parametrize("rate", [44100, 96000])
def test_one_overshoot_lowers_the_level_for_a_moment_only(rate):
    samples = np.full(2 * rate, 0.1, np.float32)
    samples[rate] = 10 ** (5 / 20)  # 6 dB too much
    gain = gains_db(samples, rate)
    seconds = np.arange(-rate, rate) / rate
    assert gain.min() == pytest.approx(-6.01, abs=0.01)
    lowered = {level: seconds[gain < -level] for level in (1e-4, 0.1, 1)}
    assert lowered[1e-4][0] > -0.0051
    assert lowered[0.1][-1] < 0.381
    assert lowered[1][-1] < 0.156
    slopes = np.diff(gain) * rate / 1000  # dB in a millisecond
    assert slopes.min() > -2.5
    assert slopes.max() < 0.09


# Sounds under peaks that are 2 dB too high, the most that a remix lets through to the limiter: by
# how much the level of what goes on beneath them swings.
@pytest.mark.parametrize(
    ("apart", "swing_db"), [(0.02, 0.4), (0.05, 0.85), (0.1, 1.35), (0.5, 2.02)]
)
def test_the_gain_swings_little_under_peaks_that_come_again(apart, swing_db):
    samples = np.full(3 * 44100, 0.1, np.float32)
    samples[:: round(apart * 44100)] = 10 ** (1 / 20)
    gain = gains_db(samples, 44100)[44100:-4410]
    assert gain.min() == pytest.approx(-2.01, abs=0.01)
    assert gain.max() - gain.min() < swing_db


@pytest.mark.parametrize(("hertz", "beside_db"), [(30, -44), (50, -55), (120, -80), (1000, -80)])
def test_a_steady_tone_keeps_its_shape(hertz, beside_db):
    out = limited(tone(hertz, 48000, 3, peak=10 ** (1 / 20)), 48000)[0, 48000:96000]
    power = np.square(np.abs(np.fft.rfft(out * np.hanning(48000))))
    beside = np.delete(power, range(hertz - 4, hertz + 5)).sum()
    assert 10 * np.log10(beside / power.sum()) < beside_db
