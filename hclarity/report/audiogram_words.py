"""What there is to say about an audiogram, beneath its chart."""

from hclarity.hearing.audiogram import Audiogram, Listener
from hclarity.hearing.grades import PURE_TONE_AVERAGE_HZ, grade, pure_tone_average

__all__ = ["NO_DIAGNOSIS", "average_words", "grade_words", "threshold_words"]

NO_DIAGNOSIS = "This is no diagnosis. Ask an audiologist what your hearing test means."
_STEP_DB = 5.0  # from the loudest tone to the threshold that stands for no response to it


def threshold_words(ear: Audiogram, hz: float) -> str:
    """A threshold as a table holds it: ``45``, ``>110`` for no response, ``-`` where untested."""
    if hz not in ear.frequencies:
        return "-"
    level = ear.thresholds[ear.frequencies.index(hz)]
    return f">{level - _STEP_DB:g}" if hz in ear.no_response else f"{level:g}"


def average_words(ear: Audiogram) -> str:
    """The pure-tone average, such as ``46.2 dB HL``; "at least" where a tone was not heard."""
    unheard = set(ear.no_response) & set(PURE_TONE_AVERAGE_HZ)
    return f"{'at least ' if unheard else ''}{round(pure_tone_average(ear), 1):g} dB HL"


def grade_words(listener: Listener) -> tuple[str, str]:
    """The grade and its range; what is common with it."""
    found = grade(listener)
    return f"{found.name} ({found.range})", found.experience
