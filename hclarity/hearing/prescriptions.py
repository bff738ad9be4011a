"""Prescriptions: from what an ear hears to the gain it is given.

All are linear: one gain at each frequency, whatever the level. For recorded music, which is
compressed already, listeners with hearing loss rate linear gain above wide dynamic range
compression (Kirchberger and Russo, Trends in Hearing 20, 2016).
"""

from typing import Literal

from hclarity.hearing.audiogram import Audiogram
from hclarity.hearing.insertion_gains import NO_GAIN, InsertionGains

__all__ = ["Prescription", "nalr", "prescribe"]

Prescription = Literal["nalr", "none"]

# k(f) of Byrne and Dillon 1986, in dB; at 750 Hz it is -3, not its neighbour's -8.
_NALR_DB = {250: -17, 500: -8, 750: -3, 1000: 1, 1500: 1, 2000: -1, 3000: -2, 4000: -2, 6000: -2}


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
