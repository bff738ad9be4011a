"""Gains that follow a level sample by sample, compiled: nothing here can be computed at once."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["band_compressed", "broadband_gains"]

Signal = NDArray[np.float64]

_FLOOR_DB = -120.0  # quieter is not told apart
_SILENCE = 1e-12  # linear full scale: in the place of 0, of which there is no logarithm
_TINY = 1e-8  # added to a mean square


@njit(cache=True)
def broadband_gains(  # type: ignore[no-untyped-def]
    samples, window, threshold, attenuation, attack, release
):
    """The gain of every sample; see `hclarity.hearing.cadenza.compressor`.

    Args:
        samples: ``[frames]``.
        window: how many samples the level is the root mean square of.
        threshold: above which the gain is lowered, linear.
        attenuation: how much of the level above it remains, 0 to 1.
        attack: what share of the way the gain goes down in a sample.
        release: and up.
    """
    gains = np.empty(samples.size)
    gain, energy = 1.0, 0.0
    for now in range(samples.size):
        energy += samples[now] ** 2
        if now >= window:
            energy -= samples[now - window] ** 2
        level = np.sqrt(max(energy, 0.0) / window + _TINY)
        if level > threshold:
            wanted = attenuation * level + (1 - attenuation) * threshold
            gain += attack * (wanted - gain)
        else:
            gain += release * (1 - gain)
        gains[now] = gain
    return gains


@njit(cache=True)
def band_compressed(  # type: ignore[no-untyped-def]
    samples, threshold_db, ratio, attack, release, gain_db
):
    """A band, ``[frames]``, compressed; see `hclarity.hearing.cadenza.multiband_compressor`.

    Args:
        samples: ``[frames]``.
        threshold_db: above which the level grows more slowly.
        ratio: by which it grows more slowly.
        attack: the share of the reduction that is kept each sample while it grows.
        release: the same while it shrinks.
        gain_db: of the whole band.
    """
    out = np.empty(samples.size)
    reduction = 0.0
    decibel = np.log(10.0) / 20
    for now in range(samples.size):
        sample = samples[now] if samples[now] != 0 else _SILENCE
        level = max(np.log(abs(sample)) / decibel, _FLOOR_DB)
        above = max(level - threshold_db, 0.0)
        wanted = above - above / ratio
        kept = attack if wanted > reduction else release
        reduction = kept * reduction + (1 - kept) * wanted
        out[now] = sample * np.exp(decibel * (gain_db - reduction))
    return out
