"""The filter that the Cadenza challenges amplify with: short, designed by frequency sampling.

It is less exact than the linear-phase filter of `hclarity.hearing.amplifier` (+4 dB at 250 Hz for a
common loss), but scores of the challenges want this one. Equal to ``clarity.enhancer.nalr`` of
pyclarity 0.9.0 within 1e-12.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hclarity.hearing.audiogram import Audiogram
from hclarity.hearing.insertion_gains import InsertionGains
from hclarity.hearing.prescriptions.nal import nalr

__all__ = ["ORDER", "cadenza_filter", "filtered", "nalr_audiogram", "nalr_filter"]

ORDER = 220  # of the filter in all recipes of the challenges
_HZ = (250.0, 500.0, 1000.0, 2000.0, 4000.0, 6000.0)  # all of the gains, and of the audiogram
_GRID = 512  # points up to Nyquist; enough for orders below 1023

Response = NDArray[np.float64]


def cadenza_filter(gains: InsertionGains, sample_rate: int, order: int = ORDER) -> Response:
    """Design the filter of an ear.

    Gains are linear over frequency, held below 250 Hz and above 6 kHz, and asked for at ``order +
    1`` frequencies; between these the amplitude is linear. The impulse response of that gets a
    Hamming window, as in MATLAB's ``fir2``.

    Args:
        gains: of the ear.
        sample_rate: in Hz.
        order: of the filter, even, below 1023.

    Returns:
        ``[order + 1]`` samples, symmetric.
    """
    fractions = np.arange(order + 1) / order  # of Nyquist
    gains_db = [gains.at(hz) for hz in _HZ]
    asked = 10 ** (np.interp(fractions * sample_rate / 2, _HZ, gains_db) / 20)
    amplitudes = np.zeros(_GRID + 1)
    points = (fractions * (_GRID + 1)).astype(int)
    for (begin, end), (low, high) in zip(pairwise(points), pairwise(asked), strict=True):
        amplitudes[begin:end] = np.linspace(low, high, end - begin)
    delayed = amplitudes * np.exp(-0.5j * np.pi * order * np.arange(_GRID + 1) / _GRID)
    return np.asarray(np.fft.irfft(delayed)[: order + 1] * np.hamming(order + 1))


def nalr_audiogram(audiogram: Audiogram) -> Audiogram:
    """What the challenges' NAL-R knows of an ear: nothing but six thresholds."""
    return Audiogram(_HZ, tuple(audiogram.threshold_at(hz) for hz in _HZ))


def nalr_filter(audiogram: Audiogram, sample_rate: int, order: int = ORDER) -> Response:
    """The filter of an ear by NAL-R, from `nalr_audiogram`."""
    return cadenza_filter(nalr(nalr_audiogram(audiogram)), sample_rate, order)


def filtered(samples: NDArray[np.floating], response: Response) -> Response:
    """Filter one channel, ``[frames]``, to all of ``[frames + order]``."""
    return np.convolve(samples.astype(np.float64), response)
