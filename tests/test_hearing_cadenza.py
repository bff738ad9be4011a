"""The challenges' amplification against pyclarity's, on noise and music."""

import logging
import warnings

import numpy as np
import pytest

from hclarity.datasets.generated.songs import generate_song
from hclarity.hearing.audiogram import Audiogram
from hclarity.hearing.cadenza.compressor import Compressor
from hclarity.hearing.cadenza.multiband_compressor import Band, MultibandCompressor, bands_of
from hclarity.hearing.cadenza.nalr_filter import ORDER, filtered, nalr_filter
from hclarity.hearing.standard import STANDARD_LISTENERS

RATES = (44100, 24000)
AUDIOGRAMS = {name: listener.left for name, listener in STANDARD_LISTENERS.items()} | {
    "none": Audiogram((250, 1000, 8000), (0, -5, 0)),
    "only at 8 kHz": Audiogram((250, 6000, 8000), (0, 0, 60)),
    "as in the challenges": Audiogram(
        (250, 500, 1000, 2000, 3000, 4000, 6000, 8000), (45, 45, 35, 45, 60, 65, 70, 65)
    ),
}
ROUNDING = (1e-6, 1e-8, 1e-9, 1e-9, 1e-9, 1e-9)  # by band
CROSSOVERS = (353.55, 707.11, 1414.21, 2828.43, 5656.85)
RATIOS = (2.1, 1.5, 1.3, 1.5, 2.4, 3.7)
GAINS = (9.6, 11.9, 12.9, 16.4, 19.0, 28.0)
ATTACK = (0.011, 0.011, 0.014, 0.013, 0.011, 0.011)
RELEASE = (0.080, 0.080, 0.080, 0.080, 0.100, 0.100)
BANDS = tuple(Band(-30.0, *band) for band in zip(RATIOS, ATTACK, RELEASE, GAINS, strict=True))


@pytest.fixture(scope="module", params=["noise", "music"])
def sound(request):
    """A second, with silence in it."""
    if request.param == "noise":
        samples = 0.2 * np.random.default_rng(1).standard_normal(44100)
    else:
        samples = generate_song(1, 1.0).samples.sum(axis=0)[0].astype(np.float64)
    samples[20000:25000] = 0
    return samples


@pytest.fixture
def theirs():
    """Pyclarity's classes; what it warns of and logs is its own business."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from clarity.enhancer import compressor, multiband_compressor, nalr
        from clarity.utils.audiogram import Audiogram as TheirAudiogram
    logging.getLogger("matplotlib").setLevel(logging.WARNING)

    class Theirs:
        NALR = nalr.NALR
        Compressor = compressor.Compressor
        MultibandCompressor = multiband_compressor.MultibandCompressor

        @staticmethod
        def audiogram(ours):
            return TheirAudiogram(np.array(ours.thresholds), np.array(ours.frequencies))

        @staticmethod
        def compressed(samples, rate, **of_bands):
            of_all = {
                "attack": [1000 * seconds for seconds in ATTACK],
                "release": [1000 * seconds for seconds in RELEASE],
                "threshold": [-30] * 6,
                "ratio": list(RATIOS),
                "makeup_gain": list(GAINS),
            }
            one = multiband_compressor.MultibandCompressor(list(CROSSOVERS), rate)
            one.set_compressors(**(of_all | of_bands))
            with np.errstate(all="ignore"):
                return one(samples.copy(), return_bands=True)

    return Theirs


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("name", AUDIOGRAMS)
def test_the_filter_of_nalr_is_theirs(theirs, name, rate):
    audiogram = AUDIOGRAMS[name]
    for order in (ORDER, 140):
        expected, _ = theirs.NALR(order, rate).build(theirs.audiogram(audiogram))
        np.testing.assert_allclose(nalr_filter(audiogram, rate, order), expected, atol=1e-12)


def test_what_nalr_makes_is_theirs(theirs, sound):
    ears = theirs.NALR(ORDER, 44100)
    response, _ = ears.build(theirs.audiogram(AUDIOGRAMS["S2"]))
    ours = filtered(sound, nalr_filter(AUDIOGRAMS["S2"], 44100))
    assert ours.size == sound.size + ORDER
    np.testing.assert_allclose(ours, ears.apply(response, sound), atol=1e-9)


def test_an_ear_without_loss_hears_it_later():
    ours = filtered(np.array([1.0, 2.0]), nalr_filter(AUDIOGRAMS["none"], 44100))
    np.testing.assert_allclose(ours[ORDER // 2 :][:2], [1, 2], atol=1e-12)
    assert np.abs(ours).sum() == pytest.approx(3)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(
    ("ours", "words"),
    [
        (Compressor(), {"threshold": 0.35, "attack": 50, "release": 1000}),
        (
            Compressor(threshold=0.7, attack=0.005, release=0.02),
            {"threshold": 0.7, "attack": 5, "release": 20},
        ),
    ],
    ids=["task 1", "task 2"],
)
def test_the_compressor_is_theirs(theirs, sound, ours, words, rate):
    loud = 6 * sound
    one = theirs.Compressor(fs=rate, attenuation=0.1, rms_buffer_size=0.064, **words)
    expected, _, gains = one.process(loud)
    assert min(gains) < 0.9
    np.testing.assert_allclose(ours.compressed(loud, rate), expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("rate", RATES)
def test_the_bands_are_theirs(theirs, sound, rate):
    _, expected = theirs.compressed(sound, rate, ratio=1.0, makeup_gain=0.0)
    bands = list(bands_of(sound, CROSSOVERS, rate))
    # Theirs round: all-passes of the eighth order have eight poles close to each other, and to 1.
    for ours, other, rounding in zip(bands, expected[:, 0], ROUNDING, strict=True):
        np.testing.assert_allclose(ours, other, rtol=0, atol=rounding)


def test_the_bands_sum_to_an_all_pass():
    pulse = np.zeros(1 << 15)
    pulse[0] = 1
    whole = np.abs(np.fft.rfft(sum(bands_of(pulse, CROSSOVERS, 44100))))
    np.testing.assert_allclose(whole, 1, atol=1e-9)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("level", [1.0, 0.01])
def test_the_multiband_compressor_is_theirs(theirs, sound, level, rate):
    samples = level * sound
    (expected,), _ = theirs.compressed(samples, rate)
    ours = MultibandCompressor(CROSSOVERS, BANDS).compressed(samples, rate)
    np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-6)


def test_what_is_below_the_threshold_is_only_amplified():
    quiet = 1e-4 * np.random.default_rng(2).standard_normal(2000)
    alike = tuple(Band(-30.0, 4.0, 0.01, 0.1, 20.0) for _ in range(6))
    ours = MultibandCompressor(CROSSOVERS, alike).compressed(quiet, 44100)
    np.testing.assert_allclose(ours, 10 * sum(bands_of(quiet, CROSSOVERS, 44100)), atol=1e-15)
