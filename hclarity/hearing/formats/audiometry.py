"""What a file says of a hearing test, before ears are made of it."""

from dataclasses import dataclass
from math import isfinite
from typing import Literal

from hclarity.errors import BadDataError

__all__ = ["HearingTest", "OtherEar", "Point", "Response", "Side"]

Side = Literal["left", "right"]
OtherEar = Literal["same", "normal"]
Response = Literal["heard", "none", "at most"]

# What `Audiogram` takes; here too, so that an error can name the line or the key that it is on.
_LOWEST_HZ, _HIGHEST_HZ = 125, 16000
_FAINTEST_DB_HL, _LOUDEST_DB_HL = -10, 120


@dataclass(frozen=True)
class Point:
    """One frequency of one ear.

    Args:
        hz: the frequency, 125 to 16000 Hz.
        db_hl: the threshold, -10 to 120 dB HL; the loudest tone, where there was no response; None
            where the file does not tell.
        response: "none" if that tone was not heard, "at most" if the threshold may be lower.

    Raises:
        BadDataError: for a value out of range.
    """

    hz: float
    db_hl: float | None
    response: Response = "heard"

    def __post_init__(self) -> None:
        if not (isfinite(self.hz) and _LOWEST_HZ <= self.hz <= _HIGHEST_HZ):
            raise BadDataError(f"{self.hz:g} Hz is outside {_LOWEST_HZ} to {_HIGHEST_HZ} Hz")
        if self.db_hl is not None and not _FAINTEST_DB_HL <= self.db_hl <= _LOUDEST_DB_HL:
            limits = f"{_FAINTEST_DB_HL} to {_LOUDEST_DB_HL} dB HL"
            raise BadDataError(f"{self.db_hl:g} dB HL at {self.hz:g} Hz is outside {limits}")


@dataclass(frozen=True)
class HearingTest:
    """One hearing test of one person.

    Args:
        format: the file's, in a word.
        left: the points of the left ear, in any order; none if that ear is not in the file.
        right: those of the right ear.
        name: the person's, if it is to be known.
        notes: what the user should know, a line each.
        who: what errors begin with, if the file holds several people.
    """

    format: str
    left: tuple[Point, ...]
    right: tuple[Point, ...]
    name: str = ""
    notes: tuple[str, ...] = ()
    who: str = ""
