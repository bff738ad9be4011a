"""From a listener's ears and wishes to a gain plan."""

from collections.abc import Mapping

from hclarity.errors import UsageError
from hclarity.hearing.audiogram import Listener
from hclarity.hearing.insertion_gains import NO_GAIN, InsertionGains
from hclarity.hearing.prescriptions.choice import prescribe
from hclarity.hearing.prescriptions.names import Prescription
from hclarity.hearing.wdrc import wdrc_for
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
        as_cadenza: amplify with the filter, and compress with the make-up gain, of the Cadenza
            challenges.
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
    left, right = (NO_GAIN, NO_GAIN) if makeup else _ear_gains(listener, prescription)
    return GainPlan(
        stem_gains,
        left,
        right,
        filter="cadenza" if as_cadenza else "linear-phase",
        wdrc=wdrc_for(listener, makeup=makeup) if wdrc and listener else None,
        loudness=loudness,
        ceiling_db=ceiling,
    )


def _ear_gains(listener: Listener | None, prescription: Prescription | EarGains) -> EarGains:
    if not isinstance(prescription, str):
        return prescription
    if listener is None:
        return NO_GAIN, NO_GAIN
    return prescribe(prescription, listener.left), prescribe(prescription, listener.right)
