import logging
import sys
import warnings
from dataclasses import astuple

import numpy as np
import pytest
from haaqi_signals import RATE, both_engines, ear, noise, of_music, quietly
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.errors import UnavailableError
from hclarity.hearing.standard import STANDARD_LISTENERS
from hclarity.metrics.haaqi import auditory_model
from hclarity.metrics.haaqi.score import components, haaqi

SLOPING = (20, 20, 25, 35, 40, 45, 50)
AT_RATE = {"reference_rate": RATE, "processed_rate": RATE}


def agree(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-7)


@pytest.fixture(autouse=True)
def _silent_clarity(caplog):
    caplog.set_level(logging.CRITICAL)


@pytest.fixture(scope="module")
def music():
    return of_music(1.0, 0.7)


def standard(name):
    audiogram = STANDARD_LISTENERS[name].left
    return {"frequencies": audiogram.frequencies, "thresholds": audiogram.thresholds, "seed": 7}


@pytest.mark.parametrize(
    ("name", "equalisation", "level1"),
    [("N1", 1, 85.0), ("N3", 2, 85.0), ("N7", 1, 105.0), ("S2", 2, 95.0), ("S3", 1, 65.0)],
)
def test_music_scores_what_pyclarity_says(music, name, equalisation, level1):
    words = standard(name) | {"equalisation": equalisation, "level1": level1}
    agree(*both_engines(*music, **words))


@pytest.mark.slow
@pytest.mark.parametrize("level1", [50.0, 65.0, 85.0, 100.0])
@pytest.mark.parametrize("equalisation", [1, 2])
@pytest.mark.parametrize("name", STANDARD_LISTENERS)
def test_every_standard_listener_hears_what_pyclarity_says(name, equalisation, level1):
    words = standard(name) | {"equalisation": equalisation, "level1": level1}
    agree(*both_engines(*of_music(0.0, 5.0), **words))
    agree(*both_engines(noise(3 * RATE), noise(3 * RATE) + noise(3 * RATE, 1, 0.05), **words))


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize(
    "rates", [(16000, 16000), (22050, 48000), (32000, 24000), (44100, 44100)], ids=str
)
def test_sample_rates(rates, exact):
    heard = of_music(1.0, 0.3, rates[0])[0], of_music(1.0, 0.3, rates[1])[1]
    agree(*both_engines(*heard, rates, exact_rates=exact, **ear(*SLOPING, level1=85.0)))


