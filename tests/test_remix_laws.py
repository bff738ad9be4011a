"""What holds for every song, listener and plan."""

from math import log10

import numpy as np
import pytest
from hearing_strategies import audiograms
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from hclarity.audio.true_peak import true_peak
from hclarity.audio.values import Audio, Stems
from hclarity.hearing.audiogram import Audiogram, Listener
from hclarity.hearing.insertion_gains import NO_GAIN
from hclarity.hearing.prescriptions.choice import prescribe
from hclarity.hearing.prescriptions.names import PRESCRIPTIONS
from hclarity.hearing.wdrc import cadenza_wdrc_for, wdrc_for
from hclarity.remixing.plan import GainPlan
from hclarity.remixing.remixer import RemixMeasurement, RemixRenderer, remix
from hclarity.remixing.song_meter import SongMeter

STEMS = ("drums", "bass", "other", "vocals")
LOUDEST = 4.0  # linear: 12 dB beyond full scale

rates = st.sampled_from((8000, 11025, 16000, 22050, 32000, 44100, 48000, 88200, 96000))
seeds = st.integers(0, 2**32 - 1)
levels = st.floats(2**-13, LOUDEST, width=32)
insertion_gains = st.builds(prescribe, st.sampled_from(sorted(PRESCRIPTIONS)), audiograms())
listeners = st.builds(Listener, audiograms(), audiograms())
compressions = (
    st.none()
    | st.builds(wdrc_for, listeners)
    | st.builds(cadenza_wdrc_for, listeners, makeup=st.booleans())
)
stem_gains = st.dictionaries(st.sampled_from(STEMS), st.floats(-60, 10))
ceilings = st.floats(-20, 0)
loudnesses = st.just("match") | st.floats(-60, 0)


