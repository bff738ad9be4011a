import pytest
from hearing_strategies import BISGAARD, audiograms
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hclarity.hearing.audiogram import Audiogram
from hclarity.hearing.insertion_gains import AUDIOMETRIC_HZ
from hclarity.hearing.prescriptions.nal import nalr, nalrp

# pyclarity's NAL-R for the standard audiograms, in dB at these Hz.
PUBLISHED_HZ = (250, 500, 1000, 2000, 4000, 6000)
PUBLISHED = {
    "N1": (0.00, 0.00, 5.85, 5.40, 9.05, 12.15),
    "N2": (0.00, 2.20, 12.75, 13.85, 15.95, 17.50),
    "N3": (0.10, 9.10, 19.65, 20.75, 22.85, 24.40),
    "N4": (8.80, 17.80, 26.80, 27.90, 30.00, 31.55),
    "N5": (17.37, 27.92, 38.47, 38.02, 37.02, 37.02),
    "N6": (23.95, 34.50, 45.05, 44.60, 46.70, 46.70),
    "N7": (34.40, 44.95, 57.05, 55.05, 54.05, 54.05),
    "S1": (0.00, 0.00, 5.85, 5.40, 16.80, 21.45),
    "S2": (0.00, 3.20, 13.75, 21.05, 32.45, 32.45),
    "S3": (0.80, 11.35, 28.10, 30.75, 31.30, 32.85),
}
# openMHA's NAL-RP for N7.
PROFOUND_HZ = (250, 500, 1000, 1500, 2000, 3000, 4000, 6000)
PROFOUND = (42.48, 50.03, 57.13, 54.13, 50.13, 49.13, 49.13, 49.13)


@pytest.mark.parametrize("name", PUBLISHED)
def test_nalr_of_the_standard_audiograms(name):
    gains = nalr(BISGAARD[name])
    assert [gains.at(hz) for hz in PUBLISHED_HZ] == pytest.approx(PUBLISHED[name], abs=0.01)


def test_nalr_between_the_octaves_by_hand():
    gains = nalr(BISGAARD["N3"])  # X = 0.05 (35 + 40 + 50) = 6.25
    assert gains.at(750) == pytest.approx(6.25 + 0.31 * 35 - 3)
    assert gains.at(1500) == pytest.approx(6.25 + 0.31 * 45 + 1)
    assert gains.at(3000) == pytest.approx(6.25 + 0.31 * 55 - 2)
    assert gains.at(20) == gains.at(250)
    assert gains.at(20000) == gains.at(6000)


@pytest.mark.parametrize("rule", [nalr, nalrp])
def test_the_two_slopes_meet(rule):
    at_the_bend = rule(Audiogram((500, 1000, 2000), (60, 60, 60)))
    just_above = rule(Audiogram((500, 1000, 2000), (60, 60, 60.001)))
    assert just_above.at(1000) == pytest.approx(at_the_bend.at(1000), abs=0.001)


def test_nalrp_of_a_profound_loss():
    gains = nalrp(BISGAARD["N7"])
    assert [gains.at(hz) for hz in PROFOUND_HZ] == pytest.approx(PROFOUND, abs=0.01)


@pytest.mark.parametrize("name", [name for name in PUBLISHED if name != "N7"])
def test_without_a_profound_loss_nalrp_is_nearly_nalr(name):
    # pyclarity rounds the second slope: to 0.116 for each dB of the sum, which is 0.35 / 3.
    ours, others = nalrp(BISGAARD[name]), nalr(BISGAARD[name])
    assert ours.gains_db == pytest.approx(others.gains_db, abs=0.06)


@settings(deadline=None)
@given(audiograms())
def test_nalrp_without_severe_loss_is_nalr(audiogram):
    total = sum(audiogram.threshold_at(hz) for hz in (500, 1000, 2000))
    assume(total <= 180 and audiogram.threshold_at(2000) <= 90)
    assert nalrp(audiogram).gains_db == pytest.approx(nalr(audiogram).gains_db, abs=1e-9)


def correction(at_2000_hz):
    """What the table adds, the rest of the formula being taken off."""
    gains = nalrp(Audiogram((500, 1000, 2000, 3000), (100, 100, at_2000_hz, 100)))
    total = 200 + at_2000_hz
    x = 0.05 * total + (total - 180) / 15
    return [gains.at(hz) - x - 31 - k for hz, k in ((250, -17), (1000, 1), (3000, -2))]


@pytest.mark.parametrize(
    ("at_2000_hz", "expected"),
    [
        (90, (0, 0, 0)),
        (92.5, (2, 0, -1)),
        (95, (4, 0, -2)),
        (102, (6.8, 0, -3.8)),
        (110, (11, 0, -6)),
        (120, (15, 0, -9)),
    ],
)
def test_the_profound_correction_by_the_loss_at_2_khz(at_2000_hz, expected):
    assert correction(at_2000_hz) == pytest.approx(expected)


@settings(deadline=None)
@given(st.floats(-10, 119.9))
def test_a_tenth_of_a_decibel_changes_little(at_2000_hz):
    for before, after in zip(
        *(
            nalrp(Audiogram((500, 1000, 2000, 4000), (100, 100, hl, 100))).gains_db
            for hl in (at_2000_hz, at_2000_hz + 0.1)
        ),
        strict=True,
    ):
        assert abs(after - before) < 0.1


def test_more_loss_at_2_khz_can_mean_less_gain_above_with_nalrp_only():
    loss = [Audiogram((500, 1000, 2000, 4000), (100, 100, hl, 100)) for hl in (95, 120)]
    assert [round(nalrp(ear).at(4000), 2) for ear in loss] == [49.42, 45.33]
    assert nalr(loss[1]).at(4000) > nalr(loss[0]).at(4000)
    for hz in AUDIOMETRIC_HZ[:3]:
        assert nalrp(loss[1]).at(hz) > nalrp(loss[0]).at(hz)


def test_at_2_khz_alone_the_table_can_cost_a_fifth_of_a_decibel():
    steep = [Audiogram((500, 1000, 2000, 4000), (20, 40, hl, 100)) for hl in (100, 105)]
    assert nalrp(steep[1]).at(2000) - nalrp(steep[0]).at(2000) == pytest.approx(-0.2)
