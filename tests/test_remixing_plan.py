import json
from math import inf, nan

import pytest
from hearing_strategies import BISGAARD, NO_LOSS, audiograms
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.errors import BadDataError
from hclarity.hearing.audiogram import Listener
from hclarity.hearing.insertion_gains import NO_GAIN, InsertionGains
from hclarity.hearing.prescriptions import nalr
from hclarity.remixing.plan import GainPlan, plan_for

UNCHANGED = GainPlan({})


@st.composite
def insertion_gains(draw):
    frequencies = draw(st.lists(st.floats(1e-3, 1e5), min_size=1, max_size=9, unique=True))
    gains = [draw(st.floats(-80, 80)) for _ in frequencies]
    return InsertionGains(tuple(sorted(frequencies)), tuple(gains))


names = st.text(min_size=1).filter(str.isprintable)
plans = st.builds(
    GainPlan,
    stem_gains=st.dictionaries(names, st.floats(-60, 10), max_size=5),
    left=insertion_gains(),
    right=insertion_gains(),
    loudness=st.just("match") | st.floats(-60, 0),
    ceiling_db=st.floats(-20, 0),
)


@settings(deadline=None)
@given(plans)
def test_a_plan_that_is_saved_and_fed_back_is_the_same_plan(plan):
    assert GainPlan.from_json(plan.to_json()) == plan


@settings(deadline=None)
@given(audiograms(), audiograms())
def test_a_listener_is_prescribed_gain_for_each_ear(left, right):
    listener = Listener(left, right)
    plan = plan_for(listener, stem_gains={"vocals": 3}, loudness=-16, ceiling=-2)
    assert plan == GainPlan({"vocals": 3}, nalr(left), nalr(right), -16.0, -2.0)


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


def changed(**changes):
    content = {**json.loads(UNCHANGED.to_json()), **changes}
    return json.dumps({key: value for key, value in content.items() if value != "gone"})


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "not JSON"),
        ("[]", "a gain plan must be an object, got a list"),
        (changed(loudness=-16), "unknown key 'loudness'; a gain plan has .*loudness_lufs"),
        (changed(ceiling_dbtp="gone"), "the gain plan has no ceiling_dbtp"),
        (changed(left_db_at_hz="gone"), "has no left_db_at_hz"),
        (changed(ceiling_dbtp=nan), "NaN is not a number"),
        (changed(ceiling_dbtp=None), "ceiling_dbtp must be a number, got null"),
        (changed(ceiling_dbtp=3), "ceiling must be -20 to 0 dBTP, got 3"),
        (changed(loudness_lufs="loud"), 'loudness_lufs, unless "match", must be a number'),
        (changed(loudness_lufs=True), "must be a number, got true"),
        (changed(stem_gains_db={"vocals": "3"}), "'vocals' in stem_gains_db must be a number"),
        (changed(stem_gains_db=[3]), "stem_gains_db must be an object, got a list"),
        (changed(stem_gains_db={"vocals": 99}), "99 dB for vocals"),
        (changed(left_db_at_hz={}), "left_db_at_hz: .*0 gains"),
        (changed(left_db_at_hz={"1k": 3}), "left_db_at_hz needs frequencies in Hz"),
        (changed(left_db_at_hz={"0": 3}), "left_db_at_hz: .* above 0 Hz, got 0 Hz"),
        (changed(right_db_at_hz={"500": 99}), "right_db_at_hz: 99 dB at 500 Hz"),
        (changed(right_db_at_hz={"500": 1, "500.0": 2}), "500 Hz after 500 Hz"),
        (changed(right_db_at_hz={"500": None}), "'500' in right_db_at_hz must be a number"),
        (UNCHANGED.to_json().replace("1000", "nan"), "nan"),
        (UNCHANGED.to_json().replace("0.0", "1e999"), "inf dB at 1000 Hz"),
    ],
)
def test_a_plan_spoilt_by_hand_is_refused(text, complaint):
    with pytest.raises(BadDataError, match=complaint) as caught:
        GainPlan.from_json(text)
    assert str(caught.value).isprintable()


def test_the_json_is_meant_to_be_read():
    plan = plan_for(Listener(NO_LOSS, BISGAARD["N3"]), stem_gains={"vocals": 3})
    content = json.loads(plan.to_json())
    assert content["stem_gains_db"] == {"vocals": 3}
    assert content["right_db_at_hz"]["1000"] == pytest.approx(19.65)
    assert content["loudness_lufs"] == "match"
