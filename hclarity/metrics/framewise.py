"""How near estimates come to the true stems, second by second: the SDR of BSS Eval v4 ("cSDR").

museval also finds filters of 512 taps that share the error out between distortion in space,
interference and artefacts. They take nearly all of its time, and their parts add up to the whole
error again: the SDR does not depend on them, and is the plain ratio of energies that is computed
here, one window at a time.

Source: F.-R. Stöter, A. Liutkus and N. Ito, "The 2018 Signal Separation Evaluation Campaign",
LVA/ICA 2018; museval 0.4.1, ``evaluate(..., mode="v4")``, to which windows and silence conform.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hclarity.metrics.sdr import ratio_db

__all__ = ["HOP", "WINDOW", "csdr", "framewise_sdr"]

WINDOW = HOP = 1.0  # seconds

Sounds = Sequence[NDArray[np.floating]] | NDArray[np.floating]
"""Of each stem, ``[channels, frames]``."""


def framewise_sdr(
    references: Sounds,
    estimates: Sounds,
    sample_rate: int,
    window_seconds: float = WINDOW,
    hop_seconds: float = HOP,
) -> NDArray[np.float64]:
    """Signal-to-distortion ratio of all stems in each window, channels taken together.

    ``10 log10(sum s^2 / sum (s - e)^2)``, with nothing added. The frames after the last whole
    window are left out; a song no longer than one is a window of its own.

    A window in which any stem or estimate is silent has no value for any stem. Silent is what sums
    over its channels to nothing in every frame, thus also a left that is the right turned over.
    museval refuses a song with a stem, or an estimate, that is silent from beginning to end; here
    it has no value in any window, and the other stems are scored as if it were not there.

    Args:
        references: the true stems, ``[stems, channels, frames]``.
        estimates: of the same shape.
        sample_rate: in Hz.
        window_seconds: how long a window is.
        hop_seconds: how far it moves on.

    Returns:
        dB, ``[stems, windows]``: NaN for no value, infinite where an estimate is perfect.

    Raises:
        ValueError: when the shapes differ, or windows have no frames.
    """
    _require_alike(references, estimates)
    window, hop = int(window_seconds * sample_rate), int(hop_seconds * sample_rate)
    if window < 1 or hop < 1:
        raise ValueError(f"windows of {window} frames that move on by {hop}")
    frames = references[0].shape[-1] if len(references) else 0
    begins = range(0, frames - window + 1, hop) if window < frames else range(1)
    sdr = np.full((len(references), len(begins)), np.nan)
    heard = [
        number
        for number, pair in enumerate(zip(references, estimates, strict=True))
        if not any(map(_is_silent, pair))
    ]
    for column, begin in enumerate(begins):
        cut = slice(begin, begin + window)
        pairs = [(references[number][:, cut], estimates[number][:, cut]) for number in heard]
        if not any(_is_silent(sound) for pair in pairs for sound in pair):
            sdr[heard, column] = [_sdr(truth, sound) for truth, sound in pairs]
    return sdr


def csdr(references: Sounds, estimates: Sounds, sample_rate: int) -> NDArray[np.float64]:
    """Return the median over windows of `framewise_sdr`, ``[stems]``.

    NaN for a stem that has no value in any window.
    """
    sdr = framewise_sdr(references, estimates, sample_rate)
    valued = [row[~np.isnan(row)] for row in sdr]
    return np.array([np.median(row) if row.size else np.nan for row in valued])


def _sdr(truth: NDArray[np.floating], sound: NDArray[np.floating]) -> float:
    exact = truth.astype(np.float64)
    error = exact - sound
    return ratio_db(float(np.sum(exact**2)), float(np.sum(error**2)))


def _is_silent(sound: NDArray[np.floating]) -> bool:
    return not np.any(np.sum(sound, axis=0))


def _require_alike(references: Sounds, estimates: Sounds) -> None:
    shapes = [[sound.shape for sound in sounds] for sounds in (references, estimates)]
    if shapes[0] != shapes[1] or len(set(shapes[0])) > 1:
        raise ValueError(f"shapes differ: references {shapes[0]}, estimates {shapes[1]}")
