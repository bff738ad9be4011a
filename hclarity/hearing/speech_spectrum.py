"""The long-term average spectrum of speech, which prescriptions make audible.

Source: Byrne et al., "An international comparison of long-term average speech spectra", Journal of
the Acoustical Society of America 96 (1994) 2108-2120: men and women of 13 languages, averaged.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["LTASS_DB_SPL", "LTASS_HZ", "band_levels"]

LTASS_HZ = (
    63.0, 80.0, 100.0, 125.0, 160.0, 200.0, 250.0, 315.0, 400.0, 500.0, 630.0, 800.0, 1000.0,
    1250.0, 1600.0, 2000.0, 2500.0, 3150.0, 4000.0, 5000.0, 6300.0, 8000.0, 10000.0, 12500.0,
    16000.0,
)  # fmt: skip
"""Centres of third-octave bands."""

LTASS_DB_SPL = (
    38.6, 43.5, 54.4, 57.7, 56.8, 60.2, 60.3, 59.0, 62.1, 62.1, 60.5, 56.8, 53.7,
    53.0, 52.0, 48.7, 48.1, 46.8, 45.6, 44.5, 44.3, 43.7, 43.4, 41.3,
    40.7,
)  # fmt: skip
"""Levels in those bands, of speech with 70 dB SPL overall."""


def band_levels(edges: ArrayLike) -> NDArray[np.float64]:
    """The level of speech in wider or narrower bands, for 70 dB SPL overall.

    Within a third-octave band the power is taken to be even over frequency, as openMHA does; the
    lowest band reaches down to 0 Hz.

    Args:
        edges: of adjoining bands, in Hz, ascending, 0 and infinity included; one more than bands.

    Returns:
        In dB SPL for each band; minus infinity where it has no part of the spectrum.

    >>> band_levels([0, 707.1, float("inf")]).round(1).tolist()
    [69.4, 61.6]
    """
    centres, power = np.array(LTASS_HZ), 10 ** (np.array(LTASS_DB_SPL) / 10)
    between = np.sqrt(centres[:-1] * centres[1:])
    thirds = np.concatenate([[0.0], between, [centres[-1] * 2 ** (1 / 6)]])
    below = np.concatenate([[0.0], np.cumsum(power)])
    up_to_edges = np.interp(np.asarray(edges, dtype=np.float64), thirds, below)
    with np.errstate(divide="ignore"):
        return np.asarray(10 * np.log10(np.diff(up_to_edges)))
