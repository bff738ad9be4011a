"""Small songs with true stems, in folders."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import soundfile as sf

from hclarity.audio.values import Samples

__all__ = ["RATE", "VDBO", "noise", "write_folder"]

RATE = 22050
VDBO = ("bass", "drums", "other", "vocals")


def noise(seed: int, frames: int = 2000, channels: int = 2) -> Samples:
    """White noise that files of 16 bits hold exactly, so that sums of it are exact too."""
    levels = np.random.default_rng(seed).integers(-3000, 3000, (channels, frames))
    return (levels / 32768).astype(np.float32)


def write_folder(
    folder: Path,
    files: Mapping[str, Samples] | None = None,
    *,
    rate: int = RATE,
    mixture: str | None = "mixture.wav",
) -> dict[str, Samples]:
    """Write 16-bit files by their names, four stems of noise by default, and their sum."""
    if files is None:
        files = {f"{name}.wav": noise(seed) for seed, name in enumerate(VDBO)}
    folder.mkdir(parents=True, exist_ok=True)
    written = dict(files)
    if mixture is not None:
        written[mixture] = np.sum(list(files.values()), axis=0)
    for name, samples in written.items():
        sf.write(folder / name, samples.T, rate, subtype="PCM_16")
    return written
