"""Wide dynamic range compression, as a value: what is loud is amplified less than what is soft.

In the bands, with the time constants and with ratios by the rule that the second Cadenza challenge
documents; the time constants are those of W. M. Whitmer and M. A. Akeroyd (2011). For recorded
music, which is compressed already, listeners rate linear gain higher (Kirchberger and Russo, Trends
in Hearing 20, 2016).

The challenge's threshold is one level for all bands. Most of a song's bands stay below it, for they
share its level among them, so that its compressor amplifies more than it compresses. Ours has a
threshold for each band, from the level that a song usually has there: that of the long-term average
spectrum of speech, for which prescriptions are made.
"""

from dataclasses import dataclass, replace
from math import inf

import numpy as np

from hclarity.errors import BadDataError
from hclarity.hearing.audiogram import Audiogram, Listener, ascending
from hclarity.hearing.prescriptions.cambridge import Bands, camfit_gains
from hclarity.hearing.speech_spectrum import band_levels

__all__ = ["EarCompression", "Wdrc", "cadenza_wdrc", "cadenza_wdrc_for", "wdrc_for"]

_CROSSOVERS_HZ = (353.55, 707.11, 1414.21, 2828.43, 5656.85)  # half an octave above each 250 * 2^n
_BANDS = Bands((250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0), (0.0, *_CROSSOVERS_HZ, inf))
_ATTACK_S = (0.011, 0.011, 0.014, 0.013, 0.011, 0.011)
_RELEASE_S = (0.080, 0.080, 0.080, 0.080, 0.100, 0.100)
_CADENZA_THRESHOLD_DB = -30.0
_INPUT_LUFS = -40.0
_LTASS_DB_SPL = 70.0  # overall, of `band_levels`
_TO_ONE_EAR_DB = 3.5  # from LUFS; see `Wdrc.usual_levels_db`
_BELOW_USUAL_DB = 15.0  # from 65 dB SPL, which prescriptions mean, down to soft speech at 50
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

    @classmethod
    def about(cls, ratios: tuple[float, ...], above_db: float) -> "EarCompression":
        """Compression that leaves a level alone, amplifies softer and softens louder sound.

        Args:
            ratios: for each band.
            above_db: how far above the threshold that level is; no softer sound than the threshold
                gets more gain than that.
        """
        return cls(ratios, tuple((1 - 1 / ratio) * above_db for ratio in ratios))


@dataclass(frozen=True)
class Wdrc:
    """Compression of both ears, band by band.

    Args:
        crossovers_hz: between the bands, ascending, 20 to 20000 Hz; 1 to 15.
        thresholds_db: the level in dB full scale above which it grows more slowly, for each band;
            within ±200, for it may be moved from where a song is soft to where it is loud.
        attack_s: time constant of a gain that goes down, for each band, 0.0001 to 10 s.
        release_s: the same of a gain that goes up.
        input_lufs: how loud a song is that the thresholds are meant for, -70 to 0.
        left: of the left ear.
        right: of the right ear.

    Raises:
        BadDataError: for a value out of range, or not one for each band.
    """

    crossovers_hz: tuple[float, ...]
    thresholds_db: tuple[float, ...]
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
        thresholds = _within(self.thresholds_db, -200, 200, "threshold", " dB")
        object.__setattr__(self, "thresholds_db", thresholds)
        (loudness,) = _within((self.input_lufs,), -70, 0, "input", " LUFS")
        object.__setattr__(self, "input_lufs", loudness)
        self._refuse_other_numbers_of_bands()

    def _refuse_other_numbers_of_bands(self) -> None:
        bands = len(self.crossovers_hz) + 1
        if not 2 <= bands <= _MOST_BANDS:
            raise BadDataError(f"expected 1 to {_MOST_BANDS - 1} crossovers, got {bands - 1}")
        for what, values in (
            ("thresholds", self.thresholds_db),
            ("attack times", self.attack_s),
            ("release times", self.release_s),
            ("ratios in the left ear", self.left.ratios),
            ("ratios in the right ear", self.right.ratios),
        ):
            if len(values) != bands:
                raise BadDataError(f"expected {bands} {what}, one for each band, got {len(values)}")

    @property
    def is_none(self) -> bool:
        """Whether nothing at all is done to either ear."""
        return self.left.is_none and self.right.is_none

    @property
    def usual_levels_db(self) -> tuple[float, ...]:
        """What a song of `input_lufs` usually has in each band, in dB full scale.

        By convention its spectrum is that of speech, and each ear has half of the power that LUFS
        add up. The compressor's smoothed level of stationary noise is another 0.5 dB lower, as
        measured: with that, its gain at the usual level is right within 1.5 dB at ratios up to 6.
        """
        return _usual_levels_db(self.crossovers_hz, self.input_lufs)

    def usual_gains_db(self, ear: EarCompression) -> tuple[float, ...]:
        """What each band of an ear gains at the usual level, in dB."""
        bands = zip(self.usual_levels_db, self.thresholds_db, ear.ratios, ear.gains_db, strict=True)
        return tuple(
            gain - (1 - 1 / ratio) * max(0.0, level - threshold)
            for level, threshold, ratio, gain in bands
        )


