import pytest

from hclarity.hearing.audiogram import Audiogram, Listener
from hclarity.hearing.grades import UNILATERAL, grade, pure_tone_average


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


def test_one_ear():
    assert grade(Listener(flat(19), flat(35))) is UNILATERAL
    assert grade(Listener(flat(120), flat(0))) is UNILATERAL
    assert grade(Listener(flat(19), flat(34))).name == "normal hearing"
    assert grade(Listener(flat(20), flat(120))).name == "mild hearing loss"
