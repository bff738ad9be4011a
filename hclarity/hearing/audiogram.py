"""What each ear of a listener can hear: thresholds in dB HL at frequencies in Hz."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from math import isfinite

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hclarity.errors import BadDataError

__all__ = ["Audiogram", "Listener", "ascending", "interpolated"]

# The range of an audiogram form (ASA C11.27) and of extended high-frequency audiometry.
_LOWEST_HZ, _HIGHEST_HZ = 125.0, 16000.0
_FAINTEST_DB_HL, _LOUDEST_DB_HL = -10.0, 120.0
_FEWEST_POINTS = 3


def ascending(frequencies: Iterable[float]) -> tuple[float, ...]:
    """Frequencies as floats, each above the one before, or a BadDataError with both."""
    checked = tuple(float(hz) for hz in frequencies)
    for low, high in pairwise(checked):
        if not low < high:
            raise BadDataError(f"frequencies must ascend, got {high:g} Hz after {low:g} Hz")
    return checked


def interpolated(
    hz: ArrayLike, frequencies: tuple[float, ...], values: tuple[float, ...]
) -> NDArray[np.float64]:
    """Values between known points: linear over log frequency, held beyond both ends.

    Args:
        hz: where to interpolate, any shape, 0 Hz included.
        frequencies: of the known points, ascending, in Hz.
        values: of the known points.

    >>> interpolated([0, 500, 707.1, 8000], (500, 1000), (20, 40)).round(1).tolist()
    [20.0, 20.0, 30.0, 40.0]
    """
    within = np.maximum(np.asarray(hz, dtype=np.float64), frequencies[0])
    return np.asarray(np.interp(np.log(within), np.log(frequencies), values))


@dataclass(frozen=True)
class Audiogram:
    """The hearing thresholds of one ear.

    Args:
        frequencies: in Hz, ascending, 125 to 16000; three points at least.
        thresholds: in dB HL, -10 (keenest) to 120, one for each frequency.
        no_response: the frequencies, in Hz, at which not even the loudest tone was heard, and that
            tone's level in dB HL: the threshold there is no measurement but an estimate, 5 dB above
            the tone. Where that level is not known, it is None and there is no threshold.

    Raises:
        BadDataError: for too few points, a value out of order or out of range, or no response that
            has a threshold without the tone's level, or the level without a threshold.

    >>> Audiogram((500, 1000, 4000), (20, 30, 60)).threshold_at(2000)
    45.0
    """

    frequencies: tuple[float, ...]
    thresholds: tuple[float, ...]
    no_response: Mapping[float, float | None] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "frequencies", ascending(self.frequencies))
        object.__setattr__(self, "thresholds", tuple(float(level) for level in self.thresholds))
        if len(self.frequencies) != len(self.thresholds):
            raise BadDataError(
                f"{len(self.frequencies)} frequencies for {len(self.thresholds)} thresholds"
            )
        if len(self.frequencies) < _FEWEST_POINTS:
            raise BadDataError(
                f"an audiogram needs at least {_FEWEST_POINTS} points, got {len(self.frequencies)}"
            )
        for hz, level in zip(self.frequencies, self.thresholds, strict=True):
            _refuse_point_off_the_form(hz, level)
        unheard = sorted(self.no_response.items())
        tones = {float(hz): None if tone is None else float(tone) for hz, tone in unheard}
        object.__setattr__(self, "no_response", tones)
        for hz, tone in self.no_response.items():
            _refuse_no_response(hz, tone, estimated=hz in self.frequencies)

    def threshold_at(self, hz: float) -> float:
        """The threshold at any frequency, in dB HL: linear over log frequency, ends held."""
        return float(interpolated(hz, self.frequencies, self.thresholds))


def _refuse_point_off_the_form(hz: float, level: float) -> None:
    if not (isfinite(hz) and _LOWEST_HZ <= hz <= _HIGHEST_HZ):
        raise BadDataError(f"{hz:g} Hz is outside {_LOWEST_HZ:g} to {_HIGHEST_HZ:g} Hz")
    if not (isfinite(level) and _FAINTEST_DB_HL <= level <= _LOUDEST_DB_HL):
        limits = f"{_FAINTEST_DB_HL:g} to {_LOUDEST_DB_HL:g} dB HL"
        raise BadDataError(f"{level:g} dB HL at {hz:g} Hz is outside {limits}")


def _refuse_no_response(hz: float, tone: float | None, *, estimated: bool) -> None:
    _refuse_point_off_the_form(hz, _LOUDEST_DB_HL if tone is None else tone)
    if (tone is not None) != estimated:
        missing = "a threshold but no level" if estimated else "a level but no threshold"
        raise BadDataError(f"no response at {hz:g} Hz has {missing}")


@dataclass(frozen=True)
class Listener:
    """A person's two ears.

    Args:
        left: the audiogram of the left ear.
        right: the audiogram of the right ear.
        name: what to call the listener; printable, may be empty.

    Raises:
        BadDataError: for a name with line breaks or control characters.
    """

    left: Audiogram
    right: Audiogram
    name: str = ""

    def __post_init__(self) -> None:
        if not self.name.isprintable():
            raise BadDataError(f"a listener's name must be printable, got {self.name[:40]!a}")
