"""FIG6: gain for soft, comfortable and loud sound, in the tables of a figure's caption.

Sources: M. C. Killion and S. Fikret-Pasa, "The three types of sensorineural hearing loss: loudness
and intelligibility considerations", The Hearing Journal 46 (1993) 31-36; the formulae are those of
the 3D Tune-In Toolkit's hearing-aid simulation.
"""

import numpy as np

from hclarity.hearing.audiogram import Audiogram
from hclarity.hearing.insertion_gains import AUDIOMETRIC_HZ, InsertionGains
from hclarity.hearing.prescriptions.formulae import Decibels, insertion_gains, thresholds_at

__all__ = ["fig6"]

_SOFT_DB_SPL, _COMFORTABLE_DB_SPL, _LOUD_DB_SPL = 40.0, 65.0, 95.0


def fig6(audiogram: Audiogram, level: float = _COMFORTABLE_DB_SPL) -> InsertionGains:
    """The gain for sound of one level, at each frequency on its own.

    With H the threshold there in dB HL, the gain in dB is::

        soft, 40 dB SPL          0 below H = 20     H - 20          0.5 H + 10 above H = 60
        comfortable, 65 dB SPL   0 below H = 20     0.6 (H - 20)    0.8 H - 23 above H = 60
        loud, 95 dB SPL          0 up to H = 40     0.1 (H - 40)^1.4

    and linear over level in between, held below 40 and above 95 dB SPL. The middle rule steps up
    by 1 dB at H = 60, as it was printed. Above H = 110 it gives more gain than the one for soft
    sound, so there FIG6 expands.

    Args:
        audiogram: of the ear.
        level: in dB SPL.

    >>> round(fig6(Audiogram((500, 1000, 2000, 4000), (35, 40, 50, 60))).at(2000), 2)
    18.0
    """
    loss = thresholds_at(audiogram, AUDIOMETRIC_HZ)
    levels = (_SOFT_DB_SPL, _COMFORTABLE_DB_SPL, _LOUD_DB_SPL)
    columns = zip(_soft(loss), _comfortable(loss), _loud(loss), strict=True)
    gains = np.array([np.interp(level, levels, column) for column in columns])
    return insertion_gains(audiogram, AUDIOMETRIC_HZ, gains)


def _soft(loss: Decibels) -> Decibels:
    return np.select([loss < 20, loss <= 60], [np.zeros_like(loss), loss - 20], 0.5 * loss + 10)


def _comfortable(loss: Decibels) -> Decibels:
    middle = 0.6 * (loss - 20)
    return np.select([loss < 20, loss <= 60], [np.zeros_like(loss), middle], 0.8 * loss - 23)


def _loud(loss: Decibels) -> Decibels:
    return np.asarray(0.1 * np.maximum(loss - 40, 0.0) ** 1.4)
