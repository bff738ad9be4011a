"""What all prescriptions share: at which frequencies, and never less than no gain."""

import numpy as np
from numpy.typing import NDArray

from hclarity.hearing.audiogram import Audiogram, interpolated
from hclarity.hearing.insertion_gains import NO_GAIN, InsertionGains

__all__ = ["Decibels", "has_loss", "insertion_gains", "thresholds_at"]

Decibels = NDArray[np.float64]


def has_loss(audiogram: Audiogram) -> bool:
    """Whether any threshold is above 0 dB HL.

    Some formulae have a constant above 0 dB, which an ear that hears all shall not be given.
    """
    return max(audiogram.thresholds) > 0


def thresholds_at(audiogram: Audiogram, frequencies: tuple[float, ...]) -> Decibels:
    """The thresholds at these frequencies, in dB HL."""
    return interpolated(frequencies, audiogram.frequencies, audiogram.thresholds)


def insertion_gains(
    audiogram: Audiogram, frequencies: tuple[float, ...], formula_db: Decibels
) -> InsertionGains:
    """What a formula gives to an ear: no negative gain, and none at all without loss."""
    if not has_loss(audiogram):
        return NO_GAIN
    return InsertionGains(frequencies, tuple(np.maximum(formula_db, 0.0).tolist()))
