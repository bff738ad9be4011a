"""How long a level is safe to hear: WHO-ITU H.870, "Guidelines for safe listening devices" (2022).

Two modes: adults may have 80 dB(A) for 40 hours a week, those sensitive to loud sound (children
among them) 75 dB(A). What counts is energy: 3 dB more, half the time. 100 % of an adult's weekly
allowance is 1.6 Pa²h.

The recommendation is about healthy hearing and leaves assistive devices out of its scope: hearing
that is lost already may need levels above these and is not safe below them. A level in dB(A) is
that at the ear; a file has none until somebody has measured what the player makes of full scale.
Without that number there is no dose.
"""

from dataclasses import dataclass
from math import isfinite
from typing import Literal

from hclarity.errors import BadDataError

__all__ = ["Exposure", "SafeListening", "dose", "weekly_hours"]

SafeListening = Literal["adult", "sensitive"]

_ALLOWED_DB_A = {"adult": 80.0, "sensitive": 75.0}
_ALLOWED_HOURS = 40.0


def weekly_hours(level_db_a: float, mode: SafeListening = "adult") -> float:
    """For how many hours a week a level may be heard (H.870; 3 dB exchange rate).

    ``40 h * 10 ** ((80 - level) / 10)``, with 75 for those sensitive. A week has 168 hours: more
    than that means always.

    Args:
        level_db_a: equivalent continuous A-weighted level at the ear, in dB SPL.
        mode: whose allowance.

    Raises:
        BadDataError: when the level is no level in dB(A): not within -200 to 200.

    >>> round(weekly_hours(83), 1), round(weekly_hours(83, "sensitive"), 1)
    (20.0, 6.3)
    """
    if not -200 <= level_db_a <= 200:
        raise BadDataError(f"a level must be -200 to 200 dB(A), got {level_db_a:g}")
    return float(_ALLOWED_HOURS * 10 ** ((_ALLOWED_DB_A[mode] - level_db_a) / 10))


def dose(level_db_a: float, hours: float, mode: SafeListening = "adult") -> float:
    """How much of a week's allowance is used up, in percent.

    Args:
        level_db_a: as for `weekly_hours`.
        hours: for how long it is heard in a week.
        mode: whose allowance.

    Raises:
        BadDataError: when the level is no level, or the hours are not 0 or more.

    >>> round(dose(90, 1))
    25
    """
    _refuse_hours(hours)
    return 100 * hours / weekly_hours(level_db_a, mode)


@dataclass(frozen=True)
class Exposure:
    """What two ears hear in a week.

    Args:
        left_db_a: equivalent continuous A-weighted level at the left ear, in dB SPL; None for
            silence.
        right_db_a: the same at the right ear.
        hours: for how long in a week.

    Raises:
        BadDataError: for a level or a time that cannot be.

    >>> song = Exposure.of_file(-20.0, -23.0, full_scale_spl=110.0, hours=2)
    >>> song.louder_db_a, round(song.weekly_hours(), 1), round(song.dose())
    (90.0, 4.0, 50)
    """

    left_db_a: float | None
    right_db_a: float | None
    hours: float

    def __post_init__(self) -> None:
        _refuse_hours(self.hours)
        for level in (self.left_db_a, self.right_db_a):
            if level is not None:
                weekly_hours(level)

    @classmethod
    def of_file(
        cls, left: float | None, right: float | None, *, full_scale_spl: float, hours: float
    ) -> "Exposure":
        """The exposure by a file on a player that has been calibrated.

        Args:
            left: A-weighted level of the left channel, in dB where a full-scale sine has 0, as
                `hclarity.audio.a_weighting` measures it; None for silence.
            right: the same of the right channel.
            full_scale_spl: what a sine of 1 kHz at full scale has at the ear, in dB SPL.
            hours: for how long it is heard in a week.
        """

        def at_ear(level: float | None) -> float | None:
            return None if level is None else level + full_scale_spl

        return cls(at_ear(left), at_ear(right), hours)

    @property
    def louder_db_a(self) -> float | None:
        """The level at the ear that has more to bear; None when both have silence."""
        heard = [level for level in (self.left_db_a, self.right_db_a) if level is not None]
        return max(heard, default=None)

    def weekly_hours(self, mode: SafeListening = "adult") -> float | None:
        """For how many hours a week this is safe for the louder ear; None for silence: always."""
        return None if self.louder_db_a is None else weekly_hours(self.louder_db_a, mode)

    def dose(self, mode: SafeListening = "adult") -> float:
        """How much of its week's allowance the louder ear uses up, in percent."""
        return 0.0 if self.louder_db_a is None else dose(self.louder_db_a, self.hours, mode)


def _refuse_hours(hours: float) -> None:
    if not (isfinite(hours) and hours >= 0):
        raise BadDataError(f"the hours of listening must be 0 or more, got {hours:g}")
