"""The reference implementation of HAAQI: pyclarity's."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hclarity.errors import UnavailableError

__all__ = ["reference_components"]

Signal = NDArray[np.float64]


def reference_components(
    reference: tuple[Signal, float],
    processed: tuple[Signal, float],
    frequencies: Sequence[float],
    thresholds: Sequence[float],
    equalisation: Literal[1, 2],
    level1: float,
    seed: int,
) -> list[float]:
    """Cepstral correlation, synchrony, loudness and spectral shape, as pyclarity has them.

    NumPy's global generator is seeded for the call, and put back.

    Args:
        reference: a signal and its sample rate in Hz.
        processed: the same.
        frequencies: of the audiogram, Hz.
        thresholds: dB HL.
        equalisation: 1 if the reference is to get NAL-R, 2 if it has it.
        level1: dB SPL of a signal whose RMS is 1.
        seed: of the noise.

    Raises:
        UnavailableError: when pyclarity is not installed.
    """
    try:
        from clarity.evaluator.haaqi import haaqi_v1
        from clarity.evaluator.haaqi.haaqi import HAAQI_AUDIOGRAM_FREQUENCIES
        from clarity.utils.audiogram import Audiogram
    except ImportError as error:
        raise UnavailableError(
            f"the reference engine of HAAQI needs pyclarity ({error}):"
            " run `pip install 'hclarity[reference]'`, or take the engine 'own'"
        ) from error
    audiogram = Audiogram(np.asarray(thresholds, np.float64), np.asarray(frequencies, np.float64))
    state = np.random.get_state()
    np.random.seed(seed)
    try:
        with np.errstate(all="ignore"):
            *_, raw = haaqi_v1(
                *reference,
                *processed,
                audiogram.resample(HAAQI_AUDIOGRAM_FREQUENCIES),
                equalisation,
                level1,
            )
    finally:
        np.random.set_state(state)
    return [float(value) for value in raw]
