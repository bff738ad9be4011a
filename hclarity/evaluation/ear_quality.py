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
_SHORTEST = 0.016  # s, two of the model's segments
_FAINTEST = 1e-3  # of the peak; HAAQI cuts off what is fainter at both ends
_MOST_THREADS = 2  # each takes 4 MiB for a second of audio, beside 7 for all
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
        0 to 1; None when the reference is silent, or sounds for less than 16 ms, of which HAAQI
        says nothing.

    Raises:
        BadDataError: when either is too short, or not finite.
        UnavailableError: when pyclarity is asked for and not installed.
    """
    from numba import config  # here, for these take a second to import

    from hclarity.metrics.haaqi.score import haaqi

    if not (level_of.any() and _lasts(reference[: processed.size])):
        return None
    cores: int = config.NUMBA_NUM_THREADS  # type: ignore[attr-defined]  # or our share of them
    rms = float(np.sqrt(np.mean(np.square(level_of, dtype=np.float64))))
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
            threads=min(cores, _MOST_THREADS),
        )
    except ValueError as error:
        raise BadDataError(f"HAAQI: {error}") from None
    return quality


def _lasts(reference: Signal) -> bool:
    """Whether there is enough that HAAQI takes for sound."""
    level = np.abs(reference)
    audible = np.flatnonzero(level > _FAINTEST * level.max(initial=0.0))
    return audible.size > 0 and audible[-1] - audible[0] >= _SHORTEST * HAAQI_RATE - 1


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
    digest = md5(name.encode(errors="surrogatepass"), usedforsecurity=False).hexdigest()
    return int(digest, 16) % 10**8
