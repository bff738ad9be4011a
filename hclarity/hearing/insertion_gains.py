"""How much louder an ear shall hear, frequency by frequency."""

from dataclasses import dataclass
from math import isfinite

from hclarity.errors import BadDataError
from hclarity.hearing.audiogram import ascending, interpolated

__all__ = ["AUDIOMETRIC_HZ", "NO_GAIN", "InsertionGains"]

AUDIOMETRIC_HZ = (250.0, 500.0, 750.0, 1000.0, 1500.0, 2000.0, 3000.0, 4000.0, 6000.0, 8000.0)
_LARGEST_GAIN_DB = 80.0  # NAL-R asks for 68 dB at most, for 120 dB HL everywhere


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

    def changed(self, share: float, added_db: float = 0.0) -> "InsertionGains":
        """So much of each gain, and so many dB more at all frequencies, to hundredths of a dB."""
        gains = (round(share * gain + added_db, 2) + 0.0 for gain in self.gains_db)
        return InsertionGains(self.frequencies, tuple(gains))

    def at(self, hz: float) -> float:
        """The gain at any frequency, in dB: linear over log frequency, ends held."""
        return float(interpolated(hz, self.frequencies, self.gains_db))


NO_GAIN = InsertionGains((1000.0,), (0.0,))
