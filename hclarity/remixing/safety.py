"""For how many hours a week a remix is safe to hear, where it is known how loud it will be.

A file has no sound pressure; a player and its headphones give it one. WHO and ITU-T H.870 (2022)
allow adults 40 hours a week at 80 dB(A), or the same energy in another time. That is a limit for
healthy ears, and the recommendation leaves out devices for hearing loss: it is the best there is.
"""

from dataclasses import dataclass
from math import ceil, floor, inf, log10

from hclarity.errors import UsageError
from hclarity.hearing.exposure import Exposure
from hclarity.remixing.remixer import RemixLevels, RemixReport

__all__ = ["Safety", "turn_up_db"]

_EXACT = 1e-9  # so little beyond a step is rounding


@dataclass(frozen=True)
class Safety:
    """How loud and how long it will be listened to.

    Args:
        full_scale_spl: what a full-scale sine is in dB SPL.
        weekly_hours: of listening.
        allow_loud: whether what is not safe for so long is wanted nevertheless.
    """

    full_scale_spl: float
    weekly_hours: float
    allow_loud: bool = False

    def exposure(self, levels: RemixLevels) -> Exposure:
        """What a week of a remix is for the ears."""
        return Exposure.of_file(
            levels.left_db_a,
            levels.right_db_a,
            full_scale_spl=self.full_scale_spl,
            hours=self.weekly_hours,
        )

    def room_db(self, levels: RemixLevels) -> float:
        """How much louder it may be played for so long; infinite for silence, 0 for no more."""
        dose = self.exposure(levels).dose()
        return max(0.0, -10 * log10(dose / 100)) if dose > 0 else inf

    def refuse_unsafe(self, song: str, levels: RemixLevels) -> None:
        """Refuse what is more than a week's safe dose, unless it is allowed.

        Raises:
            UsageError: with the ways out.
        """
        exposure = self.exposure(levels)
        level, hours = exposure.louder_db_a, exposure.weekly_hours()
        if level is None or hours is None or self.allow_loud or exposure.dose() <= 100:
            return
        # Rounded so that what is too much never reads as the limit itself.
        too_loud_db = ceil(100 * log10(exposure.dose() / 100) - _EXACT) / 10
        raise UsageError(
            f"{song}: at {self.full_scale_spl:g} dB SPL full scale this would be {level:.0f} dB(A),"
            f" safe for {_told(hours)} a week, not for"
            f" {_told(self.weekly_hours)}; lower --loudness or your player by {too_loud_db:.1f} dB,"
            " listen less (--weekly-hours), or say --allow-loud"
        )


def turn_up_db(report: RemixReport, safety: Safety | None) -> float:
    """By how much to turn up the volume: to the full prescription, if that is known to be safe."""
    if safety is None:
        return report.gain_removed_db
    return min(report.gain_removed_db, safety.room_db(report))


def _told(hours: float) -> str:
    if hours >= 1:
        return f"{_rounded_down(hours):g} hours"
    return f"{_rounded_down(60 * hours):g} minutes"


def _rounded_down(hours: float) -> float:
    """To a tenth, or to two digits where there is less than one."""
    digits = max(1, 1 - floor(log10(hours)))
    scale = 10.0**digits
    return floor(hours * scale * (1 + _EXACT)) / scale
