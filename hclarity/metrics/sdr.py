"""How near an estimate comes to the true stem, in dB."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

__all__ = ["DELTA", "ratio_db", "si_sdr", "usdr"]

DELTA = 1e-7  # added to both sums of uSDR
_BLOCK = 1 << 18  # frames in double precision at once


def usdr(reference: NDArray[np.floating], estimate: NDArray[np.floating]) -> float:
    """Signal-to-distortion ratio of a whole song, channels taken together ("uSDR", "global SDR").

    ``10 log10((sum s^2 + d) / (sum (s - e)^2 + d))`` with ``d = 1e-7``.
    Source: Y. Mitsufuji et al., "Music Demixing Challenge 2021", Frontiers 2022, eq. 1.

    Args:
        reference: the true stem, ``[channels, frames]``.
        estimate: of the same shape.

    Returns:
        dB; 0 for a silent estimate of a silent stem.

    Raises:
        ValueError: when the shapes differ.

    >>> song = np.ones((2, 100))
    >>> round(usdr(song, 0.9 * song), 3)
    20.0
    """
    wanted = unwanted = DELTA
    for truth, sound in _blocks(reference, estimate):
        wanted += float(np.sum(truth**2))
        unwanted += float(np.sum((truth - sound) ** 2))
    return ratio_db(wanted, unwanted)


def si_sdr(reference: NDArray[np.floating], estimate: NDArray[np.floating]) -> float:
    """Signal-to-distortion ratio of a whole song, whatever the level of the estimate ("SI-SDR").

    ``10 log10(sum (a s)^2 / sum (a s - e)^2)`` with ``a = sum(s e) / sum s^2``: the stem at the
    level at which it explains most of the estimate. There is one such level for all channels
    together, as in uSDR, so a wrong balance of left and right is an error, and a stem on one side
    only has its value. No mean is removed, and nothing is added to the sums.
    Source: J. Le Roux et al., "SDR - half-baked or well done?", ICASSP 2019, eq. 3 to 5.

    Args:
        reference: the true stem, ``[channels, frames]``.
        estimate: of the same shape.

    Returns:
        dB; infinite for an estimate that is the stem at another level, minus infinity for one that
        has nothing of it, NaN where stem or estimate is silent.

    Raises:
        ValueError: when the shapes differ.

    >>> song = np.array([[1.0, 1.0, -1.0, 1.0]])
    >>> round(si_sdr(song, 0.2 * song + 0.02 * song[:, ::-1] * [1, -1, 1, -1]), 3)
    20.0
    """
    power = common = 0.0
    for truth, sound in _blocks(reference, estimate):
        power += float(np.sum(truth**2))
        common += float(np.sum(truth * sound))
    if power == 0 or not np.any(estimate):
        return math.nan
    level, unwanted = common / power, 0.0
    for truth, sound in _blocks(reference, estimate):
        unwanted += float(np.sum((level * truth - sound) ** 2))
    return ratio_db(level**2 * power, unwanted)


def ratio_db(wanted: float, unwanted: float) -> float:
    """Return a ratio of energies, not both 0, in dB."""
    if unwanted == 0:
        return math.inf
    return 10 * math.log10(wanted / unwanted) if wanted > 0 else -math.inf


def _blocks(
    reference: NDArray[np.floating], estimate: NDArray[np.floating]
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Both, some frames at a time, so that no song need be there in double precision."""
    if reference.shape != estimate.shape:
        raise ValueError(f"shapes differ: reference {reference.shape}, estimate {estimate.shape}")
    for begin in range(0, reference.shape[-1], _BLOCK):
        cut = ..., slice(begin, begin + _BLOCK)
        yield reference[cut].astype(np.float64), estimate[cut].astype(np.float64)
