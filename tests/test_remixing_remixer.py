import json
from dataclasses import asdict
from math import log10

import numpy as np
import pyloudnorm
import pytest
from hearing_strategies import BISGAARD, NO_LOSS, audiograms
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import butter, resample, sosfiltfilt

from hclarity.audio.loudness import integrated_loudness
from hclarity.audio.true_peak import true_peak
from hclarity.audio.values import Audio, Stems
from hclarity.errors import BadDataError, UsageError
from hclarity.hearing.audiogram import Listener
from hclarity.hearing.prescriptions.nal import nalr
from hclarity.remixing.plan import GainPlan
from hclarity.remixing.planning import plan_for
from hclarity.remixing.remixer import RemixMeasurement, RemixRenderer, remix

RATE = 16000
STEMS = ("drums", "bass", "other", "vocals")
N2, N3, S2 = (nalr(BISGAARD[name]) for name in ("N2", "N3", "S2"))


def band(seconds=4.0, level=0.1, seed=0):
    """Four players: noise bursts, a low saw, a chord and a gliding voice; slightly stereo."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * RATE)) / RATE
    players = {
        "drums": rng.standard_normal(t.size) * np.exp(-20 * (t % 0.5)),
        "bass": 2 * ((55 * t) % 1) - 1,
        "other": sum(np.sin(2 * np.pi * hz * t) for hz in (262, 330, 392, 1568)) / 4,
        "vocals": np.sin(2 * np.pi * (400 + 50 * np.sin(t)) * t) * (np.sin(3 * t) > -0.5),
    }
    return Stems.of(
        {
            name: Audio(level * np.stack([played, (0.7 + 0.1 * place) * played]), RATE)
            for place, (name, played) in enumerate(players.items())
        }
    )


def song_of(stems, residual=0.01):
    noise = np.random.default_rng(9).standard_normal(stems.samples.shape[1:])
    return Audio(stems.mix().samples + residual * noise, RATE)


def decibels(linear):
    return 20 * log10(linear)


@settings(deadline=None, max_examples=25)
@given(
    st.sampled_from((1, 2)),
    st.integers(0, 3 * RATE),
    st.floats(1e-3, 4),
    st.sampled_from([{}, {"vocals": 0.0}, dict.fromkeys(STEMS, 0.0)]),
)
def test_no_loss_and_0_db_is_the_song_bit_for_bit(channels, frames, level, gains):
    rng = np.random.default_rng(frames)
    song = Audio(rng.uniform(-level, level, (channels, frames)), RATE)
    stems = Stems(STEMS, rng.uniform(-1, 1, (4, channels, frames)), RATE)
    plan = plan_for(Listener(NO_LOSS, NO_LOSS), stem_gains=gains)
    remixed, report = remix(song, stems, plan)
    np.testing.assert_array_equal(remixed.samples[0], song.samples[0])
    np.testing.assert_array_equal(remixed.samples[1], song.samples[-1])
    assert (report.offset_db, report.held_back_db, report.max_reduction_db) == (0, 0, 0)
    assert (report.given_up_db, report.gain_removed_db) == (0, 0)
    assert report.loudness_after == report.loudness_before


def test_even_a_song_above_the_ceiling_is_left_alone_and_its_peak_told():
    song = Audio(np.random.default_rng(0).uniform(-3, 3, (2, RATE)), RATE)
    remixed, report = remix(song, None, GainPlan({}))
    np.testing.assert_array_equal(remixed.samples, song.samples)
    assert report.true_peak_dbtp == pytest.approx(decibels(true_peak(song.samples, RATE)))
    assert report.true_peak_dbtp > 9


rough = st.builds(
    lambda seed, frames, level, sparse: (
        np.clip(np.random.default_rng(seed).standard_cauchy((2, frames)) * level, -4, 4)
        * (np.random.default_rng(seed + 1).random((2, frames)) < sparse)
    ),
    st.integers(0, 2**32),
    st.integers(1, RATE),
    st.floats(1e-4, 4),
    st.floats(0.001, 1),
)


@settings(deadline=None, max_examples=30)
@given(rough, audiograms(), audiograms(), st.floats(-6, 0), st.just("match") | st.floats(-40, 0))
def test_nothing_gets_past_the_ceiling(samples, left, right, ceiling, loudness):
    plan = plan_for(Listener(left, right), stem_gains={}, loudness=loudness, ceiling=ceiling)
    if plan.is_identity:
        return
    remixed, report = remix(Audio(samples, RATE), None, plan)
    assert remixed.samples.shape == samples.shape
    assert np.isfinite(remixed.samples).all()
    peak = true_peak(remixed.samples, RATE)
    assert peak <= 10 ** ((ceiling + 0.05) / 20)
    assert report.max_reduction_db <= 2.05
    assert report.given_up_db >= 0
    json.dumps(asdict(report), allow_nan=False)


def test_an_exact_interpolator_agrees_about_the_peak():
    treble_off = butter(8, 6000, fs=RATE, output="sos")  # no meter of finite length is exact there
    song = Audio(sosfiltfilt(treble_off, song_of(band(level=0.4)).samples).copy(), RATE)
    remixed, report = remix(song, None, GainPlan({}, N3, S2, loudness=-10, ceiling_db=-1))
    between = resample(remixed.samples.astype(np.float64), 4 * remixed.frames, axis=1)
    assert decibels(np.abs(between).max()) == pytest.approx(-1, abs=0.05)
    assert report.true_peak_dbtp == pytest.approx(-1, abs=0.05)
    assert report.max_reduction_db == pytest.approx(2, abs=0.05)


@pytest.mark.parametrize("loudness", ["match", -16, -23.5])
@pytest.mark.parametrize("ears", [(N2, N2), (N3, S2)])
def test_the_remix_is_as_loud_as_was_asked(loudness, ears):
    stems = band(level=0.02 if loudness == "match" else 0.2)
    song = song_of(stems, residual=0.001)
    plan = GainPlan({"vocals": 3, "drums": -6}, *ears, loudness=loudness)
    remixed, report = remix(song, stems, plan)
    meter = pyloudnorm.Meter(RATE, filter_class="DeMan")
    target = meter.integrated_loudness(song.samples.T) if loudness == "match" else loudness
    assert report.held_back_db == 0
    assert report.given_up_db == pytest.approx(0, abs=0.1)
    assert meter.integrated_loudness(remixed.samples.T) == pytest.approx(target, abs=0.1)
    assert report.loudness_target == pytest.approx(target, abs=0.02)
    assert report.loudness_before == pytest.approx(
        meter.integrated_loudness(song.samples.T), abs=0.02
    )


@settings(deadline=None, max_examples=10)
@given(st.floats(-40, -20), st.floats(-20, 0))
def test_loudness_moves_one_to_one_with_gain(loudness, change):
    song = song_of(band(2.0))
    quieter = Audio(song.samples * np.float32(10 ** (change / 20)), RATE)
    plan = GainPlan({}, N3, S2, loudness=loudness)
    _, report = remix(song, None, plan)
    _, changed = remix(quieter, None, plan)
    assert report.loudness_after == pytest.approx(loudness, abs=0.02)
    assert changed.loudness_before == pytest.approx(report.loudness_before + change, abs=0.02)
    assert changed.offset_db == pytest.approx(report.offset_db - change, abs=0.02)


def test_what_the_ceiling_costs_is_told():
    song = song_of(band())
    plan = GainPlan({}, N3, S2, loudness=-5)
    remixed, report = remix(song, None, plan)
    assert report.given_up_db > 3
    assert report.max_reduction_db == pytest.approx(2, abs=0.05)
    assert report.loudness_target == -5
    assert report.loudness_after == integrated_loudness(remixed)
    assert report.given_up_db == -5 - report.loudness_after
    assert report.given_up_db > report.held_back_db > 3  # for the limiter takes off some, too
    free = remix(song, None, GainPlan({}, N3, S2, loudness=-30))[1]
    assert report.offset_db + report.held_back_db == pytest.approx(free.offset_db + 25, abs=1e-6)


def test_gain_that_no_file_can_hold_is_told_as_volume_to_turn_up():
    song = song_of(band(level=0.05))
    report = remix(song, None, GainPlan({}, N3, N3))[1]
    assert report.gain_removed_db == -report.offset_db > 6
    assert report.gain_removed_db == report.amplified_db
    assert remix(song, None, GainPlan({"vocals": 0}, loudness=-10))[1].gain_removed_db == 0
    softer = remix(song, None, GainPlan({}, N3, N3, loudness=report.loudness_before - 20))[1]
    assert softer.gain_removed_db == report.gain_removed_db
    part = remix(song, None, GainPlan({}, N3, N3, loudness=report.loudness_before + 2))[1]
    assert part.gain_removed_db == pytest.approx(report.gain_removed_db - 2)
    louder_stems = GainPlan({"vocals": 10})
    assert remix(song, band(level=0.05), louder_stems)[1].gain_removed_db == 0
    assert remix(song, None, GainPlan({}, loudness=-50))[1].gain_removed_db == 0


def test_one_gain_for_both_ears_keeps_their_difference():
    t = np.arange(2 * RATE) / RATE
    song = Audio(0.1 * np.sin(2 * np.pi * 2000 * t)[None], RATE)
    remixed, report = remix(song, None, GainPlan({}, N3, S2))
    left, right = remixed.samples[:, RATE // 2 : -RATE // 2].std(axis=1)
    assert decibels(left / right) == pytest.approx(N3.at(2000) - S2.at(2000), abs=0.1)
    assert report.left_gains_db[2000] == pytest.approx(N3.at(2000), abs=0.1)
    assert report.right_gains_db[2000] == pytest.approx(S2.at(2000), abs=0.1)
    assert report.loudness_after == pytest.approx(report.loudness_before, abs=0.1)


@settings(deadline=None, max_examples=10)
@given(st.lists(st.integers(0, 2 * RATE), max_size=6))
def test_block_sizes_never_matter(cuts):
    stems = band(2.0, level=0.4)
    song = song_of(stems)
    plan = GainPlan({"vocals": 6}, N3, S2, loudness=-8)
    whole, report = remix(song, stems, plan)
    blocks = list(
        zip(
            np.split(song.samples, sorted(cuts), axis=-1),
            np.split(stems.samples, sorted(cuts), axis=-1),
            strict=True,
        )
    )
    measurement = RemixMeasurement(plan, STEMS, RATE)
    for block in blocks:
        measurement.push(*block)
    renderer = RemixRenderer(plan, STEMS, RATE, measurement.result())
    pieces = [*(renderer.push(*block) for block in blocks), renderer.flush()]
    np.testing.assert_array_equal(np.concatenate(pieces, axis=1), whole.samples)
    assert renderer.report() == report
    assert report.max_reduction_db > 1


@pytest.mark.parametrize("loudness", ["match", -16])
def test_silence_stays_silent(loudness):
    silence = Audio(np.zeros((2, 2 * RATE)), RATE)
    remixed, report = remix(silence, None, GainPlan({}, N3, S2, loudness))
    assert not remixed.samples.any()
    assert remixed.frames == silence.frames
    assert (report.loudness_before, report.loudness_after, report.true_peak_dbtp) == (None,) * 3
    assert (report.offset_db, report.held_back_db, report.given_up_db) == (0, 0, 0)


@pytest.mark.parametrize("frames", [0, 1, 100, RATE // 4])
def test_a_song_too_short_for_a_loudness(frames):
    song = Audio(np.full((2, frames), 0.9), RATE)
    remixed, report = remix(song, None, GainPlan({}, N3, S2))
    assert remixed.frames == frames
    assert report.loudness_before is None
    assert true_peak(remixed.samples, RATE) <= 10 ** (-0.95 / 20)


def test_song_and_stems_must_fit():
    stems = band(1.0)
    song = song_of(stems)
    with pytest.raises(BadDataError, match="stems are at 16000 Hz, the song at 44100 Hz"):
        remix(Audio(song.samples, 44100), stems, GainPlan({}))
    with pytest.raises(BadDataError, match=r"\[4, 2, 15999\], got \[4, 2, 16000\]"):
        remix(Audio(song.samples[:, 1:], RATE), stems, GainPlan({}))
    with pytest.raises(BadDataError, match="1 or 2 channels, got 3"):
        remix(Audio(np.zeros((3, 9)), RATE), None, GainPlan({}))
    with pytest.raises(UsageError, match="no stem named 'vocals'"):
        remix(song, None, GainPlan({"vocals": 3}))
