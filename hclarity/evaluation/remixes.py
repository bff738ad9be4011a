"""Stems at other gains, summed and brought to a loudness, as the Cadenza challenges do."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hclarity.audio.values import Samples
from hclarity.errors import BadDataError

__all__ = ["Mix", "amplitude", "loudness", "matched", "remixed", "vocals_and_rest"]

Mix = NDArray[np.float64]
"""[channels, frames]"""

_SHORTEST = 0.4  # s, the block of the loudness meter
_SILENCE = -80.0  # LUFS, which the challenges take for what has no loudness


def amplitude(gain_db: float) -> float:
    """Return a gain as a factor."""
    return float(10 ** (gain_db / 20))


def remixed(stems: Mapping[str, Samples], gains_db: Mapping[str, float]) -> Mix:
    """Sum stems, each at its gain in dB, or as it is where none is given."""
    return np.asarray(
        sum(
            amplitude(gains_db.get(stem, 0.0)) * samples.astype(np.float64)
            for stem, samples in stems.items()
        )
    )


def vocals_and_rest(stems: Mapping[str, Samples], mixture: Samples) -> tuple[Samples, Samples]:
    """Divide what a separator made into vocals and all else.

    All else is its accompaniment, or the sum of its other stems, or what the vocals leave of the
    mixture.

    Raises:
        BadDataError: when there are no vocals.
    """
    if "vocals" not in stems:
        raise BadDataError(f"vocals are needed; there are {', '.join(stems) or 'no stems'}")
    vocals = stems["vocals"]
    for whole in ("accompaniment", "no_vocals"):
        if whole in stems:
            return vocals, stems[whole]
    others = [samples for stem, samples in stems.items() if stem != "vocals"]
    return vocals, sum(others[1:], others[0]) if others else mixture - vocals


def loudness(mix: Samples | Mix, sample_rate: int) -> float:
    """Integrated loudness in LUFS, -80 for silence, by the meter and filters of the challenges.

    Not `hclarity.audio.loudness`, whose filters are the standard's own: these differ by 0.04 LU.

    Raises:
        BadDataError: below 0.4 s.
    """
    from pyloudnorm import Meter  # here, for it imports scipy.signal

    if mix.shape[1] < _SHORTEST * sample_rate:
        seconds = mix.shape[1] / sample_rate
        raise BadDataError(f"{seconds:g} s have no loudness, which takes {_SHORTEST:g} s")
    lufs = float(Meter(sample_rate).integrated_loudness(mix.T))
    return lufs if np.isfinite(lufs) else _SILENCE


def matched(mix: Mix, reference: Samples, sample_rate: int) -> Mix:
    """Make a mix as loud as another; raises what `loudness` does."""
    return mix * amplitude(loudness(reference, sample_rate) - loudness(mix, sample_rate))
