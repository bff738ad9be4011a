"""The Cambridge prescriptions, linear and compressive: CAMEQ and CAMFIT.

As in openMHA and in pyclarity's ``gainrule_camfit``. Sources: B. C. J. Moore and B. R. Glasberg,
"Use of a loudness model for hearing-aid fitting. I. Linear hearing aids", British Journal of
Audiology 32 (1998) 317-335, and Moore, Glasberg and others, "II. Hearing aids with multi-channel
compression", British Journal of Audiology 33 (1999) 157-170.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from hclarity.hearing.audiogram import Audiogram, interpolated
from hclarity.hearing.insertion_gains import InsertionGains
from hclarity.hearing.prescriptions.formulae import (
    Decibels,
    has_loss,
    insertion_gains,
    thresholds_at,
)
from hclarity.hearing.sound_field import threshold_db_spl
from hclarity.hearing.speech_spectrum import band_levels

__all__ = ["CAMFIT_BANDS", "Bands", "cameq", "camfit", "camfit_gains"]

_CAMEQ_HZ = (125.0, 250.0, 500.0, 750.0, 1000.0, 1500.0, 2000.0, 3000.0, 4000.0, 5000.0)
_INTERCEPTS_DB = (-11.0, -10.0, -8.0, -6.0, 0.0, -1.0, 1.0, -1.0, 0.0, 1.0)

_SPEECH_RANGE_DB = 38.0  # from the level of speech in a band down to what must be heard of it
_LEAST_OUTPUT_RANGE_DB = 13.0  # into which that range is squeezed at most
_LOUDEST_OUTPUT_DB_SPL = 100.0
_LEVEL_DB_SPL = 65.0


@dataclass(frozen=True)
class Bands:
    """Adjoining bands of frequencies.

    Args:
        centres: in Hz, ascending.
        edges: in Hz, ascending, one more than centres; 0 and infinity included.
    """

    centres: tuple[float, ...]
    edges: tuple[float, ...]


CAMFIT_BANDS = Bands(
    centres=(177.0, 297.0, 500.0, 841.0, 1414.0, 2378.0, 4000.0, 6727.0, 11314.0),
    edges=(0.0, 229.28, 385.36, 648.46, 1090.5, 1833.7, 3084.2, 5187.3, 8724.1, np.inf),
)
"""Those of openMHA's and pyclarity's hearing aids."""


def cameq(audiogram: Audiogram) -> InsertionGains:
    """The linear Cambridge formula, ``max(0, 0.48 H(f) + INT(f))``.

    INT is the paper's table from 125 to 5000 Hz, and held above.
    An ear without loss, with no threshold above 0 dB HL, is given 0 dB everywhere.

    >>> round(cameq(Audiogram((500, 1000, 2000, 4000), (35, 40, 50, 60))).at(2000), 2)
    25.0
    """
    frequencies = (*_CAMEQ_HZ, 6000.0, 8000.0)
    return insertion_gains(audiogram, frequencies, _linear(audiogram, frequencies))


def camfit(audiogram: Audiogram) -> InsertionGains:
    """The gain of the compressive Cambridge rule for 65 dB SPL in each band of `CAMFIT_BANDS`.

    None is above 35 dB, which makes 100 dB SPL. At 65 dB, more loss never means less gain; at
    higher levels it may, for there it means more compression.
    An ear without loss, with no threshold above 0 dB HL, is given 0 dB everywhere; where others
    have none, they may be given some above 5 kHz, where the rule has soft speech audible.

    >>> round(camfit(Audiogram((250, 500, 1000, 2000, 4000), (35, 35, 40, 50, 60))).at(4000), 1)
    18.1
    """
    gains = camfit_gains(audiogram, CAMFIT_BANDS, [_LEVEL_DB_SPL])[0]
    return insertion_gains(audiogram, CAMFIT_BANDS.centres, gains)


def camfit_gains(audiogram: Audiogram, bands: Bands, levels: ArrayLike) -> Decibels:
    """The gain of the compressive Cambridge rule, for each level in each band.

    With S the level of speech of 65 dB SPL in a band, G the linear formula's gain there and T the
    threshold in dB SPL::

        lowest = S - 38                      what must be heard of it, so its gain is T - lowest
        ratio = max(1, 38 / max(13, S + G - T))
        gain(level) = max(0, (level - lowest) / ratio + T - level)

    and less where level and gain exceed 100 dB SPL.

    Args:
        audiogram: of the ear.
        bands: of the hearing aid.
        levels: in dB SPL, in each band.

    Returns:
        ``[levels, bands]``, in dB; 0 for an ear without loss.
    """
    inputs = np.asarray(levels, dtype=np.float64)[:, None]
    if not has_loss(audiogram):
        return np.zeros((len(inputs), len(bands.centres)))
    speech = band_levels(bands.edges) - 5.0  # the spectrum is for 70 dB SPL overall
    lowest = speech - _SPEECH_RANGE_DB
    linear = np.maximum(_linear(audiogram, bands.centres), 0.0)
    threshold = thresholds_at(audiogram, bands.centres) + threshold_db_spl(bands.centres)
    room = np.maximum(speech + linear - threshold, _LEAST_OUTPUT_RANGE_DB)
    ratios = np.maximum(_SPEECH_RANGE_DB / room, 1.0)
    gains = np.maximum((inputs - lowest) / ratios + threshold - inputs, 0.0)
    return np.asarray(np.minimum(gains, _LOUDEST_OUTPUT_DB_SPL - inputs))


def _linear(audiogram: Audiogram, frequencies: tuple[float, ...]) -> Decibels:
    intercepts = interpolated(frequencies, _CAMEQ_HZ, _INTERCEPTS_DB)
    return 0.48 * thresholds_at(audiogram, frequencies) + intercepts
