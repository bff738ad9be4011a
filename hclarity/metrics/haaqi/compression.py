"""The outer hair cells' compression of one band.

Source: J. M. Kates, "An auditory model for intelligibility and quality predictions", POMA 19, 2013;
the filter that delays the gain by 0.2 ms is X. Zhang et al.'s, JASA 109, 2001.
"""

import math

import numpy as np
from numpy.typing import NDArray

from hclarity.metrics.haaqi.cochlea import MODEL_RATE, UPPER_KNEE_DB
from hclarity.metrics.haaqi.compiled import compiled
from hclarity.metrics.haaqi.logarithms import exp2, log2

__all__ = ["average_level", "gains", "widened"]

Signal = NDArray[np.float64]

_DB_OF_LOG2_POWER = float(10.0 * np.log10(2.0))
_LOG2_OF_DB = float(np.log2(10.0) / 20.0)
_SMALL_POWER = 1e-60
# One-pole low-pass filter at 800 Hz, by the bilinear transformation.
_WARPED = float(np.tan(np.pi * 800.0 / MODEL_RATE))
_FEED = _WARPED / (1.0 + _WARPED)
_BACK = (1.0 - _WARPED) / (1.0 + _WARPED)


def widened(mean_power: float, least: float, most: float, level1: float) -> float:
    """Bandwidth of a filter that the whole signal's level in the control band has widened.

    Args:
        mean_power: of the control band.
        least: relative bandwidth up to 50 dB SPL.
        most: from 100 dB SPL on.
        level1: dB SPL of a signal whose RMS is 1.
    """
    level = level1 + _decibels(mean_power)
    return least + min(max((level - 50.0) / 50.0, 0.0), 1.0) * (most - least)


@compiled()
def gains(control: Signal, level1: float, curve: Signal, memory: Signal, gain: Signal) -> None:
    """Gains with which a band is compressed.

    Args:
        control: squared envelope of the control band, ``[frames]``.
        level1: dB SPL of a signal whose RMS is 1.
        curve: lower knee in dB SPL, compression ratio above it (up to 100 dB SPL), attenuation
            below it in dB.
        memory: the last gain before and behind the low-pass filter; moves on.
        gain: becomes the gains, ``[frames]`` at least.
    """
    knee, ratio, loss = curve
    slope = 1.0 - 1.0 / ratio
    for n in range(control.size):
        level = level1 + _DB_OF_LOG2_POWER * log2(max(control[n], _SMALL_POWER))
        level = max(min(level, UPPER_KNEE_DB), knee)
        gain[n] = exp2(_LOG2_OF_DB * (-loss - (level - knee) * slope))
    before, behind = memory
    for n in range(control.size):
        fed = _FEED * (before + gain[n])
        before = gain[n]
        behind = fed + _BACK * behind
        gain[n] = behind
    memory[0], memory[1] = before, behind


def average_level(
    power: float, control: float, level1: float, lower_knee: float, ratio: float, loss: float
) -> float:
    """Long-term level of a band after compression, in dB above threshold.

    Args:
        power: mean squared envelope.
        control: mean squared envelope of the control band.
        level1: dB SPL of a signal whose RMS is 1.
        lower_knee: level where compression begins, dB SPL.
        ratio: of compression.
        loss: attenuation by outer and inner hair cells together, dB.
    """
    driving = max(min(level1 + _decibels(control), UPPER_KNEE_DB), lower_knee)
    gain = -loss - (driving - lower_knee) * (1.0 - 1.0 / ratio)
    return max(max(level1 + _decibels(power), 0.0) + gain, 0.0)


def _decibels(power: float) -> float:
    return 10.0 * math.log10(max(power, _SMALL_POWER))
