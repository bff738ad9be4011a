"""The faintest tone that normal hearing hears from a loudspeaker: 0 dB HL, in dB SPL.

What a song has at a frequency in dB SPL, less this, is what it has in dB HL, the scale of an
audiogram.

Sources: ISO 226:2003, table 1 (20 Hz to 12.5 kHz); ISO 389-7:2005 (14 to 18 kHz).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["threshold_db_spl"]

_HZ = (
    20, 25, 31.5, 40, 50, 63, 80, 100, 125, 160, 200, 250, 315, 400, 500, 630, 800, 1000,
    1250, 1600, 2000, 2500, 3150, 4000, 5000, 6300, 8000, 10000, 12500, 14000, 16000, 18000,
)  # fmt: skip
_DB_SPL = (
    78.5, 68.7, 59.5, 51.1, 44.0, 37.5, 31.5, 26.5, 22.1, 17.9, 14.4, 11.4, 8.6, 6.2, 4.4, 3.0,
    2.2, 2.4, 3.5, 1.7, -1.3, -4.2, -6.0, -5.4, -1.5, 6.0, 12.6, 13.9, 12.3, 18.4, 40.2, 73.2,
)  # fmt: skip


def threshold_db_spl(hz: ArrayLike) -> NDArray[np.float64]:
    """The threshold of hearing, both ears open, facing the loudspeaker in a free field.

    Between the standards' frequencies linear over frequency, as openMHA has it; held beyond 20 Hz
    and 18 kHz.

    Args:
        hz: any shape.

    Returns:
        In dB SPL, of the same shape.

    >>> threshold_db_spl([125, 1000, 4000, 4500]).tolist()
    [22.1, 2.4, -5.4, -3.45]
    """
    return np.asarray(np.interp(np.asarray(hz, np.float64), _HZ, _DB_SPL))
