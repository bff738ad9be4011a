"""HAAQI of one ear, called as the Cadenza challenges do."""

from hashlib import md5
from typing import Literal

import numpy as np
import soxr
from numpy.typing import NDArray

from hclarity.errors import BadDataError
from hclarity.hearing.audiogram import Audiogram

__all__ = ["HAAQI_RATE", "Engine", "Equalisation", "Signal", "ear_quality", "resampled", "seed_of"]

Engine = Literal["own", "reference"]
Equalisation = Literal[1, 2]
Signal = NDArray[np.floating]

HAAQI_RATE = 24000  # Hz, of the model of the ear; the challenges resample to it themselves
_SPL = 65.0  # dB, of the reference as it is presented to a listener without hearing loss


def ear_quality(
    reference: Signal,
    processed: Signal,
    audiogram: Audiogram,
    *,
    level_of: Signal,
    equalisation: Equalisation,
    seed: int,
    engine: Engine,
) -> float | None:
    """Compare two signals as an ear hears them.

    Args:
        reference: what should be heard, ``[frames]`` at `HAAQI_RATE`.
        processed: what is heard, at the same rate; only as much as both have counts.
        audiogram: of the ear.
        level_of: the signal that would have 65 dB SPL, at any rate.
        equalisation: 2 when the reference is amplified for the ear already, 1 when HAAQI shall.
        seed: of the noise at the threshold of hearing.
        engine: our own HAAQI, or pyclarity's.

    Returns:
        0 to 1; None when the reference is silent.

    Raises:
        BadDataError: when either is too short, or not finite.
        UnavailableError: when pyclarity is asked for and not installed.
    """
    from hclarity.metrics.haaqi.score import haaqi  # here, for it compiles with numba

    if not (reference[: processed.size].any() and level_of.any()):
        return None
    rms = float(np.sqrt(np.mean(np.square(level_of))))
    try:
        quality: float = haaqi(
            reference,
            processed,
            reference_rate=HAAQI_RATE,
            processed_rate=HAAQI_RATE,
            frequencies=audiogram.frequencies,
            thresholds=audiogram.thresholds,
            equalisation=equalisation,
            level1=_SPL - 20 * float(np.log10(rms)),
            seed=seed,
            engine=engine,
        )
    except ValueError as error:
        raise BadDataError(f"HAAQI: {error}") from None
    return quality


def resampled(samples: Signal, rate: int, wanted: int = HAAQI_RATE) -> Signal:
    """Bring one channel to another rate with the resampler, and the setting, of the challenges."""
    if rate == wanted:
        return samples
    return np.asarray(soxr.resample(samples, rate, wanted, quality="HQ"))


def seed_of(name: str) -> int:
    """Return the seed that the challenges give to a song or scene.

    >>> seed_of("scene_10001")
    12061186
    """
    digest = md5(name.encode(), usedforsecurity=False).hexdigest()
    return int(digest, 16) % 10**8
