"""What compression does to music, and to a song of usual levels: all of it measured."""

import numpy as np
import pytest
from audio_files import stempeg_example
from hearing_strategies import BISGAARD, NO_LOSS
from scipy.signal import butter, sosfilt

from hclarity.audio.reading import AudioReader
from hclarity.audio.values import Audio
from hclarity.hearing.audiogram import Listener
from hclarity.hearing.speech_spectrum import LTASS_DB_SPL, LTASS_HZ
from hclarity.hearing.wdrc import wdrc_for
from hclarity.remixing.plan import GainPlan
from hclarity.remixing.planning import plan_for
from hclarity.remixing.remixer import RemixMeasurement, RemixRenderer, remix
from hclarity.remixing.song_meter import SongMeter

RATE = 44100
BANDS_HZ = ((20, 354), (354, 707), (707, 1414), (1414, 2828), (2828, 5657), (5657, 16000))
QUIET = {"loudness": -40.0, "stem_gains": {}}  # so that the limiter has nothing to do


def in_band(samples, band):
    return sosfilt(butter(4, band, "bandpass", fs=RATE, output="sos"), samples.astype(np.float64))


def level(samples):
    return 10 * np.log10(np.mean(np.square(samples)))


def spread(samples, band):
    """From the 10th to the 90th percentile of the levels of 125 ms, in dB."""
    hop = RATE // 8
    heard = in_band(samples, band)
    windows = heard[: heard.size // hop * hop].reshape(-1, hop)
    levels = 10 * np.log10(np.square(windows).mean(axis=1) + 1e-12)
    low, high = np.percentile(levels, (10, 90))
    return high - low


@pytest.fixture(scope="module")
def music():
    with AudioReader(stempeg_example(), stream=0) as reader:
        samples = np.concatenate(list(reader.blocks()), axis=1)[:, : 8 * RATE]
        assert reader.sample_rate == RATE
    return Audio(samples, RATE)


@pytest.fixture(scope="module")
def speech_noise():
    """Stationary, with the long-term average spectrum of speech, alike in both ears."""
    white = np.fft.rfft(np.random.default_rng(3).standard_normal(6 * RATE))
    hz = np.fft.rfftfreq(6 * RATE, 1 / RATE)
    density = np.array(LTASS_DB_SPL) - 10 * np.log10(np.array(LTASS_HZ))
    shape = np.interp(np.log(np.maximum(hz, 20)), np.log(LTASS_HZ), density)
    noise = np.fft.irfft(white * 10 ** (shape / 20))
    return Audio(np.tile(0.05 * noise / noise.std(), (2, 1)), RATE)


@pytest.mark.parametrize("name", ["N3", "S2"])
def test_the_levels_of_real_music_come_closer(music, name):
    """The spread shrinks most where the ratio is highest: S2 has next to none below 700 Hz."""
    listener = Listener(BISGAARD[name], BISGAARD[name])
    linear, before = remix(music, None, plan_for(listener, **QUIET))
    compressed, report = remix(music, None, plan_for(listener, wdrc=True, **QUIET))
    ratios = wdrc_for(listener).left.ratios
    for band, ratio in zip(BANDS_HZ, ratios, strict=True):
        less, more = (spread(song.samples[0], band) for song in (compressed, linear))
        assert less < more + 0.3
        if ratio > 1.8:
            assert less < 0.85 * more
    assert max(ratios) > 1.8
    assert report.loudness_range < report.loudness_range_before
    assert before.max_reduction_db == report.max_reduction_db == 0


@pytest.mark.parametrize("name", ["N3", "S2", "N7"])
@pytest.mark.parametrize("loudness", [-40.0, -14.0])
def test_at_the_usual_level_the_ear_gets_the_linear_prescription(speech_noise, name, loudness):
    listener = Listener(BISGAARD[name], BISGAARD[name])
    meter = SongMeter(RATE)
    meter.push(speech_noise.samples)
    song = Audio(speech_noise.samples * 10 ** ((loudness - meter.loudness()) / 20), RATE)
    linear, compressed = (
        remix(song, None, plan_for(listener, wdrc=wdrc, **QUIET)) for wdrc in (False, True)
    )
    for band in BANDS_HZ:
        gains = [
            level(in_band(remixed.samples[0], band)[RATE:]) - report.offset_db
            for remixed, report in (linear, compressed)
        ]
        assert gains[1] == pytest.approx(gains[0], abs=1.5)


def test_at_the_usual_level_the_report_has_the_linear_prescription(speech_noise):
    listener = Listener(BISGAARD["N3"], BISGAARD["S2"])
    reports = [
        remix(speech_noise, None, plan_for(listener, wdrc=wdrc, **QUIET))[1]
        for wdrc in (False, True)
    ]
    assert reports[0].left_gains_db == pytest.approx(reports[1].left_gains_db, abs=1e-9)
    assert reports[0].right_gains_db == pytest.approx(reports[1].right_gains_db, abs=1e-9)


def test_gains_that_only_the_compressor_gives_are_reported(speech_noise):
    listener = Listener(BISGAARD["N4"], NO_LOSS)
    plan = plan_for(listener, prescription="camfit", wdrc=True, as_cadenza=True, **QUIET)
    assert plan.left.is_zero
    report = remix(speech_noise, None, plan)[1]
    makeup = dict(zip((250, 500, 1000, 2000, 4000, 8000), plan.wdrc.left.gains_db, strict=True))
    for hz, gain in makeup.items():
        assert plan.prescribed_db("left")[hz] == gain
        assert report.left_gains_db[hz] == pytest.approx(gain, abs=3)
    assert report.right_gains_db == pytest.approx(dict.fromkeys(report.right_gains_db, 0), abs=1e-9)
    assert report.amplified_db > 5


def test_thresholds_follow_the_loudness_of_the_song(speech_noise):
    """So the same song, softer, is the same remix."""
    plan = plan_for(Listener(BISGAARD["N3"], BISGAARD["S2"]), wdrc=True, **QUIET)
    softer = Audio(speech_noise.samples * np.float32(0.125), RATE)
    (one, _), (other, _) = remix(speech_noise, None, plan), remix(softer, None, plan)
    np.testing.assert_allclose(one.samples, other.samples, atol=1e-4 * np.abs(one.samples).max())


@pytest.mark.parametrize("gains", [{}, {"vocals": 0.0}])
def test_compression_of_ears_without_loss_is_none(gains):
    rng = np.random.default_rng(0)
    song = Audio(rng.uniform(-2, 2, (2, RATE)), RATE)
    plan = plan_for(Listener(NO_LOSS, NO_LOSS), stem_gains=gains, wdrc=True)
    assert plan == GainPlan(gains)
    np.testing.assert_array_equal(remix(song, None, GainPlan({}))[0].samples, song.samples)
    assert plan.is_identity


@pytest.mark.parametrize("frames", [RATE // 4, RATE])
def test_a_song_without_a_loudness_is_not_compressed(frames):
    level = 0.5 if frames < RATE else 1e-5
    song = Audio(level * np.random.default_rng(0).standard_normal((2, frames)).clip(-2, 2), RATE)
    listener = Listener(BISGAARD["N3"], BISGAARD["S2"])
    for words in ({}, {"prescription": "camfit", "as_cadenza": True}):
        plan = plan_for(listener, stem_gains={}, wdrc=True, **words)
        without = GainPlan({}, plan.left, plan.right, filter=plan.filter, loudness=-20.0)
        compressed = GainPlan(
            {}, plan.left, plan.right, filter=plan.filter, wdrc=plan.wdrc, loudness=-20.0
        )
        (one, report), (other, same) = remix(song, None, compressed), remix(song, None, without)
        assert report.loudness_before is None
        assert report == same
        np.testing.assert_array_equal(one.samples, other.samples)


def test_the_song_is_measured_without_its_stems():
    rng = np.random.default_rng(1)
    song, stems = rng.uniform(-0.1, 0.1, (1, RATE)), rng.uniform(-0.1, 0.1, (1, 1, RATE))
    song, stems = song.astype(np.float32), stems.astype(np.float32)
    plan = plan_for(
        Listener(BISGAARD["N3"], BISGAARD["N3"]), wdrc=True, stem_gains={"vocals": 6}, loudness=-40
    )
    meter = SongMeter(RATE)
    meter.push(song)
    measurement = RemixMeasurement(plan, ("vocals",), RATE, meter.loudness())
    measurement.push(song, stems)
    assert measurement.result().loudness_before == meter.loudness()
    renderer = RemixRenderer(plan, ("vocals",), RATE, measurement.result())
    renderer.push(song, stems)
    renderer.flush()
    assert renderer.report().loudness_after == pytest.approx(-40, abs=0.05)
