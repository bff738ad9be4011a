"""Float samples, rounded to the integers of a file."""

import numpy as np
from numpy.typing import NDArray

from hclarity.audio.values import Samples

__all__ = ["dithered_16_bit", "rounded_24_bit"]


def rounded_24_bit(block: Samples) -> NDArray[np.int32]:
    """Round to 24 bits, in the upper three bytes of 32: libsndfile's convention.

    Samples that came from 16 or 24 bits come back as they were; what lies beyond is clipped.
    """
    full_scale = 1 << 23
    levels = np.rint(block.astype(np.float64) * full_scale)
    return np.clip(levels, -full_scale, full_scale - 1).astype(np.int32) << 8


def dithered_16_bit(block: Samples, generator: np.random.Generator) -> NDArray[np.int16]:
    """Round to 16 bits under triangular (TPDF) dither of ±1 level.

    The dither makes the rounding error noise of a constant power, whatever the music does; without
    it quiet tones distort. A sample of exactly 0 gets none, so that digital silence stays silent.
    The generator is drawn from frame by frame: one song is dithered alike however it is cut.
    """
    full_scale = 1 << 15
    channels, frames = block.shape
    dither = generator.random((frames, channels, 2)).sum(axis=2).T - 1
    levels = np.rint(block.astype(np.float64) * full_scale + np.where(block == 0, 0.0, dither))
    return np.clip(levels, -full_scale, full_scale - 1).astype(np.int16)
