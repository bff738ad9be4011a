"""The SDR of BSS Eval, beside museval's own; short songs at 8 kHz, for museval is slow."""

import numpy as np
import pytest
from audio_files import stempeg_example
from witnesses import museval_metrics

from hclarity.audio.reading import AudioReader
from hclarity.metrics.framewise import csdr, framewise_sdr

RATE = 8000


def theirs(references, estimates, window=RATE, hop=RATE, taps=16):
    """What museval finds, ``[stems, windows]``; it wants channels last, and is slow by its taps."""
    sounds = (np.moveaxis(np.asarray(each, np.float64), 1, 2) for each in (references, estimates))
    return museval_metrics().bss_eval(*sounds, window=window, hop=hop, filters_len=taps)[0]


def noise(stems: int = 3, channels: int = 2, seconds: float = 3.3) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((stems, channels, round(seconds * RATE)))


@pytest.fixture
def references() -> np.ndarray:
    return noise()


@pytest.fixture
def estimates(references) -> np.ndarray:
    return references + 0.3 * np.random.default_rng(1).standard_normal(references.shape)


@pytest.mark.parametrize(("stems", "channels", "seconds"), [(2, 2, 3.3), (3, 1, 2), (2, 2, 0.4)])
def test_noise_scores_as_in_museval(stems, channels, seconds):
    truth = noise(stems, channels, seconds)
    estimate = truth + np.random.default_rng(1).standard_normal(truth.shape)
    ours = framewise_sdr(truth, estimate, RATE)
    np.testing.assert_allclose(ours, theirs(truth, estimate, taps=512), rtol=0, atol=1e-6)


def test_music_scores_as_in_museval():
    stems = []
    for stream in range(1, 5):
        with AudioReader(stempeg_example(), stream=stream) as reader:
            stems.append(reader.excerpt(2 * 44100, 2 * 44100 + 3333)[:, ::5])
    truth = np.array(stems)
    estimate = 0.8 * truth + 0.1 * truth.sum(axis=0)
    ours = framewise_sdr(truth, estimate, 44100 // 5)
    want = theirs(truth, estimate, 44100 // 5, 44100 // 5)
    np.testing.assert_allclose(ours, want, rtol=0, atol=1e-6)
    np.testing.assert_allclose(csdr(truth, estimate, 44100 // 5), np.nanmedian(want, axis=1))


def test_windows_may_overlap(references, estimates):
    ours = framewise_sdr(references, estimates, RATE, window_seconds=1.5, hop_seconds=0.5)
    assert ours.shape == (3, 4)
    want = theirs(references, estimates, 12000, 4000)
    np.testing.assert_allclose(ours, want, rtol=0, atol=1e-6)


@pytest.mark.parametrize("of", ["reference", "estimate"])
@pytest.mark.parametrize("silence", ["zeros", "left minus right"])
def test_where_one_is_silent_none_has_a_value(references, estimates, of, silence):
    sound = (references if of == "reference" else estimates)[1, :, RATE : 2 * RATE]
    sound[1] = 0 if silence == "zeros" else -sound[0]
    if silence == "zeros":
        sound[0] = 0
    ours = framewise_sdr(references, estimates, RATE)
    assert np.isnan(ours[:, 1]).all()
    assert not np.isnan(ours[:, [0, 2]]).any()
    np.testing.assert_allclose(ours, theirs(references, estimates), rtol=0, atol=1e-6)


def test_a_single_sound_in_a_window_is_enough(references, estimates):
    references[1, :, RATE : 2 * RATE] = 0
    references[1, 0, RATE + 5] = 1e-7
    ours = framewise_sdr(references, estimates, RATE)
    np.testing.assert_allclose(ours, theirs(references, estimates), rtol=0, atol=1e-6)


def test_perfect_is_infinite(references, estimates):
    estimates[0] = references[0]
    assert np.isposinf(framewise_sdr(references, estimates, RATE)[0]).all()
    assert csdr(references, estimates, RATE)[0] == np.inf


@pytest.mark.parametrize("of", ["reference", "estimate"])
def test_a_stem_that_is_never_heard_is_as_if_not_there(references, estimates, of):
    """museval refuses such a song."""
    (references if of == "reference" else estimates)[1] = 0
    with pytest.raises(ValueError, match="silent"):
        theirs(references, estimates)
    ours = csdr(references, estimates, RATE)
    assert np.isnan(ours[1])
    others = [0, 2]
    np.testing.assert_array_equal(ours[others], csdr(references[others], estimates[others], RATE))


def test_the_median_is_over_windows_that_have_a_value(references, estimates):
    references[0, :, :RATE] = 0
    values = framewise_sdr(references, estimates, RATE)
    np.testing.assert_allclose(csdr(references, estimates, RATE), values[:, 1:].mean(axis=1))


def test_singles_are_summed_in_double(references, estimates):
    single = framewise_sdr(references.astype("f"), estimates.astype("f"), RATE)
    np.testing.assert_allclose(
        single, framewise_sdr(references, estimates, RATE), rtol=0, atol=1e-5
    )


def test_stems_may_come_one_by_one(references, estimates):
    np.testing.assert_array_equal(
        csdr(list(references), list(estimates), RATE), csdr(references, estimates, RATE)
    )
    assert csdr([], [], RATE).shape == (0,)


def test_what_cannot_be_compared_is_refused(references, estimates):
    with pytest.raises(ValueError, match="shapes differ"):
        framewise_sdr(references, estimates[:, :, 1:], RATE)
    with pytest.raises(ValueError, match="windows of 0 frames"):
        framewise_sdr(references, estimates, RATE, window_seconds=0)
