"""Gammatone filters: places on the basilar membrane, several at a time.

Fourth order, by impulse invariance: the signal is moved to 0 Hz, smoothed by four equal one-pole
filters in a row, and moved back. The reference runs the four as one filter of fourth order, whose
four equal poles lose eight digits at 80 Hz to rounding; one by one they lose none.

A recursion cannot be spread over time, so `LANES` filters stand side by side, the innermost of
loops: a compiler makes each of their steps one vector instruction. For that, what a loop touches
lies in few arrays, at distances that are known when it is compiled.

Source: M. Cooke, "Modelling auditory processing and organisation", 1993; N. Ma's implementation.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hclarity.metrics.haaqi.cochlea import MODEL_RATE
from hclarity.metrics.haaqi.compiled import CHUNK, compiled

__all__ = ["LANES", "filtered", "group_delay", "pole", "powers", "states"]

Signal = NDArray[np.float64]

LANES = 16
_STEPS = 4  # samples for which filters stay in registers; divides CHUNK
# What a filter is, each for all lanes: four stages in phase, four in quadrature, the carrier's
# cosine and sine, those of its turn in a sample, the pole, and the gain.
_ROWS = 14
# With poles at a, the zeros make 1 + 4 a / z + 4 a^2 / z^2 = 9 - 12 (1 - a / z) + 4 (1 - a / z)^2:
# the last stage, and two before it, in these proportions.
_THIRD, _SECOND = -12.0 / 9.0, 4.0 / 9.0


def pole(bandwidth: float) -> float:
    """Place of the filter's four poles.

    Args:
        bandwidth: equivalent rectangular one, Hz.
    """
    return math.exp(-2.0 * math.pi / MODEL_RATE * 1.019 * bandwidth)


def group_delay(a: float) -> int:
    """Delay at the centre frequency in samples, for poles at ``a``."""
    ahead = (4.0 * a + 8.0 * a * a) / (1.0 + 4.0 * a + 4.0 * a * a)
    return round(ahead + 4.0 * a / (1.0 - a))


def states(centres: Sequence[float], poles: Sequence[float]) -> Signal:
    """`LANES` filters at rest.

    Args:
        centres: Hz.
        poles: of the filters.
    """
    turn, a = 2.0 * np.pi / MODEL_RATE * np.asarray(centres), np.asarray(poles)
    filters = np.zeros((_ROWS, LANES))
    filters[8] = 1.0
    filters[10], filters[11], filters[12] = np.cos(turn), np.sin(turn), a
    filters[13] = 18.0 * (1.0 - a) ** 4 / (1.0 + 4.0 * a + 4.0 * a * a)
    return filters.reshape(-1)


@compiled()
def filtered(heard: Signal, filters: Signal, out: Signal) -> None:
    """Filter the next samples, a multiple of four.

    Args:
        heard: a sample for each lane, then the next sample for each, and so on.
        filters: their `states`, which move on.
        out: twice as long; for each sample, becomes the squared envelopes of all lanes, and the
            motions of all lanes.
    """
    for start in range(0, heard.size, _STEPS * LANES):
        x = heard[start : start + _STEPS * LANES]
        y = out[2 * start : 2 * (start + _STEPS * LANES)]
        for k in range(LANES):
            p1, p2 = filters[k], filters[k + LANES]
            p3, p4 = filters[k + 2 * LANES], filters[k + 3 * LANES]
            q1, q2 = filters[k + 4 * LANES], filters[k + 5 * LANES]
            q3, q4 = filters[k + 6 * LANES], filters[k + 7 * LANES]
            c, s = filters[k + 8 * LANES], filters[k + 9 * LANES]
            c_turn, s_turn = filters[k + 10 * LANES], filters[k + 11 * LANES]
            a, gain = filters[k + 12 * LANES], filters[k + 13 * LANES]
            for step in range(_STEPS):
                sample = gain * x[step * LANES + k]
                p1, q1 = sample * c + a * p1, sample * s + a * q1
                p2, q2 = p1 + a * p2, q1 + a * q2
                p3, q3 = p2 + a * p3, q2 + a * q3
                p4, q4 = p3 + a * p4, q3 + a * q4
                u = p4 + (_THIRD * p3 + _SECOND * p2)
                v = q4 + (_THIRD * q3 + _SECOND * q2)
                y[2 * step * LANES + k] = u * u + v * v
                y[(2 * step + 1) * LANES + k] = u * c + v * s
                c, s = c * c_turn + s * s_turn, s * c_turn - c * s_turn
            filters[k], filters[k + LANES] = p1, p2
            filters[k + 2 * LANES], filters[k + 3 * LANES] = p3, p4
            filters[k + 4 * LANES], filters[k + 5 * LANES] = q1, q2
            filters[k + 6 * LANES], filters[k + 7 * LANES] = q3, q4
            filters[k + 8 * LANES], filters[k + 9 * LANES] = c, s


@compiled()
def powers(signal: Signal, filters: Signal) -> Signal:
    """Mean squared envelope of a signal in each of `LANES` filters."""
    heard, out = np.empty(CHUNK * LANES), np.empty(2 * CHUNK * LANES)
    total = np.zeros(LANES)
    for start in range(0, signal.size, CHUNK):
        length = min(CHUNK, signal.size - start)
        for n in range(length):
            for k in range(LANES):
                heard[n * LANES + k] = signal[start + n]
        heard[length * LANES :] = 0.0
        filtered(heard, filters, out)
        for n in range(length):
            for k in range(LANES):
                total[k] += out[2 * n * LANES + k]
    return total / signal.size
