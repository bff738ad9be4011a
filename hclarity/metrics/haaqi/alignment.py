"""Which delay brings two signals together.

The reference correlates whole signals by transforms of twice their length, 64 times, and looks at
100 ms either way. Here a band is correlated in blocks, in single precision, at just those lags; the
few lags within rounding of the greatest are then compared by inner products in double precision.

Source: J. M. Kates, "An auditory model for intelligibility and quality predictions", POMA 19, 2013.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import fft, signal

from hclarity.metrics.haaqi.cochlea import MODEL_RATE
from hclarity.metrics.haaqi.compiled import compiled

__all__ = ["band_delays", "broadband_delay", "shift"]

Signal = NDArray[np.float64]

_RANGE = MODEL_RATE // 10  # lags looked at in bands, either way
_DISPERSION = MODEL_RATE * 2 // 1000  # 2 ms
_FEW = 100  # lags, for which inner products are cheaper than correlating everything
_BLOCK = 40000  # frames, with which transforms are efficient and still fit into caches
_ROUNDING = 4e-6  # of single-precision correlations, over the norms; 10 times what was seen


def shift(heard: Signal, delay: int) -> None:
    """Make a signal come so many samples earlier, with zeros where there is nothing."""
    kept = max(heard.size - abs(delay), 0)
    if delay > 0:
        heard[:kept] = heard[delay:]
        heard[kept:] = 0.0
    else:
        heard[heard.size - kept :] = heard[:kept]
        heard[: heard.size - kept] = 0.0


def broadband_delay(reference: Signal, processed: Signal) -> int:
    """Delay of the processed signal, less 2 ms for the dispersion in hearing aids.

    Args:
        reference: ``[frames]``.
        processed: of the same shape, of either polarity.
    """
    x, y = reference - np.mean(reference), processed - np.mean(processed)
    size = fft.next_fast_len(2 * x.size, real=True)
    first, second = (fft.rfft(np.float32(_scale(heard) * heard), size) for heard in (x, y))
    correlation = np.abs(fft.irfft(np.conj(first) * second, size))
    lags = np.arange(x.size - 1, -x.size, -1)
    return _greatest(x, y, lags, correlation[lags], polarity=True) - _DISPERSION


def band_delays(
    reference: tuple[Signal, Signal], processed: tuple[Signal, Signal]
) -> tuple[int, int]:
    """Delays of a band's envelope and of its motion, each -100 ms to 100 ms.

    Args:
        reference: envelope and motion, ``[frames]``.
        processed: of the same shapes.
    """
    reach = min(_RANGE, reference[0].size)
    lags = np.arange(reach - 1, -reach - 1, -1)
    first, second = (
        _greatest(x, y, lags, correlation[lags + reach])
        for x, y, correlation in zip(
            reference, processed, _in_blocks(reference, processed, reach), strict=True
        )
    )
    return first, second


def _in_blocks(
    reference: tuple[Signal, Signal], processed: tuple[Signal, Signal], reach: int
) -> NDArray[np.float32]:
    """Correlations of two pairs at lags from ``-reach`` on, ``[2, more than 2 reach]``."""
    frames = reference[0].size
    step = -(-frames // max(1, round(frames / _BLOCK)))
    size = fft.next_fast_len(step + 2 * reach, real=True)
    signals = [(heard, _scale(heard)) for heard in (*reference, *processed)]
    block = np.zeros((4, size), np.float32)
    total = np.zeros((2, size // 2 + 1), np.complex64)
    for begin in range(0, frames, step):
        for row, (heard, scale) in zip(block[:2], signals[:2], strict=True):
            _cut(heard, begin, scale, row[:step])
        for row, (heard, scale) in zip(block[2:], signals[2:], strict=True):
            _cut(heard, begin - reach, scale, row)
        spectra = fft.rfft(block)
        products = np.conj(spectra[:2], out=spectra[:2])
        products *= spectra[2:]
        total += products
    return np.asarray(fft.irfft(total, size))


def _scale(heard: Signal) -> float:
    """What gives a signal norm 1, so that single precision neither overflows nor underflows."""
    norm = float(np.sqrt(np.einsum("f,f->", heard, heard)))
    return 1.0 / norm if norm > 0.0 else 1.0


@compiled()
def _cut(heard: Signal, begin: int, scale: float, block: NDArray[np.float32]) -> None:
    """Fill a block from a signal, with zeros beyond its ends."""
    first, end = max(-begin, 0), min(block.size, heard.size - begin)
    kept, row = heard[begin + first : begin + end], block[first:end]
    for n in range(row.size):
        row[n] = np.float32(scale * kept[n])
    block[:first] = 0.0
    block[end:] = 0.0


def _greatest(
    x: Signal,
    y: Signal,
    lags: NDArray[np.int64],
    correlation: NDArray[np.float32],
    *,
    polarity: bool = False,
) -> int:
    """The first of the lags whose correlation is greatest, told apart in double precision."""
    close = lags[correlation >= np.max(correlation) - _ROUNDING]
    if close.size > _FEW:  # a silent signal, or a constant one
        exact = signal.correlate(x, y, method="fft")[x.size - 1 - close]
    else:
        exact = np.array([_inner(x, y, int(lag)) for lag in close])
    return int(close[np.argmax(np.abs(exact) if polarity else exact)])


def _inner(x: Signal, y: Signal, lag: int) -> float:
    """Inner product of a signal with one that comes so many samples later."""
    first, second = x[max(-lag, 0) : x.size - max(lag, 0)], y[max(lag, 0) : y.size + min(lag, 0)]
    return float(np.einsum("f,f->", first, second))
