import math

import pytest

from hclarity.training.schedule import LearningRate
from hclarity.training.sections import Schedule


def factors(schedule: Schedule, steps: int = 100) -> list[float]:
    rate = LearningRate(schedule)
    return [rate.factor(step, (step - 1) / steps) for step in range(1, steps + 1)]


def test_hold_rises_holds_and_falls_in_a_line():
    found = factors(Schedule(name="hold", warmup=10, cooldown=0.2))
    assert found[:10] == pytest.approx([step / 10 for step in range(1, 11)])
    assert found[10:80] == [1.0] * 70
    assert found[80:] == pytest.approx([1 - step / 20 for step in range(20)])
    assert LearningRate(Schedule(cooldown=0.5)).factor(9, 1.0) == 0.01  # never nothing at all


def test_hold_without_an_end_stays():
    assert factors(Schedule(name="hold", cooldown=0.0)) == [1.0] * 100


def test_cosine_is_half_a_wave():
    found = factors(Schedule(name="cosine"))
    assert found == pytest.approx(
        [0.5 + 0.5 * math.cos(math.pi * step / 100) for step in range(100)]
    )
    assert LearningRate(Schedule(name="cosine")).factor(100, 1.0) == pytest.approx(0, abs=1e-12)


def test_decay_falls_every_so_many_validations():
    rate = LearningRate(Schedule(name="decay", factor=0.98, every=2))
    found = []
    for _ in range(5):
        rate.validated(1.0)
        found.append(rate.factor(50, 0.9))
    assert found == pytest.approx([1, 0.98, 0.98, 0.98**2, 0.98**2])


def test_plateau_falls_after_so_many_validations_without_a_better_one():
    rate = LearningRate(Schedule(name="plateau", factor=0.5, every=2))
    found = []
    for score in (1.0, 2.0, 1.5, 1.9, 1.9, 3.0, 2.0, 2.0):
        rate.validated(score)
        found.append(rate.factor(50, 0.9))
    assert found == [1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25]


@pytest.mark.parametrize("name", ["decay", "plateau"])
def test_a_schedule_goes_on_where_it_was(name):
    schedule = Schedule(name=name, every=3)
    whole, first, second = (LearningRate(schedule) for _ in range(3))
    scores = [5.0, 4.0, 3.0, 2.0, 1.0, 0.0, -1.0]
    for score in scores:
        whole.validated(score)
    for score in scores[:4]:
        first.validated(score)
    second.load_state_dict(first.state_dict())
    for score in scores[4:]:
        second.validated(score)
    assert second.state_dict() == whole.state_dict()
    assert whole.factor(9, 0.5) == 0.25


def test_no_song_to_judge_by_is_no_reason_to_slow_down():
    rate = LearningRate(Schedule("plateau", factor=0.5, every=2))
    for _ in range(9):
        rate.validated(-math.inf)
    assert rate.factor(1, 0.5) == 1
