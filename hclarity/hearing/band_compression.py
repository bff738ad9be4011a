"""An ear's compression sample by sample, compiled: nothing here can be computed at once."""

import numpy as np
from numpy.typing import NDArray

from hclarity.metrics.haaqi.compiled import compiled

__all__ = ["Signal", "compress"]

Signal = NDArray[np.float64]

_DECIBEL = np.log(10.0) / 20


@compiled()
def _filtered(sample: float, section: Signal, state: Signal) -> float:
    """The next sample out of a second-order section, transposed direct form II."""
    out = section[0] * sample + state[0]
    state[0] = section[1] * sample - section[3] * out + state[1]
    state[1] = section[2] * sample - section[4] * out
    return float(out)


@compiled()
def _reduced(sample: float, rule: Signal, reduction: float) -> float:
    """By how many dB the next sample of a band is reduced; see `compress`."""
    threshold, share, attack, release = rule[0], rule[1], rule[2], rule[3]
    wanted = 0.0
    if abs(sample) > threshold:
        wanted = share * np.log(abs(sample) / threshold) / _DECIBEL
    kept = attack if wanted > reduction else release
    return float(kept * reduction + (1.0 - kept) * wanted)


@compiled()
def compress(
    samples: Signal, splits: Signal, states: Signal, rules: Signal, reductions: Signal
) -> None:
    """Split the next samples into bands, compress each and sum them, in place.

    Args:
        samples: ``[frames]``; become those compressed.
        splits: ``[crossovers, 3, 5]``: of a low-pass, a high-pass and an all-pass filter of second
            order the coefficients b0, b1, b2, a1, a2.
        states: ``[crossovers, 4 + crossovers, 2]``, which move on: of the low-pass filter twice,
            the high-pass filter twice, and the all-pass filter of each lower band.
        rules: ``[bands, 5]``: threshold as an amplitude; what share of the level above it is taken
            off; what share of a reduction is kept each sample while it grows, and while it shrinks;
            gain in dB.
        reductions: ``[bands]``, in dB, which move on.
    """
    crossovers = splits.shape[0]
    for now in range(samples.size):
        rest, total = samples[now], 0.0
        for k in range(crossovers + 1):
            band = rest
            if k < crossovers:
                low, high, own = splits[k, 0], splits[k, 1], states[k]
                band = _filtered(_filtered(rest, low, own[0]), low, own[1])
                rest = _filtered(_filtered(rest, high, own[2]), high, own[3])
            for above in range(k + 1, crossovers):
                band = _filtered(band, splits[above, 2], states[above, 4 + k])
            reductions[k] = _reduced(band, rules[k], reductions[k])
            total += band * np.exp(_DECIBEL * (rules[k, 4] - reductions[k]))
        samples[now] = total
