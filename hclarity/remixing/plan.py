"""Everything that a remix will do, as one value that prints, is saved and is fed back."""

from bisect import bisect
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from hclarity.errors import BadDataError
from hclarity.hearing.amplifier import AmplifierFilter
from hclarity.hearing.insertion_gains import AUDIOMETRIC_HZ, NO_GAIN, InsertionGains
from hclarity.hearing.wdrc import Wdrc
from hclarity.remixing.stem_gains import StemGains

__all__ = ["Ear", "GainPlan", "Loudness"]

Ear = Literal["left", "right"]
Loudness = float | Literal["match"]

_SOFTEST_LUFS, _LOUDEST_LUFS = -60.0, 0.0
_LOWEST_CEILING_DB, _HIGHEST_CEILING_DB = -20.0, 0.0


@dataclass(frozen=True)
class GainPlan:
    """What a remix will do.

    Args:
        stem_gains: in dB for each stem that shall change.
        left: insertion gain of the left ear.
        right: insertion gain of the right ear.
        filter: how these are realised: exactly, or as the Cadenza challenges' short filter does.
        wdrc: compression of each ear before its insertion gain; None for none, and so it becomes
            where it would do nothing to either ear.
        loudness: integrated loudness of the result in LUFS, -60 to 0; ``"match"`` is the song's.
        ceiling_db: true peak never exceeded, -20 to 0 dBTP; -1 is that of EBU R 128.

    Raises:
        BadDataError: for a value out of range.
    """

    stem_gains: Mapping[str, float]
    left: InsertionGains = NO_GAIN
    right: InsertionGains = NO_GAIN
    filter: AmplifierFilter = "linear-phase"
    wdrc: Wdrc | None = None
    loudness: Loudness = "match"
    ceiling_db: float = -1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "stem_gains", StemGains(self.stem_gains))
        if self.wdrc is not None and self.wdrc.is_none:
            object.__setattr__(self, "wdrc", None)
        object.__setattr__(self, "ceiling_db", float(self.ceiling_db))
        limits = (_LOWEST_CEILING_DB, _HIGHEST_CEILING_DB)
        _refuse_outside(limits, "ceiling", self.ceiling_db, "dBTP")
        if self.loudness != "match":
            object.__setattr__(self, "loudness", float(self.loudness))
            _refuse_outside((_SOFTEST_LUFS, _LOUDEST_LUFS), "loudness", self.loudness, "LUFS")

    @property
    def is_amplified(self) -> bool:
        """Whether anything is done to an ear."""
        return not (self.left.is_zero and self.right.is_zero and self.wdrc is None)

    @property
    def is_identity(self) -> bool:
        """Whether the song comes out as it went in: no gain for any stem, ear or the whole."""
        unchanged = not (self.is_amplified or any(self.stem_gains.values()))
        return unchanged and self.loudness == "match"

    def below(self, headroom_db: float) -> "GainPlan":
        """The same with a ceiling so much lower: for a file whose decoding raises peaks."""
        return replace(self, ceiling_db=max(_LOWEST_CEILING_DB, self.ceiling_db - headroom_db))

    def prescribed_db(self, ear: Ear) -> dict[float, float]:
        """What an ear shall gain, in dB for each Hz.

        By insertion gain and, at the level that a song usually has there, by compression.
        """
        gains = self.left if ear == "left" else self.right
        hertz = sorted({*gains.frequencies, *AUDIOMETRIC_HZ})
        return {hz: gains.at(hz) + self._compression_db(ear, hz) for hz in hertz}

    def _compression_db(self, ear: Ear, hz: float) -> float:
        if self.wdrc is None:
            return 0.0
        compression = self.wdrc.left if ear == "left" else self.wdrc.right
        band = bisect(self.wdrc.crossovers_hz, hz)
        return self.wdrc.usual_gains_db(compression)[band]


def _refuse_outside(limits: tuple[float, float], what: str, value: float, unit: str) -> None:
    low, high = limits
    if not low <= value <= high:
        raise BadDataError(f"the {what} must be {low:g} to {high:g} {unit}, got {value:g}")
