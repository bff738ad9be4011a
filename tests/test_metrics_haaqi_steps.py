"""HAAQI's steps, each beside pyclarity's own."""

import warnings
from pathlib import Path
from types import ModuleType

import numba
import numpy as np
import pytest
from haaqi_signals import RATE, noise
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.metrics.haaqi import alignment, gammatone
from hclarity.metrics.haaqi.cochlea import BANDS, centre_frequencies, cochlea
from hclarity.metrics.haaqi.compiled import SOURCES, compiled
from hclarity.metrics.haaqi.covariance import covariances, synchrony
from hclarity.metrics.haaqi.envelopes import cepstral_correlation, smoothed
from hclarity.metrics.haaqi.logarithms import exp2, log2
from hclarity.metrics.haaqi.noise import Noise
from hclarity.metrics.haaqi.preparation import amplified

LOSS = np.array([20.0, 35.0, 45.0, 60.0, 80.0, 105.0])


@pytest.fixture(scope="module")
def eb() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from clarity.evaluator.haspi import eb
    return eb


@given(st.floats(1e-300, 1e300))
def test_log2(x):
    assert log2(x) == pytest.approx(np.log2(x), rel=1e-14, abs=1e-15)


@given(st.floats(-1000, 1000))
def test_exp2(x):
    assert exp2(x) == pytest.approx(np.exp2(x), rel=1e-14)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), sizes=st.lists(st.integers(0, 3000), max_size=5))
