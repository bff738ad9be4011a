from dataclasses import asdict, replace
from math import inf, nan

import pytest
from hearing_strategies import BISGAARD, NO_LOSS, audiograms
from hypothesis import given, settings

from hclarity.errors import BadDataError
from hclarity.hearing.audiogram import Audiogram, Listener
from hclarity.hearing.wdrc import EarCompression, Wdrc, cadenza_wdrc, wdrc_for

# The challenge's example listener, and what CAMFIT makes of it at 65, and at 55 and 85 dB SPL.
EXAMPLE = Audiogram(
    (250, 500, 1000, 2000, 3000, 4000, 6000, 8000), (45, 45, 35, 45, 60, 65, 70, 65)
)
GAINS = (9.5, 12.4, 15.7, 18.8, 20.5, 32.5)
RATIOS = (2.02, 1.48, 1.11, 1.33, 2.22, 5.06)

TWO_BANDS = Wdrc(
    crossovers_hz=(1000,),
    threshold_db=-30,
    attack_s=(0.01, 0.02),
    release_s=(0.1, 0.2),
    input_lufs=-40,
    left=EarCompression((1, 2), (0, 3)),
    right=EarCompression((3, 1), (-3, 0)),
)


def test_the_ratios_and_gains_of_the_example_listener():
    wdrc = wdrc_for(Listener(EXAMPLE, BISGAARD["N1"]), makeup=True)
    assert wdrc.left.gains_db == pytest.approx(GAINS, abs=0.05)
    assert wdrc.left.ratios == pytest.approx(RATIOS, abs=0.005)
    assert wdrc.right != wdrc.left


def test_without_makeup_only_the_gains_differ():
    listener = Listener(EXAMPLE, BISGAARD["N4"])
    plain, made_up = (wdrc_for(listener, makeup=makeup) for makeup in (False, True))
    assert plain.left.gains_db == plain.right.gains_db == (0,) * 6
    assert replace(made_up, left=plain.left, right=plain.right) == plain
    assert plain.right.ratios == made_up.right.ratios


def test_bands_and_times_are_the_challenges():
    wdrc = wdrc_for(Listener(EXAMPLE, EXAMPLE), makeup=False)
    assert wdrc.crossovers_hz == (353.55, 707.11, 1414.21, 2828.43, 5656.85)
    assert wdrc.attack_s == (0.011, 0.011, 0.014, 0.013, 0.011, 0.011)
    assert wdrc.release_s == (0.080, 0.080, 0.080, 0.080, 0.100, 0.100)
    assert (wdrc.threshold_db, wdrc.input_lufs) == (-30, -40)
    assert cadenza_wdrc(wdrc.left, wdrc.right) == wdrc


@settings(deadline=None, max_examples=50)
@given(audiograms(), audiograms())
def test_any_listener_is_given_something_within_bounds(left, right):
    wdrc = wdrc_for(Listener(left, right), makeup=True)
    for ear in (wdrc.left, wdrc.right):
        assert all(1 <= ratio <= 6 for ratio in ear.ratios)
        assert all(0 <= gain <= 35 for gain in ear.gains_db)
    swapped = wdrc_for(Listener(right, left), makeup=True)
    assert (swapped.left, swapped.right) == (wdrc.right, wdrc.left)


def test_an_ear_without_loss_is_given_nothing():
    wdrc = wdrc_for(Listener(NO_LOSS, EXAMPLE), makeup=True)
    assert wdrc.left.is_none
    assert not wdrc.right.is_none
    assert not EarCompression((1, 1), (0, 1)).is_none
    assert not EarCompression((1, 2), (0, 0)).is_none


def test_numbers_out_of_json_make_the_same_value():
    content = asdict(TWO_BANDS)
    ears = {ear: EarCompression(**content.pop(ear)) for ear in ("left", "right")}
    lists = {key: list(v) if isinstance(v, tuple) else v for key, v in content.items()}
    again = Wdrc(**lists, **ears)
    assert again == TWO_BANDS
    assert hash(again) == hash(TWO_BANDS)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"crossovers_hz": ()}, "expected 1 to 15 crossovers, got 0"),
        ({"crossovers_hz": tuple(range(100, 116))}, "expected 1 to 15 crossovers, got 16"),
        ({"crossovers_hz": (10,)}, "the crossover must be 20 to 20000 Hz, got 10"),
        ({"crossovers_hz": (nan,)}, "got nan"),
        ({"crossovers_hz": (2000, 1000)}, "frequencies must ascend, got 1000 Hz after 2000 Hz"),
        ({"crossovers_hz": (500, 1000)}, "expected 3 attack times, one for each band, got 2"),
        ({"threshold_db": -201}, "the threshold must be -200 to 200 dB, got -201"),
        ({"threshold_db": nan}, "got nan"),
        ({"attack_s": (0, 0.1)}, "the attack must be 0.0001 to 10 s, got 0"),
        ({"attack_s": (0.1,)}, "expected 2 attack times, one for each band, got 1"),
        ({"release_s": (0.1, inf)}, "the release must be 0.0001 to 10 s, got inf"),
        ({"release_s": (0.1,) * 3}, "expected 2 release times, one for each band, got 3"),
        ({"input_lufs": 1}, "the input must be -70 to 0 LUFS, got 1"),
        ({"left": EarCompression((1,), (0,))}, "expected 2 ratios in the left ear, .* got 1"),
        ({"right": EarCompression((1,), (0,))}, "expected 2 ratios in the right ear, .* got 1"),
    ],
)
def test_impossible_compression_is_refused_with_its_value(changes, complaint):
    with pytest.raises(BadDataError, match=complaint):
        replace(TWO_BANDS, **changes)


@pytest.mark.parametrize(
    ("ratios", "gains", "complaint"),
    [
        ((0.9,), (0,), "the ratio must be 1 to 20, got 0.9"),
        ((inf,), (0,), "the ratio must be 1 to 20, got inf"),
        ((nan,), (0,), "got nan"),
        ((1,), (81,), "the gain must be -80 to 80 dB, got 81"),
        ((1, 1), (0,), "2 ratios for 1 gains"),
    ],
)
def test_an_impossible_ear_is_refused_with_its_value(ratios, gains, complaint):
    with pytest.raises(BadDataError, match=complaint):
        EarCompression(ratios, gains)
