"""What a hearing loss does to the cochlea: the parameters of the auditory model's 32 bands.

Source: J. M. Kates, "An auditory model for intelligibility and quality predictions", POMA 19, 2013,
after B. C. J. Moore et al., JASA 106, 1999 (shares of outer and inner hair cells).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "AUDIOMETRIC_HZ",
    "BANDS",
    "MODEL_RATE",
    "UPPER_KNEE_DB",
    "Place",
    "audiometric_loss",
    "centre_frequencies",
    "cochlea",
]

BANDS = 32
MODEL_RATE = 24000  # Hz, at which every step of the model is defined
AUDIOMETRIC_HZ = (250.0, 500.0, 1000.0, 2000.0, 4000.0, 6000.0)
UPPER_KNEE_DB = 100.0  # where compression ends, dB SPL

_LOWEST_HZ, _HIGHEST_HZ = 80.0, 8000.0
_EAR_Q, _LEAST_HZ = 9.26449, 24.7  # B. C. J. Moore and B. R. Glasberg, JASA 74, 1983
_LARGEST_LOSS = 100.0

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Place:
    """A place on one ear's basilar membrane, which hears one band.

    Attributes:
        centre: Hz.
        equivalent: rectangular bandwidth of the filter in a normal ear, Hz.
        bandwidth: relative to that, at low levels.
        widest: the same at 100 dB SPL and above, whatever the loss.
        outer_loss: attenuation by lost outer hair cells, dB.
        inner_loss: attenuation by lost inner hair cells, dB.
        lower_knee: level where compression begins, dB SPL.
        compression: ratio between the knees.
    """

    centre: float
    equivalent: float
    bandwidth: float
    widest: float
    outer_loss: float
    inner_loss: float
    lower_knee: float
    compression: float


def cochlea(loss: Values) -> list[Place]:
    """The places of an ear's cochlea, from low frequencies to high.

    Args:
        loss: dB HL at `AUDIOMETRIC_HZ`.
    """
    centres = centre_frequencies()
    outer, inner = _shares(np.maximum(np.interp(centres, AUDIOMETRIC_HZ, loss), 0.0))
    knee = outer + 30.0
    at_upper_knee = 30.0 + 70.0 / _normal_compression()
    columns = (
        centres,
        _LEAST_HZ + centres / _EAR_Q,
        _bandwidth(outer),
        _bandwidth(_shares(np.full(BANDS, _LARGEST_LOSS))[0]),
        outer,
        inner,
        knee,
        (UPPER_KNEE_DB - knee) / (at_upper_knee + outer - knee),
    )
    return [Place(*row) for row in np.stack(columns, axis=1).tolist()]


def audiometric_loss(frequencies: Sequence[float], thresholds: Sequence[float]) -> Values:
    """Thresholds at `AUDIOMETRIC_HZ`: linear over log frequency, held beyond both ends."""
    heard = np.interp(np.log(AUDIOMETRIC_HZ), np.log(frequencies), thresholds)
    return np.asarray(heard, np.float64)


def centre_frequencies() -> Values:
    """Centres of the bands in Hz, evenly spaced on the scale of equivalent bandwidths.

    Source: M. Slaney, "An efficient implementation of the Patterson-Holdsworth auditory filter
    bank", Apple Technical Report 35, 1993.
    """
    offset = _EAR_Q * _LEAST_HZ
    low, high = np.log(_LOWEST_HZ + offset), np.log(_HIGHEST_HZ + offset)
    down = np.arange(1, BANDS) * (low - high) / (BANDS - 1)
    below = np.exp(down) * (_HIGHEST_HZ + offset) - offset
    return np.concatenate(([_HIGHEST_HZ], below))[::-1].copy()


def _normal_compression() -> Values:
    """Compression ratio of a normal ear, from 1.25 at 80 Hz to 3.5 at 8 kHz."""
    return 1.25 + 2.25 * np.arange(BANDS) / (BANDS - 1)


def _shares(loss: Values) -> tuple[Values, Values]:
    """Part a loss between outer and inner hair cells: 4 to 1, until no outer ones are left."""
    most = 1.25 * 70.0 * (1.0 - 1.0 / _normal_compression())
    outer = 0.8 * np.minimum(loss, most)
    return outer, loss - outer


def _bandwidth(outer: Values) -> Values:
    """Relative bandwidth of filters with this loss of outer hair cells."""
    return 1.0 + outer / 50.0 + 2.0 * (outer / 50.0) ** 6
