"""Some places of the basilar membrane, listening to two signals at once.

Source: J. M. Kates, "An auditory model for intelligibility and quality predictions", POMA 19, 2013.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hclarity.metrics.haaqi.cochlea import Place
from hclarity.metrics.haaqi.compiled import CHUNK, compiled
from hclarity.metrics.haaqi.compression import gains
from hclarity.metrics.haaqi.gammatone import LANES, filtered, pole, powers, states

__all__ = ["GROUP", "control_powers", "vibrate"]

Signal = NDArray[np.float64]

# A place takes four filters: one that controls and one that is heard, for either signal.
GROUP = LANES // 4
_HEARD = 2 * GROUP


def control_powers(signal: Signal, places: Sequence[Place]) -> list[float]:
    """Mean squared envelope of a signal in the filters that control each place.

    Args:
        signal: ``[frames]``.
        places: `LANES` of them, or a multiple.
    """
    found: list[float] = []
    for first in range(0, len(places), LANES):
        some = places[first : first + LANES]
        filters = states([place.centre for place in some], [_widest(place) for place in some])
        found += powers(signal, filters).tolist()
    return found


def _widest(place: Place) -> float:
    return pole(place.widest * place.equivalent)


def vibrate(
    signals: tuple[Signal, Signal],
    places: Sequence[Place],
    poles: Sequence[Sequence[float]],
    level1: float,
    vibrations: Signal,
) -> Signal:
    """Compressed envelopes and motions of some places.

    Args:
        signals: two of them, ``[frames]``.
        places: `GROUP` of them.
        poles: of the filters, for each place and each signal.
        level1: dB SPL of a signal whose RMS is 1.
        vibrations: becomes, at its end, envelopes and motions, ``[2, signals, places, at least
            frames]``; stays as it is before that.

    Returns:
        Mean squared envelopes before compression, ``[signals, places]``.
    """
    controls = 2 * [_widest(place) for place in places]
    heard = [pair[signal] for signal in range(2) for pair in poles]
    filters = states(4 * [place.centre for place in places], controls + heard)
    curves = np.array([[p.lower_knee, p.compression, p.outer_loss] for p in places])
    total = _vibrate(*signals, filters, level1, curves, vibrations)
    return total.reshape(2, GROUP) / signals[0].size


@compiled()
def _vibrate(
    first: Signal,
    second: Signal,
    filters: Signal,
    level1: float,
    curves: Signal,
    vibrations: Signal,
) -> Signal:
    """Fill in vibrations by chunks, each of which stays in the cache from sound to compression."""
    heard, out = np.empty(CHUNK * LANES), np.empty(2 * CHUNK * LANES)
    controls = np.empty((_HEARD, CHUNK))
    powers, motions = np.empty((_HEARD, CHUNK)), np.empty((_HEARD, CHUNK))
    gain = np.empty(CHUNK)
    memory, total = np.zeros((_HEARD, 2)), np.zeros(_HEARD)
    head = vibrations.shape[-1] - first.size
    for start in range(0, first.size, CHUNK):
        length = min(CHUNK, first.size - start)
        for n in range(length):
            x, y = first[start + n], second[start + n]
            for k in range(GROUP):
                heard[n * LANES + k] = heard[n * LANES + k + _HEARD] = x
                heard[n * LANES + k + GROUP] = heard[n * LANES + k + GROUP + _HEARD] = y
        heard[length * LANES :] = 0.0
        filtered(heard, filters, out)
        for n in range(length):
            row = out[2 * n * LANES : 2 * (n + 1) * LANES]
            for k in range(_HEARD):
                controls[k, n] = row[k]
                powers[k, n] = row[k + _HEARD]
                motions[k, n] = row[k + LANES + _HEARD]
                total[k] += row[k + _HEARD]
        begin, end = head + start, head + start + length
        for k in range(_HEARD):
            signal, place = k // GROUP, k % GROUP
            envelope = vibrations[0, signal, place, begin:end]
            motion = vibrations[1, signal, place, begin:end]
            power, moved = powers[k, :length], motions[k, :length]
            gains(controls[k, :length], level1, curves[place], memory[k], gain)
            for n in range(length):
                envelope[n] = gain[n] * np.sqrt(power[n])
                motion[n] = gain[n] * moved[n]
    return total
