import json
from dataclasses import asdict
from math import nan

import pytest
from hearing_strategies import BISGAARD, NO_LOSS, audiograms
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.errors import BadDataError
from hclarity.hearing.audiogram import Listener
from hclarity.hearing.insertion_gains import InsertionGains
from hclarity.hearing.wdrc import cadenza_wdrc_for, wdrc_for
from hclarity.remixing.plan import GainPlan
from hclarity.remixing.plan_file import plan_document, plan_text, read_plan
from hclarity.remixing.planning import plan_for

UNCHANGED = GainPlan({})
COMPRESSED = asdict(wdrc_for(Listener(NO_LOSS, BISGAARD["N3"])))


@st.composite
def insertion_gains(draw):
    frequencies = draw(st.lists(st.floats(1e-3, 1e5), min_size=1, max_size=9, unique=True))
    gains = [draw(st.floats(-80, 80)) for _ in frequencies]
    return InsertionGains(tuple(sorted(frequencies)), tuple(gains))


names = st.text(min_size=1).filter(str.isprintable)
listeners = st.builds(Listener, audiograms(), audiograms())
plans = st.builds(
    GainPlan,
    stem_gains=st.dictionaries(names, st.floats(-60, 10), max_size=5),
    left=insertion_gains(),
    right=insertion_gains(),
    filter=st.sampled_from(["linear-phase", "cadenza"]),
    wdrc=st.none()
    | st.builds(wdrc_for, listeners)
    | st.builds(cadenza_wdrc_for, listeners, makeup=st.booleans()),
    loudness=st.just("match") | st.floats(-60, 0),
    ceiling_db=st.floats(-20, 0),
)


@settings(deadline=None)
@given(plans)
def test_a_plan_that_is_saved_and_fed_back_is_the_same_plan(plan):
    assert read_plan(plan_text(plan)) == plan


def changed(**changes):
    content = {**json.loads(plan_text(UNCHANGED)), **changes}
    return json.dumps({key: value for key, value in content.items() if value != "gone"})


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "not JSON"),
        ("[]", "a gain plan must be an object, got a list"),
        (changed(loudness=-16), "unknown key 'loudness'; a gain plan has .*loudness_lufs"),
        (changed(ceiling_dbtp="gone"), "a gain plan has no ceiling_dbtp"),
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
        (plan_text(UNCHANGED).replace("1000", "nan"), "nan"),
        (plan_text(UNCHANGED).replace("0.0", "1e999"), "inf dB at 1000 Hz"),
        (changed(filter="minimum-phase"), "filter must be linear-phase or cadenza, got 'minimum"),
        (changed(filter=None), "filter must be text, got null"),
        (changed(wdrc=3), "wdrc must be an object, got 3"),
        (changed(wdrc={**COMPRESSED, "knee_db": 3}), "unknown key 'knee_db'; wdrc has crossovers"),
        (changed(wdrc={**COMPRESSED, "left": {"ratios": [1] * 6}}), "left has no gains_db"),
        (changed(wdrc={**COMPRESSED, "attack_s": [99] * 6}), "wdrc: the attack must be .* got 99"),
        (changed(wdrc={**COMPRESSED, "attack_s": [0.01]}), "wdrc: "),
        (changed(wdrc={**COMPRESSED, "thresholds_db": -30}), "thresholds_db must be a list"),
    ],
)
def test_a_plan_spoilt_by_hand_is_refused(text, complaint):
    with pytest.raises(BadDataError, match=complaint) as caught:
        read_plan(text)
    assert str(caught.value).isprintable()


def test_the_json_is_meant_to_be_read():
    plan = plan_for(Listener(NO_LOSS, BISGAARD["N3"]), stem_gains={"vocals": 3})
    content = json.loads(plan_text(plan))
    assert content["stem_gains_db"] == {"vocals": 3}
    assert content["right_db_at_hz"]["1000"] == pytest.approx(19.65)
    assert content["loudness_lufs"] == "match"


def test_the_plan_within_a_report_is_read():
    plan = plan_for(Listener(NO_LOSS, BISGAARD["N3"]), stem_gains={"vocals": 3}, wdrc=True)
    report = {"version": "1", "plan": plan_document(plan), "result": {}}
    assert read_plan(json.dumps(report)) == plan


def test_numbers_for_each_band_stand_on_one_line():
    plan = plan_for(Listener(NO_LOSS, BISGAARD["N3"]), stem_gains={}, wdrc=True)
    assert '"attack_s": [ 0.011, 0.011, 0.014, 0.013, 0.011, 0.011 ]' in plan_text(plan)