def _usual_levels_db(crossovers_hz: tuple[float, ...], lufs: float) -> tuple[float, ...]:
    levels = band_levels((0.0, *crossovers_hz, inf)) - _LTASS_DB_SPL + lufs - _TO_ONE_EAR_DB
    return tuple(levels.tolist())


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
        thresholds_db=(_CADENZA_THRESHOLD_DB,) * len(_ATTACK_S),
        attack_s=_ATTACK_S,
        release_s=_RELEASE_S,
        input_lufs=_INPUT_LUFS,
        left=left,
        right=right,
    )


def cadenza_wdrc_for(listener: Listener, *, makeup: bool) -> Wdrc:
    """Compression for a listener, by the second Cadenza challenge's account of its own.

    The challenge published its listeners' values and the rule, not the program; these differ from
    its documented example by up to 4.5 dB and a ratio of 1.4.

    Args:
        listener: whose ears.
        makeup: whether each band is given CAMFIT's gain for 65 dB SPL too; else 0 dB, for use with
            a linear prescription.
    """
    ears = (
        EarCompression(
            _ratios(audiogram),
            _camfit(audiogram, [_MIDDLE_DB_SPL])[0] if makeup else (0.0,) * len(_ATTACK_S),
        )
        for audiogram in (listener.left, listener.right)
    )
    return cadenza_wdrc(*ears)


def wdrc_for(listener: Listener) -> Wdrc:
    """Compression for a listener beside a linear prescription.

    The ratio in a band is how many times more slowly CAMFIT's output grows than its input, from 55
    to 85 dB SPL, 6 at most. The threshold is 15 dB below what a song usually has in the band: where
    soft speech is, were the song speech of the 65 dB SPL that prescriptions mean. At its usual
    level the ear gets the prescription, softer sound more, by up to ``15 (1 - 1 / ratio)`` dB, and
    louder sound less.
    """
    usual = _usual_levels_db(_CROSSOVERS_HZ, _INPUT_LUFS)
    ears = (
        EarCompression.about(_ratios(audiogram), _BELOW_USUAL_DB)
        for audiogram in (listener.left, listener.right)
    )
    return replace(
        cadenza_wdrc(*ears), thresholds_db=tuple(level - _BELOW_USUAL_DB for level in usual)
    )


def _ratios(audiogram: Audiogram) -> tuple[float, ...]:
    soft, loud = np.array(_camfit(audiogram, [_SOFT_DB_SPL, _LOUD_DB_SPL]))
    growth = _LOUD_DB_SPL - _SOFT_DB_SPL
    ratios = growth / np.maximum(growth + loud - soft, growth / _HIGHEST_PRESCRIBED_RATIO)
    return tuple(np.maximum(ratios, 1.0).tolist())


def _camfit(audiogram: Audiogram, levels: list[float]) -> list[tuple[float, ...]]:
    """The gain for each level in each band."""
    return [tuple(gains) for gains in camfit_gains(audiogram, _BANDS, levels).tolist()]


def _within(
    values: tuple[float, ...], low: float, high: float, what: str, unit: str = ""
) -> tuple[float, ...]:
    checked = tuple(float(value) for value in values)
    for value in checked:
        if not low <= value <= high:
            raise BadDataError(f"the {what} must be {low:g} to {high:g}{unit}, got {value:g}")
    return checked
