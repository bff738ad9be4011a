from dataclasses import replace

import pytest
from hearing_strategies import BISGAARD

from hclarity.errors import BadDataError, UsageError
from hclarity.hearing.audiogram import Listener
from hclarity.hearing.insertion_gains import InsertionGains
from hclarity.remixing.ear_levels import ALL_PRESCRIBED, EarLevels
from hclarity.remixing.plan import GainPlan
from hclarity.remixing.planning import plan_for

LISTENER = Listener(BISGAARD["N3"], BISGAARD["S2"])


def test_all_that_is_prescribed_changes_nothing() -> None:
    for wdrc in (False, True):
        plan = plan_for(LISTENER, wdrc=wdrc, stem_gains={"vocals": 3})
        assert ALL_PRESCRIBED.applied(plan) is plan


def test_a_share_of_each_gain_and_each_ear_by_itself() -> None:
    plan = GainPlan({}, InsertionGains((500, 4000), (10, 20.5)), InsertionGains((1000,), (-4,)))
    changed = EarLevels(50, -1.5, 0).applied(plan)
    assert changed.left == InsertionGains((500, 4000), (3.5, 8.75))
    assert changed.right == InsertionGains((1000,), (-2,))
    assert (changed.stem_gains, changed.loudness) == (plan.stem_gains, plan.loudness)


def test_none_of_it_is_none() -> None:
    plan = plan_for(LISTENER, stem_gains={})
    assert plan.is_amplified
    assert EarLevels(0).applied(plan).is_identity


@pytest.mark.parametrize("levels", [EarLevels(99), EarLevels(100, -1), EarLevels(100, 0, -1)])
@pytest.mark.parametrize("way", [{"wdrc": True}, {"as_cadenza": True}])
def test_what_is_prescribed_as_a_whole_is_not_changed(
    levels: EarLevels, way: dict[str, bool]
) -> None:
    with pytest.raises(UsageError, match="change linear gain only"):
        levels.applied(plan_for(LISTENER, stem_gains={}, **way))


@pytest.mark.parametrize("levels", [(-1, 0, 0), (101, 0, 0), (9, 1, 0), (9, 0, -61), (9, 0, 0.1)])
def test_what_is_out_of_range(levels: tuple[float, float, float]) -> None:
    with pytest.raises(BadDataError, match="must be"):
        EarLevels(*levels)
    with pytest.raises(BadDataError, match="must be"):
        replace(ALL_PRESCRIBED, prescription_percent=float("nan"))
