"""How well the membrane moves in step: short-time covariance of the two signals in each band.

Source: J. M. Kates and K. H. Arehart, "The Hearing-Aid Audio Quality Index (HAAQI)", IEEE/ACM
TASLP 24(2), 2016; after C. T. Tan et al., JAES 52, 2004, and D. H. Johnson, JASA 68, 1980 (loss of
synchrony at high frequencies).
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from hclarity.metrics.haaqi.cochlea import MODEL_RATE, centre_frequencies
from hclarity.metrics.haaqi.compiled import compiled
from hclarity.metrics.haaqi.loudness import sounding

__all__ = ["HALF_SEGMENT", "covariances", "synchrony"]

Signal = NDArray[np.float64]

HALF_SEGMENT = MODEL_RATE * 8 // 1000  # segments are 16 ms long and overlap by half
_LAGS = MODEL_RATE // 1000  # of up to 1 ms either way
_AT_ONCE = 4  # lags, so that what is read once is used four times
_SMALL = 1e-30
_SYNCHRONY_HZ, _SYNCHRONY_ORDER = 3500.0, 5


def covariances(reference: Signal, processed: Signal) -> tuple[Signal, Signal]:
    """Covariance of two signals' segments, and the level of the reference's.

    The greatest covariance over lags is taken, whatever its sign, of the signals under a von Hann
    window with their means removed; of the first and the last segment there is but half.

    Args:
        reference: motion of the membrane in a band, ``[frames]``, two half segments at least.
        processed: of the same shape.

    Returns:
        Covariances, 0 to 1, ``[segments]``, and mean squares, ``[segments]``.
    """
    segments = reference.size // HALF_SEGMENT
    covariance, level = np.empty(segments), np.empty(segments)
    window = np.hanning(2 * HALF_SEGMENT)
    begin, end = window[HALF_SEGMENT:], window[:HALF_SEGMENT]
    edge = _correlation_of(HALF_SEGMENT)
    last = segments - 1
    _segments(reference, processed, begin, edge, 0, covariance[:1], level[:1])
    _segments(
        reference,
        processed,
        window,
        _correlation_of(2 * HALF_SEGMENT),
        HALF_SEGMENT,
        covariance[1:last],
        level[1:last],
    )
    start = last * HALF_SEGMENT
    _segments(reference, processed, end, edge, start, covariance[last:], level[last:])
    return covariance, level


@cache
def _correlation_of(length: int) -> Signal:
    """Autocorrelation of the window's last samples at each lag; infinite at lags not looked at."""
    window = np.hanning(2 * HALF_SEGMENT)[-length:]
    middle = length - 1
    correlation = np.correlate(window, window, "full")[middle - _LAGS : middle + _LAGS + 1]
    return np.pad(correlation, (0, -correlation.size % _AT_ONCE), constant_values=np.inf)


@compiled(reassociate=True)
def _products(x: Signal, y: Signal) -> tuple[float, float, float, float]:
    """Inner products of ``x`` with ``y`` and with ``y`` one, two and three samples on."""
    y0, y1, y2, y3 = y[: x.size], y[1 : x.size + 1], y[2 : x.size + 2], y[3 : x.size + 3]
    p0 = p1 = p2 = p3 = 0.0
    for n in range(x.size):
        p0 += x[n] * y0[n]
        p1 += x[n] * y1[n]
        p2 += x[n] * y2[n]
        p3 += x[n] * y3[n]
    return p0, p1, p2, p3


@compiled(reassociate=True)
def _segments(
    reference: Signal,
    processed: Signal,
    window: Signal,
    window_correlation: Signal,
    start: int,
    covariance: Signal,
    level: Signal,
) -> None:
    """Fill in the covariances and levels of segments of one length, the first at ``start``."""
    length = window.size
    x = np.zeros(length)
    # the processed segment stands between zeros, so that each lag is a slice of the same length
    padded = np.zeros(length + window_correlation.size)
    y = padded[_LAGS : _LAGS + length]
    power = window_correlation[_LAGS]
    for segment in range(covariance.size):
        at = start + segment * HALF_SEGMENT
        x_sum = y_sum = 0.0
        for n in range(length):
            x[n] = reference[at + n] * window[n]
            y[n] = processed[at + n] * window[n]
            x_sum += x[n]
            y_sum += y[n]
        x_mean, y_mean = x_sum / length, y_sum / length
        x_power = y_power = 0.0
        for n in range(length):
            x[n] -= x_mean
            y[n] -= y_mean
            x_power += x[n] * x[n]
            y_power += y[n] * y[n]
        x_power /= power
        y_power /= power
        greatest = 0.0
        for lag in range(0, window_correlation.size, _AT_ONCE):
            p0, p1, p2, p3 = _products(x, padded[lag:])
            w = window_correlation[lag : lag + _AT_ONCE]
            greatest = max(greatest, abs(p0) / w[0], abs(p1) / w[1], abs(p2) / w[2], abs(p3) / w[3])
        heard = x_power > _SMALL and y_power > _SMALL
        covariance[segment] = min(greatest / np.sqrt(x_power * y_power), 1.0) if heard else 0.0
        level[segment] = 2.0 * x_power


def synchrony(covariance: Signal, level: Signal, threshold: float) -> float:
    """Average covariance of what is above threshold, high frequencies counting less.

    Args:
        covariance: ``[bands, segments]``.
        level: mean squares of the reference, of the same shape.
        threshold: in dB; below it a segment or a band of it is silent.

    Returns:
        0 to 1; 0 where all but one segment is silent.
    """
    rms = np.sqrt(level)
    heard = sounding(rms, threshold)
    if np.count_nonzero(heard) <= 1:
        return 0.0
    cutoff = _SYNCHRONY_HZ ** (2 * _SYNCHRONY_ORDER)
    kept = np.sqrt(cutoff / (cutoff + centre_frequencies() ** (2 * _SYNCHRONY_ORDER)))
    weight = kept[:, None] * (rms > threshold)[:, heard]
    return float(np.sum(weight * covariance[:, heard]) / np.sum(weight))
