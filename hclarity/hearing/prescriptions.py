"""Prescriptions: from what an ear hears to the gain it is given.

All are linear: one gain at each frequency, whatever the level. For recorded music, which is
compressed already, listeners with hearing loss rate linear gain above wide dynamic range
compression (Kirchberger and Russo, Trends in Hearing 20, 2016).
"""

from dataclasses import dataclass
from math import isfinite
from typing import Literal

from hclarity.errors import BadDataError
from hclarity.hearing.audiogram import Audiogram, ascending, interpolated

__all__ = ["AUDIOMETRIC_HZ", "NO_GAIN", "InsertionGains", "Prescription", "nalr", "prescribe"]

AUDIOMETRIC_HZ = (250.0, 500.0, 750.0, 1000.0, 1500.0, 2000.0, 3000.0, 4000.0, 6000.0, 8000.0)
_LARGEST_GAIN_DB = 80.0  # NAL-R asks for 68 dB at most, for 120 dB HL everywhere

Prescription = Literal["nalr", "none"]

# k(f) of Byrne and Dillon 1986, in dB; at 750 Hz it is -3, not its neighbour's -8.
_NALR_DB = {250: -17, 500: -8, 750: -3, 1000: 1, 1500: 1, 2000: -1, 3000: -2, 4000: -2, 6000: -2}


@dataclass(frozen=True)
class InsertionGains:
    """How much louder one ear shall hear at each frequency.

    Args:
        frequencies: in Hz, ascending, above 0; one at least.
        gains_db: in dB, within ±80, one for each frequency.

    Raises:
        BadDataError: for values out of order or out of range.
    """

    frequencies: tuple[float, ...]
    gains_db: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "frequencies", ascending(self.frequencies))
        object.__setattr__(self, "gains_db", tuple(float(gain) for gain in self.gains_db))
        if len(self.frequencies) != len(self.gains_db) or not self.frequencies:
            raise BadDataError(
                f"{len(self.frequencies)} frequencies for {len(self.gains_db)} gains"
            )
        for hz, gain in zip(self.frequencies, self.gains_db, strict=True):
            if not (isfinite(hz) and hz > 0):
                raise BadDataError(f"a frequency must be above 0 Hz, got {hz:g} Hz")
            if not abs(gain) <= _LARGEST_GAIN_DB:
                raise BadDataError(f"{gain:g} dB at {hz:g} Hz is outside ±{_LARGEST_GAIN_DB:g} dB")

    @property
    def is_zero(self) -> bool:
        """Whether nothing at all is amplified."""
        return not any(self.gains_db)

    def at(self, hz: float) -> float:
        """The gain at any frequency, in dB: linear over log frequency, ends held."""
        return float(interpolated(hz, self.frequencies, self.gains_db))


NO_GAIN = InsertionGains((1000.0,), (0.0,))


def prescribe(name: Prescription, audiogram: Audiogram) -> InsertionGains:
    """The gain that a prescription gives to an ear.

    Args:
        name: ``"nalr"``, or ``"none"`` for 0 dB whatever the audiogram.
        audiogram: of that ear.
    """
    return nalr(audiogram) if name == "nalr" else NO_GAIN


def nalr(audiogram: Audiogram) -> InsertionGains:
    """NAL-R, with the severe-loss slope of NAL-RP that the Cadenza challenges use too.

    With H the threshold in dB HL and S the sum of H at 500, 1000 and 2000 Hz::

        X(S)    = 0.05 S                  up to S = 180, and 9 + 0.116 (S - 180) above
        gain(f) = max(0, X + 0.31 H(f) + k(f))

    An ear without loss, with no threshold above 0 dB HL, is given 0 dB everywhere.

    Sources: Byrne and Dillon, Ear and Hearing 7 (1986) 257-265; Byrne, Parkinson and Newall, Ear
    and Hearing 11 (1990) 40-49, for the second slope. The profound correction of the latter,
    from 95 dB HL at 2 kHz, is left out, as in Cadenza.

    >>> round(nalr(Audiogram((500, 1000, 2000, 4000), (35, 40, 50, 60))).at(1000), 2)
    19.65
    """
    if max(audiogram.thresholds) <= 0:
        return NO_GAIN
    hearing_loss = audiogram.threshold_at
    total = hearing_loss(500) + hearing_loss(1000) + hearing_loss(2000)
    x = 0.05 * total if total <= 180 else 9.0 + 0.116 * (total - 180)
    gains = (max(0.0, x + 0.31 * hearing_loss(hz) + k) for hz, k in _NALR_DB.items())
    return InsertionGains(tuple(map(float, _NALR_DB)), tuple(gains))
