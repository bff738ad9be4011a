"""The songs of a training, held in memory as 16-bit samples."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hclarity.datasets.folders import read_stems
from hclarity.errors import BadDataError
from hclarity.training.recipe import Recipe

__all__ = ["read_songs"]


def read_songs(
    tracks: Sequence[Path], recipe: Recipe, report: Callable[[], None] = lambda: None
) -> list[NDArray[np.int16]]:
    """Read the stems that a recipe trains on: ``[stems, channels, frames]`` each.

    Args:
        tracks: their folders.
        recipe: whose stems and sample rate they must have.
        report: called after each song.

    Raises:
        HclarityError: as `read_stems` does, or for another sample rate.
    """
    songs = []
    for track in tracks:
        stems = read_stems(track, recipe.stems)
        if stems.sample_rate != recipe.sample_rate:
            raise BadDataError(
                f"{track} is at {stems.sample_rate} Hz, the recipe wants {recipe.sample_rate} Hz"
            )
        levels = np.clip(np.rint(stems.samples * 32768), -32768, 32767)
        songs.append(levels.astype(np.int16))
        report()
    return songs
