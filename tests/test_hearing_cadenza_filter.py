"""The challenges' filter against pyclarity's, on noise."""

import numpy as np
import pytest
from hearing_strategies import BISGAARD, NO_LOSS
from pyclarity_hearing import their_audiogram, their_nalr

from hclarity.hearing.audiogram import Audiogram
from hclarity.hearing.cadenza_filter import ORDER, cadenza_filter, filtered, nalr_filter
from hclarity.hearing.prescriptions.nal import nalr

AUDIOGRAMS = BISGAARD | {
    "none": NO_LOSS,
    "only at 8 kHz": Audiogram((250, 6000, 8000), (0, 0, 60)),
    "as in the challenges": Audiogram(
        (250, 500, 1000, 2000, 3000, 4000, 6000, 8000), (45, 45, 35, 45, 60, 65, 70, 65)
    ),
}


@pytest.mark.parametrize("rate", [44100, 24000])
@pytest.mark.parametrize("name", AUDIOGRAMS)
def test_the_filter_of_nalr_is_theirs(name, rate):
    audiogram = AUDIOGRAMS[name]
    for order in (ORDER, 140):
        expected, _ = their_nalr(order, rate).build(their_audiogram(audiogram))
        np.testing.assert_allclose(nalr_filter(audiogram, rate, order), expected, atol=1e-12)


@pytest.mark.parametrize("name", BISGAARD)
def test_of_gains_it_is_the_same_filter(name):
    audiogram = BISGAARD[name]
    np.testing.assert_allclose(
        cadenza_filter(nalr(audiogram), 44100), nalr_filter(audiogram, 44100), atol=1e-12
    )


def test_what_nalr_makes_is_theirs():
    sound = 0.2 * np.random.default_rng(1).standard_normal(44100)
    ears = their_nalr(ORDER, 44100)
    response, _ = ears.build(their_audiogram(AUDIOGRAMS["S2"]))
    ours = filtered(sound, nalr_filter(AUDIOGRAMS["S2"], 44100))
    assert ours.size == sound.size + ORDER
    np.testing.assert_allclose(ours, ears.apply(response, sound), atol=1e-9)


def test_an_ear_without_loss_hears_it_later():
    ours = filtered(np.array([1.0, 2.0]), nalr_filter(AUDIOGRAMS["none"], 44100))
    np.testing.assert_allclose(ours[ORDER // 2 :][:2], [1, 2], atol=1e-12)
    assert np.abs(ours).sum() == pytest.approx(3)


@pytest.mark.parametrize("rate", [8000, 12000])
def test_gains_beyond_what_a_rate_can_hold_are_left_out(rate):
    response = cadenza_filter(nalr(BISGAARD["N3"]), rate)
    assert np.isfinite(response).all()
    np.testing.assert_allclose(response, response[::-1], atol=1e-9)
