"""What there is to say about an audiogram, beneath its chart."""

from hclarity.hearing.audiogram import Audiogram, Listener
from hclarity.hearing.grades import (
    average_is_bound,
    average_is_known,
    grade,
    grade_is_bound,
    grade_is_estimated,
    pure_tone_average,
    untested_in_average,
)

__all__ = [
    "NO_DIAGNOSIS",
    "average_words",
    "grade_words",
    "level_unknown",
    "tested_hz",
    "threshold_words",
]

_TOO_FEW = "too few of 500, 1000, 2000 and 4000 Hz were tested"
NO_DIAGNOSIS = "This is no diagnosis. Ask an audiologist what your hearing test means."


def tested_hz(listener: Listener) -> list[float]:
    """At which frequencies an ear was tested, ascending."""
    ears = (listener.left, listener.right)
    return sorted({hz for ear in ears for hz in (*ear.frequencies, *ear.no_response)})


def level_unknown(listener: Listener) -> bool:
    """Whether there was no response somewhere to a tone whose level is not known."""
    return any(None in ear.no_response.values() for ear in (listener.left, listener.right))


def threshold_words(ear: Audiogram, hz: float) -> str:
    """A threshold as a table holds it: ``45``, ``-`` where untested.

    For no response ``>110``, after the loudest tone, or ``NR`` where its level is not known.
    """
    if hz in ear.no_response:
        level = ear.no_response[hz]
        return "NR" if level is None else f">{level:g}"
    return f"{ear.threshold_at(hz):g}" if hz in ear.frequencies else "-"


def average_words(ear: Audiogram) -> str:
    """The pure-tone average, such as ``46.2 dB HL``.

    "At least" where a tone was not heard, "estimated" where one was not tested, and none where more
    would have to be guessed.
    """
    if not average_is_known(ear):
        return f"unknown: {_TOO_FEW}"
    bound = "at least " if average_is_bound(ear) else ""
    estimated = "estimated " if untested_in_average(ear) else ""
    return f"{estimated}{bound}{round(pure_tone_average(ear), 1):g} dB HL"


def grade_words(listener: Listener) -> tuple[str, ...]:
    """A line on the grade and its range, said as the average is, and one on what is common."""
    found = grade(listener)
    if found is None:
        return (f"WHO grade: none, for of an ear {_TOO_FEW}",)
    bound = "at least " if grade_is_bound(listener) else ""
    estimated = "estimated " if grade_is_estimated(listener) else ""
    name = f"{estimated}{bound}{found.name} ({found.range})"
    return f"WHO grade: {name}", f"Common with it: {found.experience}"
