"""The inner hair cells: from compressed vibration to firing, with adaptation and noise.

Source: J. M. Kates, "An auditory model for intelligibility and quality predictions", POMA 19, 2013:
rapid (2 ms) and short-term (60 ms) adaptation as a circuit of resistors and capacitors, solved by
backward differences.
"""

import numpy as np
from numpy.typing import NDArray

from hclarity.metrics.haaqi.cochlea import MODEL_RATE
from hclarity.metrics.haaqi.compiled import CHUNK, compiled
from hclarity.metrics.haaqi.logarithms import log2

__all__ = ["firing"]

Signal = NDArray[np.float64]
Vibration = tuple[Signal, Signal, Signal]

_DB_OF_LOG2 = float(20.0 * np.log10(2.0))
_SMALL = 1e-30
_OVERSHOOT = 2.0
_RAPID, _SHORT_TERM = 0.002, 0.06  # time constants, seconds


def _circuit() -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """The update of the two capacitors' voltages: what v0, v1, v2 add to v1, and to v2."""
    r1 = 1.0 / _OVERSHOOT
    r2 = r3 = 0.5 * (1.0 - r1)
    rapid = _RAPID * (r1 + r2) * MODEL_RATE  # r1 r2 c1, in samples
    short_term = _SHORT_TERM * r2 / (r1 + r2) * MODEL_RATE  # r2 r3 c2, in samples
    a11, a12 = r1 + r2 + rapid, -r1
    a21, a22 = -r3, r2 + r3 + short_term
    scale = 1.0 / (a11 * a22 - a21 * a12)
    return (
        (scale * a22 * r2, scale * a22 * rapid, -scale * a12 * short_term),
        (-scale * a21 * r2, -scale * a21 * rapid, scale * a11 * short_term),
    )


(_V1_V0, _V1_V1, _V1_V2), (_V2_V0, _V2_V1, _V2_V2) = _circuit()


@compiled()
def firing(first: Vibration, second: Vibration, level: float, noise_gain: float) -> None:
    """Turn two signals' vibrations, in place, into what the auditory nerve gets.

    Both at once, for each sample waits for the one before it.

    Args:
        first: compressed envelope, which becomes the firing rate in dB above threshold; motion,
            which gets that envelope, and noise; noise of unit variance. All ``[frames]``.
        second: the same of another signal.
        level: dB above the inner hair cells' threshold of an envelope of 1.
        noise_gain: factor of the noise.
    """
    x, y = np.empty(CHUNK), np.empty(CHUNK)
    x1 = x2 = y1 = y2 = 0.0
    for start in range(0, first[0].size, CHUNK):
        length = min(CHUNK, first[0].size - start)
        _rates(first[0][start : start + length], level, x)
        _rates(second[0][start : start + length], level, y)
        for n in range(length):
            x0, y0 = x[n], y[n]
            x1, x2 = (
                _V1_V1 * x1 + (_V1_V2 * x2 + _V1_V0 * x0),
                _V2_V1 * x1 + (_V2_V2 * x2 + _V2_V0 * x0),
            )
            y1, y2 = (
                _V1_V1 * y1 + (_V1_V2 * y2 + _V1_V0 * y0),
                _V2_V1 * y1 + (_V2_V2 * y2 + _V2_V0 * y0),
            )
            x[n], y[n] = (x0 - x1) * _OVERSHOOT, (y0 - y1) * _OVERSHOOT
        for rates, vibration in ((x, first), (y, second)):
            envelope = vibration[0][start : start + length]
            motion = vibration[1][start : start + length]
            noise = vibration[2][start : start + length]
            for n in range(length):
                heard = max(rates[n], 0.0)
                gain = (heard + _SMALL) / (envelope[n] + _SMALL)
                motion[n] = gain * motion[n] + noise_gain * noise[n]
                envelope[n] = heard


@compiled()
def _rates(envelope: Signal, level: float, rates: Signal) -> None:
    """Firing rates before adaptation."""
    for n in range(envelope.size):
        rates[n] = max(level + _DB_OF_LOG2 * log2(envelope[n] + _SMALL), 0.0)
