"""From a listener's ears and wishes to a gain plan."""

from collections.abc import Mapping
from dataclasses import replace

from hclarity.errors import UsageError
from hclarity.hearing.audiogram import Listener
from hclarity.hearing.cadenza_filter import nalr_audiogram
from hclarity.hearing.insertion_gains import NO_GAIN, InsertionGains
from hclarity.hearing.prescriptions.choice import prescribe
from hclarity.hearing.prescriptions.names import Prescription
from hclarity.hearing.wdrc import Wdrc, cadenza_wdrc_for, wdrc_for
from hclarity.remixing.plan import GainPlan, Loudness

__all__ = ["EarGains", "plan_for"]

EarGains = tuple[InsertionGains, InsertionGains]
"""Of the left and of the right ear."""


def plan_for(
    listener: Listener | None,
    *,
    prescription: Prescription | EarGains = "nalr",
    wdrc: bool = False,
    as_cadenza: bool = False,
    stem_gains: Mapping[str, float],
    loudness: Loudness = "match",
    ceiling: float = -1.0,
) -> GainPlan:
    """The plan of a remix for one listener.

    Args:
        listener: whose ears get their prescribed gain; None for 0 dB.
        prescription: as in `prescribe`, or the gains themselves.
        wdrc: compress each ear too, as `wdrc_for` its audiogram.
        as_cadenza: amplify with the filter of the Cadenza challenges, from the six thresholds that
            it knows, and compress by `cadenza_wdrc_for`.
        stem_gains: in dB for each stem that shall change.
        loudness: LUFS, or ``"match"`` for the loudness of the song.
        ceiling: true peak never exceeded, in dBTP.

    Raises:
        BadDataError: for a value out of range.
        UsageError: for what the challenges have not, or compression without a listener.
    """
    if wdrc and listener is None:
        raise UsageError("compression needs an audiogram, from which its ratios follow")
    makeup = as_cadenza and wdrc and prescription == "camfit"
    if as_cadenza and not makeup and prescription not in ("nalr", "none"):
        raise UsageError(
            "the Cadenza challenges amplify by nalr, or by camfit with wdrc; choose one of these"
        )
    known = _known_to_cadenza(listener) if as_cadenza else listener
    left, right = (NO_GAIN, NO_GAIN) if makeup else _ear_gains(known, prescription)
    if not as_cadenza:  # whose gains are theirs to the last digit
        left, right = _to_be_read(left), _to_be_read(right)
    compression: Wdrc | None = None
    if wdrc and listener:
        compression = (
            cadenza_wdrc_for(listener, makeup=makeup) if as_cadenza else wdrc_for(listener)
        )
    return GainPlan(
        stem_gains,
        left,
        right,
        filter="cadenza" if as_cadenza else "linear-phase",
        wdrc=compression,
        loudness=loudness,
        ceiling_db=ceiling,
    )


def _to_be_read(gains: InsertionGains) -> InsertionGains:
    """To hundredths of a dB, which nobody hears: a plan is read and edited by people."""
    return replace(gains, gains_db=tuple(round(gain, 2) + 0.0 for gain in gains.gains_db))


def _known_to_cadenza(listener: Listener | None) -> Listener | None:
    if listener is None:
        return None
    return Listener(nalr_audiogram(listener.left), nalr_audiogram(listener.right))


def _ear_gains(listener: Listener | None, prescription: Prescription | EarGains) -> EarGains:
    if not isinstance(prescription, str):
        return prescription
    if listener is None:
        return NO_GAIN, NO_GAIN
    return prescribe(prescription, listener.left), prescribe(prescription, listener.right)
