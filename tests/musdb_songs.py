"""Songs in MUSDB18-HQ's layout, quickly made."""

from pathlib import Path

import numpy as np
import soundfile as sf
from cli_program import RATE, music
from tiny_model import STEMS

__all__ = ["SILENT", "write_set"]

SILENT = "vocals"  # in the second song


def write_set(root: Path, songs: int = 2, seconds: float = 2.0, split: str = "test") -> Path:
    """Songs in MUSDB18-HQ's layout; return the root."""
    for song in range(songs):
        stems = {stem: 0.4 * music(seconds, seed=10 * song + i) for i, stem in enumerate(STEMS)}
        if song == 1:
            stems[SILENT] *= 0
        folder = root / split / f"{'abcdef'[song]} song"
        folder.mkdir(parents=True)
        for name, samples in {**stems, "mixture": np.sum(list(stems.values()), axis=0)}.items():
            sf.write(folder / f"{name}.wav", samples.T, RATE, subtype="PCM_16")
    return root
