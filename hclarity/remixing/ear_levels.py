"""How much of a prescription the ears get, and how loud one is against the other."""

from dataclasses import dataclass, replace

from hclarity.errors import BadDataError, UsageError
from hclarity.remixing.plan import GainPlan

__all__ = ["ALL_PRESCRIBED", "EarLevels"]

_SOFTEST_DB = -60.0  # as of stems


@dataclass(frozen=True)
class EarLevels:
    """What a listener chose for the ears, beside their prescription.

    Args:
        prescription_percent: so much of each prescribed gain in dB, 0 to 100.
        left_db: gain of the left ear, at all frequencies, -60 to 0 dB.
        right_db: gain of the right ear.

    Raises:
        BadDataError: for a value out of range.
    """

    prescription_percent: float = 100.0
    left_db: float = 0.0
    right_db: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.prescription_percent <= 100:
            raise BadDataError(
                f"prescription_percent must be 0 to 100, got {self.prescription_percent:g}"
            )
        for ear, level in (("left_db", self.left_db), ("right_db", self.right_db)):
            if not _SOFTEST_DB <= level <= 0:
                raise BadDataError(f"{ear} must be {_SOFTEST_DB:g} to 0 dB, got {level:g}")

    def applied(self, plan: GainPlan) -> GainPlan:
        """The plan with so much of its insertion gains, and each ear so much softer.

        Raises:
            UsageError: where it would change a plan that compresses, or the Cadenza filter, both of
                which are as they were prescribed or not at all.
        """
        if self == ALL_PRESCRIBED:
            return plan
        if plan.wdrc is not None or plan.filter == "cadenza":
            raise UsageError(
                "prescription_percent, left_db and right_db change linear gain only; leave them"
                " out of the gains, or leave out --wdrc and --compat"
            )
        share = self.prescription_percent / 100
        return replace(
            plan,
            left=plan.left.changed(share, self.left_db),
            right=plan.right.changed(share, self.right_db),
        )


ALL_PRESCRIBED = EarLevels()
"""What ears get where nobody chose anything else."""
