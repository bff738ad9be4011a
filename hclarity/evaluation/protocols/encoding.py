"""What becomes of a signal on its way through the challenges' FLAC files, without the files.

Their writer truncates to 16 bits towards zero, without dither; that is part of what is scored.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hclarity.audio.reading import read_audio
from hclarity.audio.values import Samples
from hclarity.errors import BadDataError, MissingInputError
from hclarity.evaluation.ear_quality import Signal

__all__ = ["clipped", "peak_scaled", "read_clipped", "read_peak_scaled"]

_STEPS = 32768


def clipped(samples: Signal) -> Samples:
    """Return what is read of a signal that was written as it is."""
    steps = np.clip(samples.astype(np.float64) * _STEPS, -_STEPS, _STEPS - 1)
    return np.asarray(steps.astype(np.int16) / _STEPS, dtype=np.float32)


def peak_scaled(samples: Signal) -> Samples:
    """Return what is read of a signal that was scaled to its peak, as a text file beside says."""
    peak = float(np.abs(samples).max(initial=0.0))
    return clipped(samples / peak) * np.float32(peak) if peak else clipped(samples)


def read_clipped(folder: Path, names: Sequence[str], sample_rate: int) -> Samples:
    """Read a file that a system has made, ``[channels, frames]``.

    Args:
        folder: of them all, or the one above ``enhanced_signals``.
        names: that the file may have, in the challenge's layout.
        sample_rate: that it must have, in Hz.

    Raises:
        MissingInputError: when it is not there.
        BadDataError: when it is damaged or has another sample rate.
    """
    path = _path(folder, names)
    audio = read_audio(path)
    if audio.sample_rate != sample_rate:
        raise BadDataError(f"{path} has {audio.sample_rate} Hz; the challenge wants {sample_rate}")
    return audio.samples


def read_peak_scaled(folder: Path, name: str, sample_rate: int) -> Samples:
    """Read a file that was scaled to the peak in the text file beside it; see `read_clipped`."""
    samples = read_clipped(folder, [name], sample_rate)
    beside = _path(folder, [name]).with_suffix(".txt")
    if not beside.is_file():
        return samples
    try:
        peak = float(beside.read_text(encoding="utf-8"))
    except ValueError:
        raise BadDataError(f"{beside} must hold a number, the peak") from None
    return samples * np.float32(peak)


def _path(folder: Path, names: Sequence[str]) -> Path:
    for base in (folder, folder / "enhanced_signals"):
        for name in names:
            if (base / name).is_file():
                return base / name
    raise MissingInputError(f"{folder} lacks {names[0]}")
