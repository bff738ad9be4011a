"""How much hearing is lost, in one number for an ear and one word for a person.

Source: World Health Organization, "World report on hearing", 2021, table 1.3: the grades, and what
those with each commonly experience, in our words.
"""

from dataclasses import dataclass

from hclarity.hearing.audiogram import Audiogram, Listener

__all__ = [
    "GRADES",
    "PURE_TONE_AVERAGE_HZ",
    "UNILATERAL",
    "Grade",
    "average_is_bound",
    "average_is_known",
    "grade",
    "grade_is_bound",
    "grade_is_estimated",
    "pure_tone_average",
    "untested_in_average",
]

PURE_TONE_AVERAGE_HZ = (500.0, 1000.0, 2000.0, 4000.0)
_UNILATERAL_FROM = 35.0
_FEWEST_WITHIN = 3


@dataclass(frozen=True)
class Grade:
    """A grade of hearing loss.

    Args:
        name: such as "moderate hearing loss".
        range: which averages it has, such as "35 to below 50 dB HL in the better ear".
        experience: what is common among adults with it.
    """

    name: str
    range: str
    experience: str


def _bilateral(range: str, name: str, experience: str) -> Grade:
    return Grade(name, f"{range} dB HL in the better ear", experience)


GRADES = {
    20.0: _bilateral("below 20", "normal hearing", "no trouble with hearing"),
    35.0: _bilateral(
        "20 to below 35", "mild hearing loss", "conversation in noise may be hard to follow"
    ),
    50.0: _bilateral(
        "35 to below 50",
        "moderate hearing loss",
        "conversation in noise is hard to follow, and may be in quiet",
    ),
    65.0: _bilateral(
        "50 to below 65",
        "moderately severe hearing loss",
        "conversation is hard to follow even in quiet; a raised voice helps",
    ),
    80.0: _bilateral(
        "65 to below 80",
        "severe hearing loss",
        "most conversation goes unheard, and raised voices may",
    ),
    95.0: _bilateral("80 to below 95", "profound hearing loss", "raised voices go mostly unheard"),
    float("inf"): _bilateral(
        "95 or more", "complete or total hearing loss", "speech and most other sounds go unheard"
    ),
}
"""By the average that they end below, in dB HL."""

UNILATERAL = Grade(
    "hearing loss in one ear",
    "below 20 dB HL in the better ear, 35 or more in the other",
    "speech from the worse side or in noise, and where a sound comes from, may be hard to tell",
)


def pure_tone_average(ear: Audiogram) -> float:
    """The mean threshold at 0.5, 1, 2 and 4 kHz, in dB HL.

    What was not tested there lies between its neighbours, as `Audiogram.threshold_at` has it.

    >>> pure_tone_average(Audiogram((500, 1000, 2000, 4000), (20, 30, 40, 50)))
    35.0
    """
    return sum(map(ear.threshold_at, PURE_TONE_AVERAGE_HZ)) / len(PURE_TONE_AVERAGE_HZ)


def average_is_bound(ear: Audiogram) -> bool:
    """Whether the loss may be more than the average says: a tone in it was not heard at all."""
    return not ear.no_response.keys().isdisjoint(PURE_TONE_AVERAGE_HZ)


def untested_in_average(ear: Audiogram) -> tuple[float, ...]:
    """The frequencies of the average, in Hz, that were not tested, so that it is an estimate."""
    tested = {*ear.frequencies, *ear.no_response}
    return tuple(hz for hz in PURE_TONE_AVERAGE_HZ if hz not in tested)


def average_is_known(ear: Audiogram) -> bool:
    """Whether three of its four frequencies, at least, lie within those that were tested."""
    tested = {*ear.frequencies, *ear.no_response}
    within = [hz for hz in PURE_TONE_AVERAGE_HZ if min(tested) <= hz <= max(tested)]
    return len(within) >= _FEWEST_WITHIN


def grade(listener: Listener) -> Grade | None:
    """The grade of a listener: that of the better ear, unless only the other is impaired.

    None where the average of an ear is not known: it might be the better one.
    """
    if not all(map(average_is_known, (listener.left, listener.right))):
        return None
    better, worse = sorted(pure_tone_average(ear) for ear in (listener.left, listener.right))
    if better < min(GRADES) and worse >= _UNILATERAL_FROM:
        return UNILATERAL
    return next(grade for end, grade in GRADES.items() if better < end)


def grade_is_bound(listener: Listener) -> bool:
    """Whether the grade may be a worse one, for an average that it follows from is but a bound.

    The average of the worse ear matters only where the other hears normally.
    """
    better, worse = sorted((listener.left, listener.right), key=pure_tone_average)
    normal_but_for_one = pure_tone_average(better) < min(GRADES) and grade(listener) != UNILATERAL
    return average_is_bound(better) or (normal_but_for_one and average_is_bound(worse))


def grade_is_estimated(listener: Listener) -> bool:
    """Whether something in the average of an ear was not tested."""
    return any(map(untested_in_average, (listener.left, listener.right)))