def test_noise_is_numpys_whatever_the_pieces(seed, sizes):
    rows = [np.empty(size) for size in sizes]
    noise = Noise(seed)
    for row in rows:
        noise.fill(row)
    expected = np.random.RandomState(seed).standard_normal(sum(sizes))
    np.testing.assert_allclose(np.concatenate([*rows, []]), expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("loss", [0 * LOSS, LOSS, LOSS[::-1], LOSS - 30])
def test_places_of_the_cochlea(eb, loss):
    centres = eb.center_frequency(BANDS)
    np.testing.assert_allclose(centre_frequencies(), centres)
    outer, bandwidth, knee, ratio, inner = eb.loss_parameters(loss, centres)
    places = cochlea(loss)
    assert [place.outer_loss for place in places] == pytest.approx(outer)
    assert [place.bandwidth for place in places] == pytest.approx(bandwidth)
    assert [place.lower_knee for place in places] == pytest.approx(knee)
    assert [place.compression for place in places] == pytest.approx(ratio)
    assert [place.inner_loss for place in places] == pytest.approx(inner)


@pytest.mark.parametrize("width", [1.0, 4.0])
def test_gammatone_filters(eb, width):
    centres, frames = centre_frequencies()[::2], 4000
    equivalent = 24.7 + centres / 9.26449
    poles = [gammatone.pole(width * bandwidth) for bandwidth in equivalent]
    sound = noise(frames)
    out = np.empty(2 * frames * gammatone.LANES)
    heard = np.repeat(sound, gammatone.LANES)
    gammatone.filtered(heard, gammatone.states(centres, poles), out)
    powers, motions = out.reshape(frames, 2, gammatone.LANES).transpose(1, 2, 0)
    means = gammatone.powers(sound, gammatone.states(centres, poles))
    for power, motion, mean, centre in zip(powers, motions, means, centres, strict=True):
        envelope, expected, _, _ = eb.gammatone_basilar_membrane(
            sound, width, sound, width, float(RATE), centre
        )
        # pyclarity's filter of fourth order is right to eight digits at 80 Hz
        scale = np.max(envelope)
        np.testing.assert_allclose(np.sqrt(power) / scale, envelope / scale, rtol=0, atol=1e-6)
        np.testing.assert_allclose(motion / scale, expected / scale, rtol=0, atol=1e-6)
        assert mean == pytest.approx(np.mean(envelope**2), rel=1e-6)


@settings(deadline=None, max_examples=20)
@given(widths=st.lists(st.floats(1.0, 4.0), min_size=BANDS, max_size=BANDS))
def test_group_delays(eb, widths):
    centres = centre_frequencies()
    late = eb.group_delay_compensate(
        np.eye(1, 3000).repeat(BANDS, 0), np.array(widths), centres, RATE
    )
    poles = [
        gammatone.pole(width * (24.7 + centre / 9.26449))
        for width, centre in zip(widths, centres, strict=True)
    ]
    delays = np.array([gammatone.group_delay(a) for a in poles])
    np.testing.assert_array_equal(np.max(delays) - delays, np.argmax(late, axis=1))


@settings(deadline=None, max_examples=20)
@given(
    seed=st.integers(0, 99),
    frames=st.integers(500, 50_000),
    delay=st.integers(-2600, 2600),
    level=st.sampled_from([1e-25, 1.0, 1e20]),
    constant=st.sampled_from([0.0, 1.0, 30.0]),
)
def test_bands_are_aligned_as_pyclarity_aligns_them(eb, seed, frames, delay, level, constant):
    x = level * (constant + noise(frames, seed, 1.0))
    y = np.roll(x, delay) + level * noise(frames, seed + 1, 1.0)
    found = alignment.band_delays((x, y), (y, x))
    for heard, other, lag in ((x, y, found[0]), (y, x, found[1])):
        moved = other.copy()
        alignment.shift(moved, lag)
        np.testing.assert_array_equal(moved, eb.envelope_align(heard, other))


@pytest.mark.parametrize("frames", [384, 385, 575, 576, 24_000, 24_100])
def test_covariances(eb, frames):
    x, y = noise(frames), noise(frames) + noise(frames, 1)
    y[frames // 2 :] = 0
    theirs = eb.bm_covary(x[None], y[None], 16, float(RATE))
    for ours, expected in zip(covariances(x, y), theirs, strict=False):
        np.testing.assert_allclose(ours, expected[0], rtol=1e-9, atol=1e-12)


def test_synchrony(eb):
    random = np.random.default_rng(0)
    covariance, level = random.random((BANDS, 90)), 20 * random.random((BANDS, 90))
    _, expected = eb.ave_covary2(covariance, level, 2.5)
    assert synchrony(covariance, level, 2.5) == pytest.approx(expected[4], rel=1e-12)


@pytest.mark.parametrize("frames", [384, 500, 24_000, 24_095])
def test_smoothing(eb, frames):
    sound = np.abs(noise(frames))
    expected = eb.env_smooth(sound[None], 8, float(RATE))[0]
    np.testing.assert_allclose(smoothed(sound), expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("segments", [2, 100, 700])
def test_cepstral_correlation(eb, segments):
    random = np.random.default_rng(0)
    x = np.abs(np.cumsum(random.standard_normal((BANDS, segments)), axis=1)) + 3
    y = x + 5 * random.random((BANDS, segments))
    x[:, : segments // 5] = 0
    expected = eb.melcor9(x.copy(), y.copy(), 2.5, 0.0, 8)[2]
    assert cepstral_correlation(x, y, 2.5) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("loss", [0 * LOSS, LOSS, LOSS / 3, LOSS[::-1]])
def test_nal_r(eb, loss):
    nalr = eb.NALR(140, float(RATE))
    audiogram = eb.Audiogram(loss, np.array([250, 500, 1000, 2000, 4000, 6000]))
    taps, _ = nalr.build(audiogram)
    sound = noise(1000)
    np.testing.assert_allclose(
        amplified(sound, loss), nalr.apply(taps, sound)[140:], rtol=0, atol=1e-12
    )


def test_machine_code_is_kept_by_all_the_sources_it_comes_from():
    assert log2(8.0) == 3.0
    folder = Path(log2.stats.cache_path)
    assert list(folder.glob(f"*log2_{SOURCES}*.nbc"))


def test_where_nothing_may_be_kept_it_is_compiled_anew(monkeypatch):
    njit = numba.njit

    def without_a_place(**options):
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return njit(**options)

    monkeypatch.setattr(numba, "njit", without_a_place)

    @compiled()
    def double(x: float) -> float:
        return 2 * x

    assert double(21.0) == 42.0
