"""What envelopes tell: their modulations, compared as cepstra.

Source: J. M. Kates and K. H. Arehart, "The Hearing-Aid Audio Quality Index (HAAQI)", IEEE/ACM
TASLP 24(2), 2016, section II.
"""

from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from hclarity.metrics.haaqi.cochlea import BANDS, MODEL_RATE
from hclarity.metrics.haaqi.loudness import sounding

__all__ = ["cepstral_correlation", "smoothed"]

Signal = NDArray[np.float64]

_HALF_SEGMENT = MODEL_RATE * 4 // 1000  # segments are 8 ms long and overlap by half
_SEGMENT_RATE = 250.0  # Hz
_CEPSTRAL_COEFFICIENTS = 6
_TAPS = 129
_MODULATION_EDGES = (20.0, 32.0, 50.0, 80.0)  # Hz, of the upper four of the paper's eight bands
_SMALL = 1e-30


def smoothed(envelope: Signal) -> Signal:
    """Average an envelope over segments under a von Hann window; at both ends there is but half.

    Args:
        envelope: ``[frames]``, two half segments at least.

    Returns:
        ``[segments]``, 250 a second.
    """
    segments = envelope.size // _HALF_SEGMENT
    halves = envelope[: segments * _HALF_SEGMENT].reshape(segments, _HALF_SEGMENT)
    window = np.hanning(2 * _HALF_SEGMENT)
    rising, falling = window[:_HALF_SEGMENT], window[_HALF_SEGMENT:]
    # Not as products of matrices, which would wake BLAS's own threads for nearly nothing.
    up, down = (np.einsum("sf,f->s", halves, half) for half in (rising, falling))
    first, last = down[:1] / np.sum(falling), up[-1:] / np.sum(rising)
    return np.concatenate((first, (up[1:-1] + down[2:]) / np.sum(window), last))


def cepstral_correlation(reference: Signal, processed: Signal, threshold: float) -> float:
    """How alike the fast changes (20 to 125 Hz) of two signals' spectral shapes are.

    Args:
        reference: smoothed envelopes in dB, ``[bands, segments]``.
        processed: of the same shape.
        threshold: loudness in dB below which a segment of the reference is silent.

    Returns:
        0 to 1: the mean correlation over modulation bands and cepstral coefficients but the first;
        0 where all but one segment is silent.
    """
    heard = sounding(reference, threshold)
    if np.count_nonzero(heard) <= 1:
        return 0.0
    x, y = _modulations(reference[:, heard]), _modulations(processed[:, heard])
    x_power, y_power = np.sum(x**2, axis=-1), np.sum(y**2, axis=-1)
    moving = (x_power >= _SMALL) & (y_power >= _SMALL)
    product = np.abs(np.sum(x * y, axis=-1))
    correlation = np.zeros(moving.shape)
    np.divide(product, np.sqrt(x_power * y_power), out=correlation, where=moving)
    return float(np.mean(correlation))


def _modulations(envelopes: Signal) -> Signal:
    """Cepstra by modulation band, of mean 0, ``[coefficients, modulations, segments]``."""
    cepstra = _cepstral_basis() @ envelopes
    cepstra -= np.mean(cepstra, axis=1, keepdims=True)
    whole = signal.oaconvolve(cepstra[:, None], _modulation_filters()[None], axes=-1)
    bands = whole[..., _TAPS // 2 : -(_TAPS // 2)]
    bands -= np.mean(bands, axis=-1, keepdims=True)
    return np.asarray(bands)


@cache
def _cepstral_basis() -> Signal:
    """Half cosines over the bands, the constant one left out, ``[coefficients, bands]``."""
    order = np.arange(1, _CEPSTRAL_COEFFICIENTS)
    basis = np.cos(np.outer(order, np.arange(BANDS)) * np.pi / (BANDS - 1))
    return np.asarray(basis / np.linalg.norm(basis, axis=1, keepdims=True))


@cache
def _modulation_filters() -> Signal:
    """Linear-phase band-pass filters, the highest a high-pass filter, ``[modulations, taps]``."""
    design = {"numtaps": _TAPS, "window": "hann", "fs": _SEGMENT_RATE}
    bands = [
        signal.firwin(cutoff=band, pass_zero="bandpass", **design)
        for band in pairwise(_MODULATION_EDGES)
    ]
    highest = signal.firwin(cutoff=_MODULATION_EDGES[-1], pass_zero="highpass", **design)
    return np.stack([*bands, highest])
