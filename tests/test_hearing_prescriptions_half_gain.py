from hearing_strategies import audiograms
from hypothesis import given, settings

from hclarity.hearing.audiogram import Audiogram
from hclarity.hearing.prescriptions.half_gain import half_gain


def test_half_the_loss():
    gains = half_gain(Audiogram((250, 1000, 4000), (-10, 30, 75)))
    assert (gains.at(250), gains.at(1000), gains.at(4000)) == (0, 15, 37.5)
    assert gains.at(2000) == 0.5 * 52.5


@settings(deadline=None, max_examples=50)
@given(audiograms())
def test_half_the_loss_at_every_frequency(audiogram):
    gains = half_gain(audiogram)
    for hz in gains.frequencies:
        assert gains.at(hz) == max(0.0, audiogram.threshold_at(hz) / 2) or gains.is_zero
