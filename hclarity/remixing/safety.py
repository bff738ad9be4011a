"""For how many hours a week a remix is safe to hear, where it is known how loud it will be.

A file has no sound pressure; a player and its headphones give it one. WHO and ITU-T H.870 (2022)
allow adults 40 hours a week at 80 dB(A), or the same energy in another time. That is a limit for
healthy ears, and the recommendation leaves out devices for hearing loss: it is the best there is.
"""

from dataclasses import dataclass
from math import log10

from hclarity.errors import UsageError
from hclarity.hearing.exposure import Exposure
from hclarity.remixing.remixer import RemixLevels

__all__ = ["Safety"]


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

    def refuse_unsafe(self, song: str, levels: RemixLevels) -> None:
        """Refuse what is more than a week's safe dose, unless it is allowed.

        Raises:
            UsageError: with the ways out.
        """
        exposure = self.exposure(levels)
        level, hours = exposure.louder_db_a, exposure.weekly_hours()
        if level is None or hours is None or self.allow_loud or exposure.dose() <= 100:
            return
        too_loud_db = 10 * log10(exposure.dose() / 100)
        raise UsageError(
            f"{song}: at {self.full_scale_spl:g} dB SPL full scale this would be {level:.0f} dB(A),"
            f" safe for {hours:.2g} hours a week, not for {self.weekly_hours:g}; lower --loudness"
            f" or your player by {too_loud_db:.1f} dB, listen less (--weekly-hours), or say"
            " --allow-loud"
        )
