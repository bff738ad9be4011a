"""The prescriptions of the National Acoustic Laboratories that are published as formulae.

With H the threshold in dB HL and S its sum over 500, 1000 and 2000 Hz, both are::

    gain(f) = max(0, X(S) + 0.31 H(f) + k(f))

Sources: D. Byrne and H. Dillon, Ear and Hearing 7 (1986) 257-265, for NAL-R; D. Byrne, A. Parkinson
and P. Newall, Ear and Hearing 11 (1990) 40-49, for severe and profound losses: NAL-RP. Later rules
of these laboratories (NAL-NL1, NAL-NL2) are programs, not formulae, and are not here.
"""

import numpy as np

from hclarity.hearing.audiogram import Audiogram, interpolated
from hclarity.hearing.insertion_gains import InsertionGains
from hclarity.hearing.prescriptions.formulae import Decibels, insertion_gains, thresholds_at

__all__ = ["nalr", "nalrp"]

_HZ = (250.0, 500.0, 750.0, 1000.0, 1500.0, 2000.0, 3000.0, 4000.0, 6000.0)
_K_DB = np.array((-17, -8, -3, 1, 1, -1, -2, -2, -2))  # at 750 Hz not its neighbour's -8

_PROFOUND_HZ = (250.0, 500.0, 1000.0, 1500.0, 2000.0, 3000.0, 4000.0, 6000.0)
_AT_2000_HZ = (90, 95, 100, 105, 110, 115, 120)  # dB HL
_PROFOUND_DB = (
    (0, 0, 0, 0, 0, 0, 0, 0),
    (4, 3, 0, -1, -2, -2, -2, -2),
    (6, 4, 0, -2, -3, -3, -3, -3),
    (8, 5, 0, -3, -5, -5, -5, -5),
    (11, 7, 0, -3, -6, -6, -6, -6),
    (13, 8, 0, -4, -8, -8, -8, -8),
    (15, 9, 0, -5, -9, -9, -9, -9),
)


def nalr(audiogram: Audiogram) -> InsertionGains:
    """NAL-R, with a second slope for severe losses as in the Cadenza challenges.

    ``X(S) = 0.05 S`` up to S = 180, and ``9 + 0.116 (S - 180)`` above. The first is NAL-R's, the
    second nearly NAL-RP's.

    An ear without loss, with no threshold above 0 dB HL, is given 0 dB everywhere.

    >>> round(nalr(Audiogram((500, 1000, 2000, 4000), (35, 40, 50, 60))).at(1000), 2)
    19.65
    """
    total = _sum_of_three(audiogram)
    x = 0.05 * total if total <= 180 else 9.0 + 0.116 * (total - 180)
    return insertion_gains(audiogram, _HZ, x + _proportional(audiogram))


def nalrp(audiogram: Audiogram) -> InsertionGains:
    """NAL-RP: for losses so severe that low frequencies have to do more of the work.

    ``X(S) = 0.05 S``, and ``(S - 180) / 15`` more above S = 180. From 95 dB HL at 2 kHz a table of
    corrections is added: more gain below 1 kHz, less above.

    The table has rows for each 5 dB at 2 kHz. Between them it is interpolated; towards 90 dB HL,
    where nothing is corrected, too, lest a single dB cost 2 dB of gain; 120 dB HL is its end.

    More loss at one of the rule's frequencies never means less gain there, but for 0.2 dB at 2 kHz:
    where S is below 180 the table's steps of 2 dB are more than 5 dB of loss bring. More loss at 2
    kHz can mean less gain above it, as the table wants: the worst is a net drop of 7.5 dB at 3 kHz
    and above, from 90 to 120 dB HL where S stays below 180.

    An ear without loss, with no threshold above 0 dB HL, is given 0 dB everywhere.

    >>> worst = nalrp(Audiogram((250, 500, 1000, 2000, 4000), (90, 95, 105, 105, 105)))
    >>> worst.at(250).__round__(2), worst.at(2000).__round__(2)
    (42.48, 50.13)
    """
    total = _sum_of_three(audiogram)
    x = 0.05 * total + max(0.0, total - 180) / 15
    corrected = x + _proportional(audiogram) + _profound_correction(audiogram.threshold_at(2000))
    return insertion_gains(audiogram, _HZ, corrected)


def _sum_of_three(audiogram: Audiogram) -> float:
    return float(thresholds_at(audiogram, (500.0, 1000.0, 2000.0)).sum())


def _proportional(audiogram: Audiogram) -> Decibels:
    return np.asarray(0.31 * thresholds_at(audiogram, _HZ) + _K_DB)


def _profound_correction(at_2000_hz: float) -> Decibels:
    columns = zip(*_PROFOUND_DB, strict=True)
    row = tuple(float(np.interp(at_2000_hz, _AT_2000_HZ, column)) for column in columns)
    return interpolated(_HZ, _PROFOUND_HZ, row)
