from math import inf, nan

import numpy as np
import pytest
from hearing_strategies import BISGAARD, NO_LOSS, audiograms
from hypothesis import given, settings

from hclarity.errors import BadDataError, UsageError
from hclarity.hearing.audiogram import Audiogram, Listener
from hclarity.hearing.cadenza_filter import cadenza_filter, nalr_filter
from hclarity.hearing.insertion_gains import NO_GAIN, InsertionGains
from hclarity.hearing.prescriptions.nal import nalr
from hclarity.hearing.wdrc import cadenza_wdrc_for, wdrc_for
from hclarity.remixing.plan import GainPlan
from hclarity.remixing.planning import plan_for

UNCHANGED = GainPlan({})


@settings(deadline=None)
@given(audiograms(), audiograms())
def test_a_listener_is_prescribed_gain_for_each_ear(left, right):
    listener = Listener(left, right)
    plan = plan_for(listener, stem_gains={"vocals": 3}, loudness=-16, ceiling=-2)
    for gains, ear in ((plan.left, left), (plan.right, right)):
        assert gains.gains_db == pytest.approx(nalr(ear).gains_db, abs=0.00501)
        assert gains.gains_db == tuple(round(gain, 2) for gain in gains.gains_db)
    others = GainPlan({"vocals": 3}, plan.left, plan.right, loudness=-16.0, ceiling_db=-2.0)
    assert plan == others


def test_without_listener_or_prescription_there_is_no_insertion_gain():
    listener = Listener(BISGAARD["N3"], BISGAARD["N7"])
    for plan in (
        plan_for(None, stem_gains={}),
        plan_for(listener, prescription="none", stem_gains={}),
        plan_for(Listener(NO_LOSS, NO_LOSS), stem_gains={"vocals": 0}),
    ):
        assert plan.left == plan.right == NO_GAIN
        assert plan.is_identity


@pytest.mark.parametrize(
    "change",
    [
        {"stem_gains": {"vocals": 0, "drums": -0.5}},
        {"left": InsertionGains((1000,), (1,))},
        {"right": InsertionGains((1000,), (-1,))},
        {"loudness": -16},
        {"wdrc": wdrc_for(Listener(NO_LOSS, BISGAARD["N3"]))},
    ],
)
def test_any_gain_at_all_is_no_identity(change):
    assert UNCHANGED.is_identity
    assert not GainPlan(**{"stem_gains": {}, **change}).is_identity


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"loudness": 0.5}, "loudness must be -60 to 0 LUFS, got 0.5"),
        ({"loudness": -61}, "got -61"),
        ({"loudness": nan}, "got nan"),
        ({"ceiling_db": 0.1}, "ceiling must be -20 to 0 dBTP, got 0.1"),
        ({"ceiling_db": -inf}, "got -inf"),
        ({"stem_gains": {"vocals": 12}}, "12 dB for vocals"),
    ],
)
def test_a_plan_beyond_reason_is_refused(change, complaint):
    with pytest.raises(BadDataError, match=complaint):
        GainPlan(**{"stem_gains": {}, **change})


def test_a_table_of_gains_takes_the_place_of_a_prescription():
    left, right = InsertionGains((500, 2000), (3, 12)), InsertionGains((1000,), (6,))
    plan = plan_for(None, prescription=(left, right), stem_gains={})
    assert (plan.left, plan.right) == (left, right)


N3 = Listener(BISGAARD["N3"], BISGAARD["N3"])


def test_compression_is_for_a_listener():
    plan = plan_for(N3, wdrc=True, stem_gains={})
    assert plan.wdrc == wdrc_for(N3)
    assert plan.left.gains_db == pytest.approx(nalr(BISGAARD["N3"]).gains_db, abs=0.00501)
    with pytest.raises(UsageError, match="compression needs an audiogram"):
        plan_for(None, prescription="none", wdrc=True, stem_gains={})


def test_compression_that_does_nothing_is_none():
    plan = plan_for(Listener(NO_LOSS, NO_LOSS), wdrc=True, stem_gains={})
    assert plan.wdrc is None
    assert plan.is_identity
    assert not plan.is_amplified


@settings(deadline=None, max_examples=50)
@given(audiograms())
def test_the_challenges_filter_is_theirs_for_any_audiogram(audiogram):
    """To which six thresholds are known, whatever else was measured."""
    plan = plan_for(Listener(audiogram, NO_LOSS), as_cadenza=True, stem_gains={})
    ours, theirs = cadenza_filter(plan.left, 44100), nalr_filter(audiogram, 44100)
    np.testing.assert_allclose(ours, theirs, atol=1e-12 * np.abs(theirs).max())


def test_a_loss_that_the_challenges_filter_does_not_know_of_is_left_alone():
    beyond = Audiogram((250, 6000, 8000), (0, 0, 60))
    assert not plan_for(Listener(beyond, beyond), stem_gains={}).is_identity
    assert plan_for(Listener(beyond, beyond), as_cadenza=True, stem_gains={}).is_identity


def test_as_the_challenges_do_it():
    assert plan_for(N3, as_cadenza=True, stem_gains={}).filter == "cadenza"
    fitted = plan_for(N3, prescription="camfit", wdrc=True, as_cadenza=True, stem_gains={})
    assert fitted.wdrc == cadenza_wdrc_for(N3, makeup=True)
    assert fitted.left.is_zero
    assert plan_for(N3, as_cadenza=True, wdrc=True, stem_gains={}).wdrc == cadenza_wdrc_for(
        N3, makeup=False
    )
    for words in ({"prescription": "camfit"}, {"prescription": "fig6", "wdrc": True}):
        with pytest.raises(UsageError, match="amplify by nalr, or by camfit with wdrc"):
            plan_for(N3, as_cadenza=True, stem_gains={}, **words)