def square(frames, rng):
    return np.where(np.arange(frames) // rng.integers(1, 400) % 2, 1.0, -1.0)


def one_sample(frames, rng):
    samples = np.zeros(frames)
    samples[rng.integers(frames)] = 1
    return samples


def rough(frames, rng):
    return np.clip(rng.standard_cauchy(frames) / 20, -1, 1) * (rng.random(frames) < 0.1)


SHAPES = {
    "silence": lambda frames, rng: np.zeros(frames),
    "constant": lambda frames, rng: np.ones(frames),
    "square": square,
    "highest tone": lambda frames, rng: (-1.0) ** np.arange(frames),
    "between samples": lambda frames, rng: np.cos(np.pi / 4 * (2 * np.arange(frames) + 1)),
    "one sample": one_sample,
    "noise": lambda frames, rng: rng.uniform(-1, 1, frames),
    "rough": rough,
    "from silence": lambda frames, rng: np.linspace(0, 1, frames) * rng.choice((-1, 1), frames),
}


@st.composite
def songs(draw, shortest=0.0, shapes=tuple(SHAPES), channels=(1, 2)):
    """Any sound within ±4, of one or two channels, at 8 to 96 kHz, up to half a second."""
    rate = draw(rates)
    frames = draw(st.integers(max(1, round(shortest * rate)), rate // 2))
    rng = np.random.default_rng(draw(seeds))
    drawn = [
        SHAPES[draw(st.sampled_from(shapes))](frames, rng) * draw(levels)
        for _ in range(draw(st.sampled_from(channels)))
    ]
    return Audio(np.stack(drawn), rate)


noises = songs(shortest=0.45, shapes=("noise", "rough", "from silence"), channels=(2,))


def any_stems(song, seed):
    """Four of the song's length that have nothing to do with it."""
    rng = np.random.default_rng(seed)
    shape = (len(STEMS), *song.samples.shape)
    return Stems(STEMS, rng.uniform(-LOUDEST, LOUDEST, shape), song.sample_rate)


def stems_of(song, seed):
    """Four that sum to the song."""
    rng = np.random.default_rng(seed)
    parts = [rng.uniform(-1, 1, song.samples.shape) for _ in STEMS[1:]]
    parts.append(song.samples - np.sum(parts, axis=0))
    return Stems(STEMS, np.stack(parts), song.sample_rate)


def scaled(song, peak):
    """The song, brought to a peak at which nothing needs to be limited."""
    return Audio(song.samples * (peak / np.abs(song.samples).max()), song.sample_rate)


def linear(decibels):
    return np.float32(10 ** (decibels / 20))


def in_blocks(song, stems, plan, cuts):
    """The remix of a song that comes in pieces."""
    pieces = list(
        zip(
            np.split(song.samples, sorted(cuts), axis=-1),
            np.split(stems.samples, sorted(cuts), axis=-1),
            strict=True,
        )
    )
    meter = SongMeter(song.sample_rate)
    for piece in pieces if plan.wdrc else ():
        meter.push(*piece)
    measurement = RemixMeasurement(plan, STEMS, song.sample_rate, meter.loudness())
    for piece in pieces:
        measurement.push(*piece)
    renderer = RemixRenderer(plan, STEMS, song.sample_rate, measurement.result())
    remixed = [*(renderer.push(*piece) for piece in pieces), renderer.flush()]
    return np.concatenate(remixed, axis=1), renderer.report()


# The song itself


@settings(deadline=None, max_examples=40)
@given(songs(), st.lists(st.floats(-10, 0), min_size=6, max_size=6), seeds, ceilings, st.data())
def test_no_loss_and_0_db_is_the_song_bit_for_bit(song, thresholds, seed, ceiling, data):
    ears = [Audiogram((250, 1000, 8000), levels) for levels in (thresholds[:3], thresholds[3:])]
    zero = dict.fromkeys(data.draw(st.lists(st.sampled_from(STEMS))), 0.0)
    plan = GainPlan(zero, *(prescribe("nalr", ear) for ear in ears), ceiling_db=ceiling)
    remixed, report = remix(song, any_stems(song, seed), plan)
    np.testing.assert_array_equal(remixed.samples[0], song.samples[0])
    np.testing.assert_array_equal(remixed.samples[1], song.samples[-1])
    assert (report.offset_db, report.held_back_db, report.max_reduction_db) == (0, 0, 0)


@settings(deadline=None, max_examples=25)
@given(songs(), insertion_gains, insertion_gains, loudnesses, seeds)
def test_stems_that_nobody_changes_change_nothing(song, left, right, loudness, seed):
    alone, report = remix(song, None, GainPlan({}, left, right, loudness=loudness))
    plan = GainPlan(dict.fromkeys(STEMS, 0.0), left, right, loudness=loudness)
    with_stems, same_report = remix(song, any_stems(song, seed), plan)
    np.testing.assert_array_equal(with_stems.samples, alone.samples)
    assert same_report == report


@settings(deadline=None, max_examples=25)
@given(noises, insertion_gains, insertion_gains, stem_gains, seeds)
def test_the_remix_of_stems_is_the_remix_of_the_song_they_sum_to(song, left, right, gains, seed):
    stems = stems_of(song, seed)
    rebalanced = np.zeros(song.samples.shape)
    for name in STEMS:
        rebalanced += 10 ** (gains.get(name, 0.0) / 20) * stems[name].samples
    assume(rebalanced.std() > 1e-3)
    ears = {"left": left, "right": right, "loudness": -30.0}
    of_stems, report = remix(song, stems, GainPlan(gains, **ears))
    of_song, expected = remix(Audio(rebalanced, song.sample_rate), None, GainPlan({}, **ears))
    assert report.offset_db == pytest.approx(expected.offset_db, abs=1e-3)
    np.testing.assert_allclose(of_stems.samples, of_song.samples, atol=1e-4, rtol=0)


@settings(deadline=None, max_examples=25)
@given(noises, insertion_gains, insertion_gains, st.floats(-20, 10), seeds)
def test_one_gain_for_all_stems_is_no_gain_once_the_loudness_is_set(song, left, right, gain, seed):
    ears = {"left": left, "right": right, "loudness": -30.0}
    plan = GainPlan(dict.fromkeys(STEMS, gain), **ears)
    song = scaled(song, 0.9)
    of_stems, report = remix(song, stems_of(song, seed), plan)
    of_song, expected = remix(song, None, GainPlan({}, **ears))
    assume(expected.loudness_after is not None)
    assert report.offset_db + gain == pytest.approx(expected.offset_db, abs=0.01)
    np.testing.assert_allclose(of_stems.samples, of_song.samples, atol=1e-4, rtol=0)


# The two ears


@settings(deadline=None, max_examples=30)
@given(noises, audiograms(), audiograms(), audiograms(), st.booleans(), st.sampled_from((0, 1)))
def test_an_ear_never_changes_what_the_other_gets(song, one, another, theirs, compressed, ear):
    """But for the gain that both have in common, and the limiter, which is idle here."""
    undone = []
    for mine in (one, another):
        listener = Listener(mine, theirs) if ear == 0 else Listener(theirs, mine)
        plan = GainPlan(
            {},
            prescribe("nalr", listener.left),
            prescribe("nalr", listener.right),
            wdrc=wdrc_for(listener) if compressed else None,
            loudness=-50.0,
            ceiling_db=0.0,
        )
        remixed, report = remix(song, None, plan)
        assume(report.max_reduction_db == 0)
        undone.append(remixed.samples[1 - ear] / linear(report.offset_db))
    np.testing.assert_allclose(*undone, rtol=3e-7, atol=1e-30)


@settings(deadline=None, max_examples=30)
@given(noises, insertion_gains, st.sampled_from((0, 1)))
def test_an_ear_without_loss_gets_the_song_in_the_common_gain(song, gains, ear):
    ears = (gains, NO_GAIN) if ear == 0 else (NO_GAIN, gains)
    remixed, report = remix(song, None, GainPlan({}, *ears, loudness=-50.0, ceiling_db=0.0))
    assume(report.max_reduction_db == 0)
    expected = song.samples[1 - ear] * linear(report.offset_db)
    np.testing.assert_array_equal(remixed.samples[1 - ear], expected)


# Safe for any ear


@settings(deadline=None, max_examples=80)
@given(
    songs(), insertion_gains, insertion_gains, compressions, stem_gains, loudnesses, ceilings, seeds
)
def test_the_output_is_finite_and_under_the_ceiling(
    song, left, right, wdrc, gains, loudness, ceiling, seed
):
    plan = GainPlan(gains, left, right, wdrc=wdrc, loudness=loudness, ceiling_db=ceiling)
    remixed, report = remix(song, any_stems(song, seed), plan)
    assert remixed.samples.shape == (2, song.frames)
    assert remixed.samples.dtype == np.float32
    assert np.isfinite(remixed.samples).all()
    if plan.is_identity:
        return
    peak = true_peak(remixed.samples, song.sample_rate)
    assert peak <= 10 ** (ceiling / 20)
    assert np.abs(remixed.samples).max() <= 10 ** (ceiling / 20)
    assert 0 <= report.max_reduction_db <= 2.05
    if peak > 0:
        assert report.true_peak_dbtp == pytest.approx(20 * log10(peak), abs=1e-6)


@settings(deadline=None, max_examples=20)
@given(rates, st.integers(1, 30000), insertion_gains, insertion_gains, loudnesses)
def test_silence_stays_silence(rate, frames, left, right, loudness):
    silence = Audio(np.zeros((2, frames)), rate)
    remixed, report = remix(silence, None, GainPlan({}, left, right, loudness=loudness))
    assert not remixed.samples.any()
    assert (report.loudness_after, report.true_peak_dbtp) == (None, None)


# Loudness


@settings(deadline=None, max_examples=25)
@given(noises, insertion_gains, insertion_gains, st.floats(-45, -30), st.floats(-10, 10))
def test_loudness_moves_one_to_one_with_the_target(song, left, right, target, change):
    plans = [GainPlan({}, left, right, loudness=lufs) for lufs in (target, target + change)]
    (soft, before), (loud, after) = (remix(scaled(song, 0.9), None, plan) for plan in plans)
    assume(before.loudness_before is not None and before.held_back_db == after.held_back_db == 0)
    assert after.offset_db - before.offset_db == pytest.approx(change, abs=1e-9)
    if before.max_reduction_db == after.max_reduction_db == 0:
        assert before.loudness_after == pytest.approx(target, abs=0.02)
        assert after.loudness_after - before.loudness_after == pytest.approx(change, abs=0.02)
        np.testing.assert_allclose(loud.samples, soft.samples * linear(change), rtol=1e-5)


@settings(deadline=None, max_examples=20)
@given(noises, insertion_gains, insertion_gains, st.floats(-30, 0))
def test_a_softer_song_makes_the_same_remix_for_a_fixed_loudness(song, left, right, change):
    plan = GainPlan({}, left, right, loudness=-45.0)
    song = scaled(song, 0.9)
    softer = Audio(song.samples * linear(change), song.sample_rate)
    remixed, report = remix(song, None, plan)
    same, moved = remix(softer, None, plan)
    assume(moved.loudness_before is not None and report.held_back_db == moved.held_back_db == 0)
    assert moved.offset_db == pytest.approx(report.offset_db - change, abs=0.02)
    assert moved.loudness_before == pytest.approx(report.loudness_before + change, abs=0.02)
    peak = np.abs(remixed.samples).max()
    np.testing.assert_allclose(same.samples, remixed.samples, atol=3e-3 * peak, rtol=0)


# Blocks


@settings(deadline=None, max_examples=25)
@given(
    songs(), insertion_gains, insertion_gains, compressions, stem_gains, loudnesses, ceilings,
    seeds, st.lists(st.floats(0, 1), max_size=8),
)  # fmt: skip
@example(
    Audio(np.full((1, 40000), LOUDEST), 48000), NO_GAIN, NO_GAIN, None, {}, -5.0, 0.0, 0, [0.1] * 3
)
def test_block_sizes_never_matter(song, left, right, wdrc, gains, loudness, ceiling, seed, places):
    stems = any_stems(song, seed)
    plan = GainPlan(gains, left, right, wdrc=wdrc, loudness=loudness, ceiling_db=ceiling)
    whole, report = remix(song, stems, plan)
    cuts = [round(place * song.frames) for place in places]
    remixed, same_report = in_blocks(song, stems, plan, cuts)
    np.testing.assert_array_equal(remixed, whole.samples)
    assert same_report == report


def test_nor_for_blocks_of_one_sample():
    rng = np.random.default_rng(0)
    song = Audio(rng.uniform(-LOUDEST, LOUDEST, (2, 700)), 8000)
    stems = any_stems(song, 1)
    steep = prescribe("nalr", Audiogram((250, 1000, 4000), (0, 60, 110)))
    plan = GainPlan({"vocals": 6.0}, steep, NO_GAIN, loudness=-20.0)
    remixed, report = in_blocks(song, stems, plan, range(1, 700))
    whole, same_report = remix(song, stems, plan)
    np.testing.assert_array_equal(remixed, whole.samples)
    assert same_report == report
