from dataclasses import asdict, replace
from math import inf, nan
from operator import lt

import numpy as np
import pytest
from hearing_strategies import BISGAARD, NO_LOSS, audiograms
from hypothesis import given, settings

from hclarity.errors import BadDataError
from hclarity.hearing.audiogram import Audiogram, Listener
from hclarity.hearing.speech_spectrum import band_levels
from hclarity.hearing.wdrc import EarCompression, Wdrc, cadenza_wdrc, cadenza_wdrc_for, wdrc_for

# The challenge's example listener, and what CAMFIT makes of it at 65, and at 55 and 85 dB SPL.
EXAMPLE = Audiogram(
    (250, 500, 1000, 2000, 3000, 4000, 6000, 8000), (45, 45, 35, 45, 60, 65, 70, 65)
)
GAINS = (9.5, 12.4, 15.7, 18.8, 20.5, 32.5)
RATIOS = (2.02, 1.48, 1.11, 1.33, 2.22, 5.06)

CROSSOVERS = (353.55, 707.11, 1414.21, 2828.43, 5656.85)

TWO_BANDS = Wdrc(
    crossovers_hz=(1000,),
    thresholds_db=(-30, -32),
    attack_s=(0.01, 0.02),
    release_s=(0.1, 0.2),
    input_lufs=-40,
    left=EarCompression((1, 2), (0, 3)),
    right=EarCompression((3, 1), (-3, 0)),
)


def test_the_ratios_and_gains_of_the_example_listener():
    wdrc = cadenza_wdrc_for(Listener(EXAMPLE, BISGAARD["N1"]), makeup=True)
    assert wdrc.left.gains_db == pytest.approx(GAINS, abs=0.05)
    assert wdrc.left.ratios == pytest.approx(RATIOS, abs=0.005)
    assert wdrc.right != wdrc.left


def test_without_makeup_only_the_gains_differ():
    listener = Listener(EXAMPLE, BISGAARD["N4"])
    plain, made_up = (cadenza_wdrc_for(listener, makeup=makeup) for makeup in (False, True))
    assert plain.left.gains_db == plain.right.gains_db == (0,) * 6
    assert replace(made_up, left=plain.left, right=plain.right) == plain
    assert plain.right.ratios == made_up.right.ratios


def test_bands_and_times_are_the_challenges():
    wdrc = cadenza_wdrc_for(Listener(EXAMPLE, EXAMPLE), makeup=False)
    assert wdrc.crossovers_hz == (353.55, 707.11, 1414.21, 2828.43, 5656.85)
    assert wdrc.attack_s == (0.011, 0.011, 0.014, 0.013, 0.011, 0.011)
    assert wdrc.release_s == (0.080, 0.080, 0.080, 0.080, 0.100, 0.100)
    assert (wdrc.thresholds_db, wdrc.input_lufs) == ((-30,) * 6, -40)
    assert cadenza_wdrc(wdrc.left, wdrc.right) == wdrc


def test_usual_levels_are_those_of_speech_as_loud_as_the_song():
    levels = np.array(wdrc_for(Listener(EXAMPLE, EXAMPLE)).usual_levels_db)
    assert 10 * np.log10(np.sum(10 ** (levels / 10))) == pytest.approx(-43.5, abs=0.05)
    assert levels == pytest.approx(band_levels((0, *CROSSOVERS, inf)) - 113.5)


def test_the_usual_level_is_15_db_above_our_thresholds_and_left_alone():
    wdrc = wdrc_for(Listener(EXAMPLE, BISGAARD["S2"]))
    assert (wdrc.crossovers_hz, wdrc.input_lufs) == (CROSSOVERS, -40)
    above = np.array(wdrc.usual_levels_db) - wdrc.thresholds_db
    assert above == pytest.approx([15] * 6)
    assert wdrc.left.ratios == pytest.approx(RATIOS, abs=0.005)
    for ear in (wdrc.left, wdrc.right):
        assert wdrc.usual_gains_db(ear) == pytest.approx([0] * 6, abs=1e-9)
        assert ear.gains_db == pytest.approx([15 - 15 / ratio for ratio in ear.ratios])


def test_at_the_usual_level_the_challenges_compressor_only_amplifies():
    wdrc = cadenza_wdrc_for(Listener(EXAMPLE, EXAMPLE), makeup=True)
    assert wdrc.usual_gains_db(wdrc.left) == wdrc.left.gains_db
    louder = replace(wdrc, input_lufs=-20)
    assert all(map(lt, louder.usual_gains_db(wdrc.left)[:2], wdrc.left.gains_db))


@settings(deadline=None, max_examples=50)
@given(audiograms(), audiograms())
def test_any_listener_is_given_something_within_bounds(left, right):
    wdrc = cadenza_wdrc_for(Listener(left, right), makeup=True)
    for ear in (wdrc.left, wdrc.right):
        assert all(1 <= ratio <= 6 for ratio in ear.ratios)
        assert all(0 <= gain <= 35 for gain in ear.gains_db)
    ours = wdrc_for(Listener(left, right))
    assert [ours.left.ratios, ours.right.ratios] == [wdrc.left.ratios, wdrc.right.ratios]
    assert all(0 <= gain < 15 for gain in (*ours.left.gains_db, *ours.right.gains_db))
    swapped = wdrc_for(Listener(right, left))
    assert (swapped.left, swapped.right) == (ours.right, ours.left)


def test_an_ear_without_loss_is_given_nothing():
    for wdrc in (
        wdrc_for(Listener(NO_LOSS, EXAMPLE)),
        cadenza_wdrc_for(Listener(NO_LOSS, EXAMPLE), makeup=True),
    ):
        assert wdrc.left.is_none
        assert not wdrc.right.is_none
        assert not wdrc.is_none
    assert wdrc_for(Listener(NO_LOSS, NO_LOSS)).is_none
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
        ({"crossovers_hz": (500, 1000)}, "expected 3 thresholds, one for each band, got 2"),
        ({"thresholds_db": (0, -201)}, "the threshold must be -200 to 200 dB, got -201"),
        ({"thresholds_db": (0, nan)}, "got nan"),
        ({"thresholds_db": (0,)}, "expected 2 thresholds, one for each band, got 1"),
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
