"""How near an estimate comes to the true stem, in dB."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["usdr"]

DELTA = 1e-7


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
    if reference.shape != estimate.shape:
        raise ValueError(f"shapes differ: reference {reference.shape}, estimate {estimate.shape}")
    truth = np.asarray(reference, np.float64)
    error = truth - estimate
    return float(10 * np.log10((np.sum(truth**2) + DELTA) / (np.sum(error**2) + DELTA)))
