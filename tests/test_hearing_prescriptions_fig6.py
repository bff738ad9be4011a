import pytest
from hearing_strategies import audiograms
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.hearing.audiogram import Audiogram
from hclarity.hearing.insertion_gains import AUDIOMETRIC_HZ
from hclarity.hearing.prescriptions.fig6 import fig6


def gain(loss, level):
    return fig6(Audiogram((250, 1000, 4000), (loss, loss, loss)), level).at(1000)


@pytest.mark.parametrize(
    ("level", "by_loss"),
    [
        (40, {10: 0, 19.9: 0, 20: 0, 45: 25, 60: 40, 80: 50, 120: 70}),
        (65, {10: 0, 19.9: 0, 20: 0, 45: 15, 60: 24, 60.1: 25.08, 80: 41, 120: 73}),
        (95, {10: 0, 40: 0, 50: 0.1 * 10**1.4, 80: 17.494, 120: 0.1 * 80**1.4}),
    ],
)
def test_the_three_rules_by_hand(level, by_loss):
    found = {loss: gain(loss, level) for loss in by_loss}
    assert found == pytest.approx(by_loss, abs=0.01)


def test_between_the_rules_gain_is_linear_over_level():
    assert gain(80, 52.5) == pytest.approx((50 + 41) / 2)
    assert gain(80, 80) == pytest.approx((41 + 17.494) / 2, abs=0.001)
    assert gain(80, 10) == gain(80, 40)
    assert gain(80, 120) == gain(80, 95)


def test_what_is_not_said_is_a_level_of_65_db():
    ear = Audiogram((250, 1000, 4000), (30, 50, 90))
    assert fig6(ear) == fig6(ear, 65)
    assert fig6(ear).frequencies == AUDIOMETRIC_HZ


@settings(deadline=None, max_examples=50)
@given(audiograms(), st.floats(0, 120), st.data())
def test_more_loss_never_means_less_gain_at_any_level(audiogram, level, data):
    worse = data.draw(st.tuples(*(st.floats(level, 120) for level in audiogram.thresholds)))
    before = fig6(audiogram, level)
    after = fig6(Audiogram(audiogram.frequencies, worse), level)
    for hz in AUDIOMETRIC_HZ:
        assert after.at(hz) >= before.at(hz) - 1e-9


@settings(deadline=None, max_examples=50)
@given(st.floats(-10, 110), st.floats(0, 120), st.floats(0, 120))
def test_up_to_110_db_hl_what_is_louder_is_never_given_more(loss, one, other):
    assert gain(loss, max(one, other)) <= gain(loss, min(one, other)) + 1e-9


def test_above_110_db_hl_the_published_rules_expand():
    assert gain(110, 65) == pytest.approx(gain(110, 40))
    assert gain(120, 65) > gain(120, 40)
