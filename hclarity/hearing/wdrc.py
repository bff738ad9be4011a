"""Wide dynamic range compression, as a value: what is loud is amplified less than what is soft.

In the bands, with the time constants and by the rule that the second Cadenza challenge documents;
the time constants are those of W. M. Whitmer and M. A. Akeroyd (2011). For recorded music, which is
compressed already, listeners rate linear gain higher (Kirchberger and Russo, Trends in Hearing 20,
2016).
"""

from dataclasses import dataclass
from math import inf

import numpy as np

from hclarity.errors import BadDataError
from hclarity.hearing.audiogram import Audiogram, Listener, ascending
from hclarity.hearing.prescriptions.cambridge import Bands, camfit_gains

__all__ = ["EarCompression", "Wdrc", "cadenza_wdrc", "wdrc_for"]

_CROSSOVERS_HZ = (353.55, 707.11, 1414.21, 2828.43, 5656.85)  # half an octave above each 250 * 2^n
_BANDS = Bands((250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0), (0.0, *_CROSSOVERS_HZ, inf))
_ATTACK_S = (0.011, 0.011, 0.014, 0.013, 0.011, 0.011)
_RELEASE_S = (0.080, 0.080, 0.080, 0.080, 0.100, 0.100)
_THRESHOLD_DB = -30.0
_INPUT_LUFS = -40.0
_SOFT_DB_SPL, _MIDDLE_DB_SPL, _LOUD_DB_SPL = 55.0, 65.0, 85.0
_HIGHEST_PRESCRIBED_RATIO = 6.0

_MOST_BANDS = 16


@dataclass(frozen=True)
class EarCompression:
    """What is done to each band of one ear, from the lowest.

    Args:
        ratios: the level above the threshold grows so many times more slowly; 1 (not at all) to 20.
        gains_db: of the whole band, within ±80 dB.

    Raises:
        BadDataError: for a value out of range, or other numbers of ratios and gains.
    """

    ratios: tuple[float, ...]
    gains_db: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "ratios", _within(self.ratios, 1, 20, "ratio"))
        object.__setattr__(self, "gains_db", _within(self.gains_db, -80, 80, "gain", " dB"))
        if len(self.ratios) != len(self.gains_db):
            raise BadDataError(f"{len(self.ratios)} ratios for {len(self.gains_db)} gains")

    @property
    def is_none(self) -> bool:
        """Whether nothing at all is done."""
        return not any(self.gains_db) and set(self.ratios) == {1.0}


@dataclass(frozen=True)
class Wdrc:
    """Compression of both ears, band by band.

    Args:
        crossovers_hz: between the bands, ascending, 20 to 20000 Hz; 1 to 15.
        threshold_db: the level in dB full scale above which it grows more slowly; within ±200, for
            it may be moved from where a song is soft to where it is loud.
        attack_s: time constant of a gain that goes down, for each band, 0.0001 to 10 s.
        release_s: the same of a gain that goes up.
        input_lufs: how loud a song is that the threshold is meant for, -70 to 0.
        left: of the left ear.
        right: of the right ear.

    Raises:
        BadDataError: for a value out of range, or not one for each band.
    """

    crossovers_hz: tuple[float, ...]
    threshold_db: float
    attack_s: tuple[float, ...]
    release_s: tuple[float, ...]
    input_lufs: float
    left: EarCompression
    right: EarCompression

    def __post_init__(self) -> None:
        crossovers = _within(self.crossovers_hz, 20, 20_000, "crossover", " Hz")
        object.__setattr__(self, "crossovers_hz", ascending(crossovers))
        object.__setattr__(self, "attack_s", _within(self.attack_s, 1e-4, 10, "attack", " s"))
        object.__setattr__(self, "release_s", _within(self.release_s, 1e-4, 10, "release", " s"))
        (threshold,) = _within((self.threshold_db,), -200, 200, "threshold", " dB")
        (loudness,) = _within((self.input_lufs,), -70, 0, "input", " LUFS")
        object.__setattr__(self, "threshold_db", threshold)
        object.__setattr__(self, "input_lufs", loudness)
        self._refuse_other_numbers_of_bands()

    def _refuse_other_numbers_of_bands(self) -> None:
        bands = len(self.crossovers_hz) + 1
        if not 2 <= bands <= _MOST_BANDS:
            raise BadDataError(f"expected 1 to {_MOST_BANDS - 1} crossovers, got {bands - 1}")
        for what, values in (
            ("attack times", self.attack_s),
            ("release times", self.release_s),
            ("ratios in the left ear", self.left.ratios),
            ("ratios in the right ear", self.right.ratios),
        ):
            if len(values) != bands:
                raise BadDataError(f"expected {bands} {what}, one for each band, got {len(values)}")


def cadenza_wdrc(left: EarCompression, right: EarCompression) -> Wdrc:
    """The second Cadenza challenge's compressor, with ratios and gains of a listener's own.

    Args:
        left: six ratios and gains.
        right: six ratios and gains.

    Raises:
        BadDataError: for other numbers of them.
    """
    return Wdrc(
        crossovers_hz=_CROSSOVERS_HZ,
        threshold_db=_THRESHOLD_DB,
        attack_s=_ATTACK_S,
        release_s=_RELEASE_S,
        input_lufs=_INPUT_LUFS,
        left=left,
        right=right,
    )


def wdrc_for(listener: Listener, *, makeup: bool) -> Wdrc:
    """Compression for a listener, by the second Cadenza challenge's account of its own.

    The ratio in a band is how many times more slowly CAMFIT's output grows than its input, from 55
    to 85 dB SPL, 6 at most. The challenge published its listeners' values and the rule, not the
    program; these differ from its documented example by up to 4.5 dB and a ratio of 1.4.

    Args:
        listener: whose ears.
        makeup: whether each band is given CAMFIT's gain for 65 dB SPL too; else 0 dB, for use with
            a linear prescription.
    """
    return cadenza_wdrc(
        _compression_for(listener.left, makeup=makeup),
        _compression_for(listener.right, makeup=makeup),
    )


def _compression_for(audiogram: Audiogram, *, makeup: bool) -> EarCompression:
    soft, middle, loud = camfit_gains(
        audiogram, _BANDS, [_SOFT_DB_SPL, _MIDDLE_DB_SPL, _LOUD_DB_SPL]
    )
    growth = _LOUD_DB_SPL - _SOFT_DB_SPL
    ratios = growth / np.maximum(growth + loud - soft, growth / _HIGHEST_PRESCRIBED_RATIO)
    gains = middle if makeup else np.zeros_like(middle)
    return EarCompression(tuple(np.maximum(ratios, 1.0).tolist()), tuple(gains.tolist()))


def _within(
    values: tuple[float, ...], low: float, high: float, what: str, unit: str = ""
) -> tuple[float, ...]:
    checked = tuple(float(value) for value in values)
    for value in checked:
        if not low <= value <= high:
            raise BadDataError(f"the {what} must be {low:g} to {high:g}{unit}, got {value:g}")
    return checked