@pytest.mark.parametrize(
    "change",
    [
        lambda x: np.concatenate((np.zeros(700), x[:-700])),
        lambda x: x[500:],
        lambda x: -x,
        lambda x: np.clip(x, -0.02, 0.02),
        lambda x: np.where(np.arange(x.size) < x.size // 2, 0.0, x),
        lambda x: 0.0 * x,
        lambda x: 1e-6 * x,
    ],
    ids=["late", "early and short", "inverted", "clipped", "half silent", "silent", "faint"],
)
def test_what_may_happen_to_music(music, change):
    x = music[0][:9600]
    agree(*both_engines(x, change(x), **ear(*SLOPING, equalisation=2, level1=85.0)))


@pytest.mark.parametrize(
    "sound",
    [
        0.1 * np.sin(2 * np.pi * 80 / RATE * np.arange(RATE // 2)),
        np.ones(RATE // 4),
        np.eye(1, RATE // 4, 500)[0] + np.eye(1, RATE // 4, 4000)[0],
        noise(2400),
    ],
    ids=["tone", "constant", "two clicks", "a tenth of a second"],
)
def test_sounds_that_are_no_music(sound):
    agree(*both_engines(sound, sound + noise(sound.size, 1, 1e-3), **ear(*SLOPING)))


def test_a_loss_so_great_that_nothing_is_heard(music):
    ours, theirs = both_engines(*music, **ear(100, equalisation=2))
    agree(ours, theirs)
    assert ours[0] == pytest.approx(0.162)


@pytest.mark.parametrize(
    ("seed", "reference_first", "thresholds", "golden"),
    [
        (0, True, (45, 45, 35, 45, 60, 65), 0.111290948),
        (42, False, (10, 20, 30, 40, 50, 60), 0.113759275),
    ],
)
def test_pyclaritys_own_golden_values(monkeypatch, seed, reference_first, thresholds, golden):
    """Of its tests: two uniform noises at 16 kHz, and the generator's next numbers within HAAQI."""
    random = np.random.RandomState(seed)
    x, y = random.uniform(-1, 1, 8000), random.uniform(-1, 1, 8000)

    class NextNumbers:
        def __init__(self, seed):
            pass

        def fill(self, row):
            row[:] = random.standard_normal(row.size)

    monkeypatch.setattr(auditory_model, "Noise", NextNumbers)
    score = haaqi(
        *((x, y) if reference_first else (y, x)),
        reference_rate=16000,
        processed_rate=16000,
        frequencies=(250, 500, 1000, 2000, 4000, 6000),
        thresholds=thresholds,
        equalisation=1,
        exact_rates=False,
    )
    assert score == pytest.approx(golden, abs=1e-7)


def test_a_silent_processed_signal_is_bad_and_no_warning(music):
    for rates in ((RATE, RATE), (44100, 44100)):
        words = ear(*SLOPING, level1=85.0) | dict(zip(AT_RATE, rates, strict=True))
        score = haaqi(music[0], 0 * music[0], exact_rates=False, **words)
        assert 0 < score < 0.1
        assert quietly(music[0], 0 * music[0], exact_rates=False, **words).score == pytest.approx(
            score, abs=1e-6
        )


def test_better_is_better(music):
    x, y = music
    scores = [
        haaqi(x, (1 - share) * x + share * y, **AT_RATE, **ear(0, equalisation=2, level1=85.0))
        for share in (0.0, 0.05, 0.3, 1.0)
    ]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 0.95


@settings(deadline=None, max_examples=8)
@given(
    seed=st.integers(0, 2**32 - 1),
    frames=st.integers(2400, 7000),
    threads=st.integers(2, 5),
    equalisation=st.sampled_from([1, 2]),
)
def test_threads_and_global_noise_change_nothing(seed, frames, threads, equalisation):
    x, y = noise(frames), noise(frames, 1)
    words = AT_RATE | ear(*SLOPING, equalisation=equalisation, seed=seed)
    np.random.seed(5)
    before = np.random.get_state()[1].copy()
    once = components(x, y, **words)
    np.random.seed(6)
    assert components(x, y, threads=threads, **words) == once
    np.random.seed(5)
    assert np.array_equal(np.random.get_state()[1], before)
    assert all(0 <= value <= 1 for value in (once.score, *astuple(once)))


def test_neither_engine_touches_the_global_generator():
    x = noise(2400)
    for engine in ("own", "reference"):
        np.random.seed(5)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            haaqi(x, x, engine=engine, **AT_RATE, **ear(0))
        after = np.random.standard_normal()
        np.random.seed(5)
        assert np.random.standard_normal() == after


def test_the_seed_decides(music):
    x, y = music[0][:4800], music[1][:4800]
    scores = {haaqi(x, y, **AT_RATE, **ear(*SLOPING, seed=seed)) for seed in (0, 1, 1, 0)}
    assert len(scores) == 2


@pytest.mark.parametrize(
    ("reference", "processed", "words", "complaint"),
    [
        (np.full(2400, np.nan), noise(2400), {}, "reference has samples that are not finite"),
        (noise(2400), np.full(2400, np.inf), {}, "processed has samples that are not finite"),
        (noise(2400).reshape(2, -1), noise(2400), {}, r"one channel, got the shape \(2, 1200\)"),
        (noise(2399), noise(2400), {}, "lasts 0.1 s, less than 0.1 s"),
        (noise(2400), np.empty(0), {}, "processed lasts 0 s"),
        (np.zeros(2400), noise(2400), {}, "the reference is silent"),
        (np.eye(1, 5000, 4000)[0], noise(3000), {}, "the reference is silent"),
        (np.eye(1, 2400, 40)[0], noise(2400), {}, "sounds for 0.0417 ms"),
        (noise(2400), noise(2400), {"equalisation": 0}, "equalisation is 1 or 2, not 0"),
        (noise(2400), noise(2400), {"level1": np.inf}, "level1 must be a number of dB"),
        (noise(2400), noise(2400), {"processed_rate": 0}, "1000 Hz at least, got 0"),
        (noise(2400), noise(2400), {"thresholds": (1, 2)}, "7 frequencies, but 2 thresholds"),
        (noise(2400), noise(2400), {"thresholds": 7 * [np.nan]}, "thresholds must be finite"),
        (noise(2400), noise(2400), {"frequencies": (1, 2, 3, 3, 4, 5, 6)}, "must ascend"),
    ],
)
def test_what_cannot_be_scored(reference, processed, words, complaint):
    with pytest.raises(ValueError, match=complaint):
        haaqi(reference, processed, **(AT_RATE | ear(0) | words))


def test_without_pyclarity_its_engine_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "clarity.evaluator.haaqi", None)
    with pytest.raises(UnavailableError, match=r"pip install 'hclarity\[reference\]'"):
        haaqi(noise(2400), noise(2400), engine="reference", **AT_RATE, **ear(0))
