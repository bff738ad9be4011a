"""What loudness tells: which moments are silent, and how far two long-term spectra differ.

Source: B. C. J. Moore and C.-T. Tan, JAES 52, 2004, as taken up by J. M. Kates and K. H. Arehart,
"The Hearing-Aid Audio Quality Index (HAAQI)", IEEE/ACM TASLP 24(2), 2016.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["sounding", "spectral_difference"]

Levels = NDArray[np.float64]


def sounding(levels: Levels, threshold: float) -> NDArray[np.bool_]:
    """Which segments are louder than a threshold in dB.

    Args:
        levels: in dB above threshold, ``[bands, segments]``.
        threshold: in dB.
    """
    loudness = 20.0 * np.log10(np.mean(10.0 ** (levels / 20.0), axis=0))
    return np.asarray(loudness > threshold)


def spectral_difference(reference: Levels, processed: Levels) -> tuple[float, float]:
    """Spread over the bands of the difference in loudness, the overall loudness left out.

    Args:
        reference: long-term levels in dB above threshold, ``[bands]``.
        processed: of the same shape.

    Returns:
        The spread of the difference, and of the difference relative to the sum.
    """
    x, y = 10.0 ** (reference / 20.0), 10.0 ** (processed / 20.0)
    x, y = x / np.sum(x), y / np.sum(y)
    spread = x.size * np.std(x - y)
    relative = x.size * np.std((x - y) / (x + y))
    return float(spread), float(relative)
