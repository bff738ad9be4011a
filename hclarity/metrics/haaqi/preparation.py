"""Before the cochlea: sample rate, alignment, NAL-R for the reference, and the middle ear.

Source: J. M. Kates, "An auditory model for intelligibility and quality predictions", POMA 19, 2013;
NAL-R: D. Byrne and H. Dillon, Ear and Hearing 7, 1986.
"""

from functools import cache

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy import signal

from hclarity.metrics.haaqi.alignment import broadband_delay, shift
from hclarity.metrics.haaqi.cochlea import AUDIOMETRIC_HZ, MODEL_RATE

__all__ = ["aligned", "amplified", "at_model_rate", "at_rounded_rate", "middle_ear"]

Signal = NDArray[np.float64]

_MODEL_KHZ = MODEL_RATE // 1000
_FAINTEST = 1e-3  # of the peak; what is fainter at both ends is cut off
_ORDER = 140  # of the NAL-R filter
_GRID = 513  # frequencies from 0 to half the sample rate at which that filter is designed
_NALR_BIAS = (-17.0, -8.0, 1.0, -1.0, -2.0, -2.0)  # dB at AUDIOMETRIC_HZ


def at_model_rate(heard: Signal, rate: float) -> Signal:
    """Resample to 24 kHz, as Cadenza's recipes do before they call the reference."""
    if rate == MODEL_RATE:
        return heard
    return np.asarray(soxr.resample(heard, rate, MODEL_RATE, quality="HQ"))


def at_rounded_rate(heard: Signal, rate: float) -> Signal:
    """Resample as the reference itself does: as if the rate were a whole number of kHz.

    The result has the level that the input has, from above 24 kHz that below 10.5 kHz.
    """
    khz = round(rate / 1000)
    if khz == _MODEL_KHZ:
        return heard
    resampled = signal.resample_poly(heard, _MODEL_KHZ, khz)
    if khz < _MODEL_KHZ:
        before, after = heard, resampled
    else:
        before = signal.lfilter(*signal.cheby2(7, 30, 21 / khz), heard)
        after = signal.lfilter(*signal.cheby2(7, 30, 21 / _MODEL_KHZ), resampled)
    level = np.sqrt(np.mean(after**2))
    matched = resampled * (np.sqrt(np.mean(before**2)) / level) if level > 0.0 else resampled
    return np.asarray(matched)


def aligned(reference: Signal, processed: Signal) -> tuple[Signal, Signal]:
    """Cut two signals to the shorter, bring them together, and cut off what is silent.

    Args:
        reference: ``[frames]``, not silent; decides what is cut off.
        processed: ``[frames]``, of either polarity.

    Returns:
        Both, of one length.
    """
    frames = min(reference.size, processed.size)
    reference, processed = reference[:frames], processed[:frames]
    together = processed.copy()
    shift(together, broadband_delay(reference, processed))
    level = np.abs(reference)
    audible = np.flatnonzero(level > _FAINTEST * np.max(level))
    kept = slice(audible[0], audible[-1] + 1)
    return reference[kept], together[kept]


def amplified(heard: Signal, loss: Signal) -> Signal:
    """A signal with NAL-R's gains for a hearing loss, by a filter of linear phase.

    Args:
        heard: ``[frames]``.
        loss: dB HL at `AUDIOMETRIC_HZ`.
    """
    return np.asarray(signal.oaconvolve(heard, _nalr_filter(loss)))[_ORDER:]


def _nalr_filter(loss: Signal) -> Signal:
    """Taps of the filter, designed by sampling the gain at frequencies."""
    if np.max(loss) <= 0.0:
        return np.asarray(signal.unit_impulse(_ORDER + 1, "mid"))
    sum_of_three = float(np.sum(loss[1:4]))  # 500, 1000 and 2000 Hz
    common = 0.05 * sum_of_three if sum_of_three <= 180.0 else 9.0 + 0.116 * (sum_of_three - 180.0)
    gain = np.maximum(common + 0.31 * loss + _NALR_BIAS, 0.0)
    knots = np.arange(_ORDER + 1) / _ORDER
    gains = 10.0 ** (np.interp(knots * MODEL_RATE / 2, AUDIOMETRIC_HZ, gain) / 20.0)
    # Between two knots the gain goes from one to the other in equal steps, both ends included.
    begins = (knots * _GRID).astype(int)
    steps = zip(gains, gains[1:], np.diff(begins), strict=False)
    response = np.concatenate([np.linspace(*ends) for ends in steps])
    delay = np.exp(-0.5j * _ORDER * np.pi * np.arange(_GRID) / (_GRID - 1))
    taps = np.fft.irfft(response * delay)[: _ORDER + 1]
    return np.asarray(taps * np.hamming(_ORDER + 1))


def middle_ear(heard: Signal) -> Signal:
    """What reaches the cochlea: roughly the equal-loudness contour at threshold."""
    low_pass, high_pass = _middle_ear_filters()
    return np.asarray(signal.lfilter(*high_pass, signal.lfilter(*low_pass, heard)))


@cache
def _middle_ear_filters() -> tuple[tuple[Signal, Signal], tuple[Signal, Signal]]:
    """One pole at 5 kHz and two at 350 Hz."""
    return signal.butter(1, 5000, fs=MODEL_RATE), signal.butter(2, 350, "high", fs=MODEL_RATE)
