import pytest

from hclarity.hearing.audiogram import Audiogram, Listener
from hclarity.hearing.grades import (
    UNILATERAL,
    average_is_bound,
    average_is_known,
    grade,
    grade_is_bound,
    grade_is_estimated,
    pure_tone_average,
    untested_in_average,
)


def flat(level: float) -> Audiogram:
    return Audiogram((250, 1000, 8000), (level, level, level))


def test_the_average_is_of_four_frequencies():
    ear = Audiogram((250, 500, 1000, 2000, 4000, 8000), (99, 10, 20, 30, 60, 99))
    assert pure_tone_average(ear) == 30


def test_what_was_not_tested_lies_between_its_neighbours():
    assert pure_tone_average(Audiogram((500, 1000, 4000), (10, 20, 40))) == pytest.approx(25)


@pytest.mark.parametrize(
    ("level", "name", "range"),
    [
        (-10, "normal hearing", "below 20"),
        (19.9, "normal hearing", "below 20"),
        (20, "mild hearing loss", "20 to below 35"),
        (34.9, "mild hearing loss", "20 to below 35"),
        (35, "moderate hearing loss", "35 to below 50"),
        (50, "moderately severe hearing loss", "50 to below 65"),
        (65, "severe hearing loss", "65 to below 80"),
        (80, "profound hearing loss", "80 to below 95"),
        (94.9, "profound hearing loss", "80 to below 95"),
        (95, "complete or total hearing loss", "95 or more"),
        (120, "complete or total hearing loss", "95 or more"),
    ],
)
def test_the_better_ear_decides(level, name, range):
    for worse in (level, min(level + 5, 120)):
        for listener in (Listener(flat(level), flat(worse)), Listener(flat(worse), flat(level))):
            found = grade(listener)
            assert (found.name, found.range) == (name, f"{range} dB HL in the better ear")


def test_a_tone_in_the_average_that_was_not_heard_makes_it_a_bound():
    fine = flat(10)
    partly = Audiogram((250, 1000, 8000), (10, 10, 100), {2000: None, 8000: 95})
    assert average_is_bound(partly)
    assert not average_is_bound(Audiogram((250, 1000, 8000), (10, 10, 100), {8000: 95}))
    assert grade_is_bound(Listener(partly, partly))
    assert grade_is_bound(Listener(partly, fine))  # it may be that of one ear
    assert not grade_is_bound(Listener(fine, fine))
    deaf = Audiogram((500, 1000, 4000), (90, 90, 120), {4000: 120})
    assert grade(Listener(fine, deaf)) is UNILATERAL
    assert not grade_is_bound(Listener(fine, deaf))
    assert not grade_is_bound(Listener(flat(30), deaf))
    assert grade_is_bound(Listener(deaf, flat(119)))


def test_one_ear():
    assert grade(Listener(flat(19), flat(35))) is UNILATERAL
    assert grade(Listener(flat(120), flat(0))) is UNILATERAL
    assert grade(Listener(flat(19), flat(34))).name == "normal hearing"
    assert grade(Listener(flat(20), flat(120))).name == "mild hearing loss"


def test_an_average_of_what_was_not_tested_is_an_estimate():
    tested = Audiogram((500, 1000, 2000, 4000), (10, 20, 30, 40))
    guessed = Audiogram((500, 1000, 3000), (10, 20, 30), {2000: None})
    assert untested_in_average(tested) == ()
    assert untested_in_average(guessed) == (4000,)
    assert not grade_is_estimated(Listener(tested, tested))
    assert grade_is_estimated(Listener(tested, guessed))


@pytest.mark.parametrize(
    ("hz", "known"),
    [((250, 500, 1000), False), ((500, 1000, 2000), True), ((1000, 2000, 4000), True)],
)
def test_without_three_of_the_four_frequencies_there_is_no_grade(hz, known):
    ear = Audiogram(hz, (30, 30, 30))
    assert average_is_known(ear) == known
    assert (grade(Listener(flat(0), ear)) is not None) == known
