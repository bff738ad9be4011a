"""Songs, written as data sets lay them out: a folder each, that is whole or not there."""

import tempfile
from pathlib import Path
from typing import Literal

import numpy as np

from hclarity.audio.encoding import Encoding
from hclarity.audio.values import Audio, Stems
from hclarity.audio.writing import AudioWriter
from hclarity.datasets.folders import MIXTURE
from hclarity.errors import CannotCreateError
from hclarity.registry.whole_files import make_folder

__all__ = ["Lossless", "write_song"]

Lossless = Literal["wav", "flac"]

_LEVELS = 2**23  # of 24 bits, to either side of zero


def write_song(
    stems: Stems, folder: Path, *, mixture: str = MIXTURE, lossless: Lossless = "wav"
) -> Path:
    """Write stems and their sum into a new folder.

    The stems are rounded to 24 bits before they are summed, so that the mixture in its file is, to
    the bit, the sum of the stems in theirs.

    Args:
        stems: of the song; the files have their names.
        folder: that of the song.
        mixture: name of the file with the sum.
        lossless: the format.

    Returns:
        The path of the mixture.

    Raises:
        CannotCreateError: when the folder is there already, or cannot be made.
        StorageError: when the disk is full or fails.
    """
    if folder.exists():
        raise CannotCreateError(f"{folder} is there already; remove it to have it written anew")
    make_folder(folder.parent)
    levels = np.clip(np.rint(stems.samples * np.float32(_LEVELS)), -_LEVELS, _LEVELS - 1)
    rounded = Stems(stems.names, levels / np.float32(_LEVELS), stems.sample_rate)
    parts = {**{name: rounded[name] for name in stems.names}, mixture: rounded.mix()}
    with tempfile.TemporaryDirectory(prefix=".", dir=folder.parent) as scratch:
        unfinished = Path(scratch) / folder.name
        for name, audio in parts.items():
            _write(audio, unfinished / f"{name}.{lossless}", Encoding(lossless, "24"))
        unfinished.rename(folder)
    return folder / f"{mixture}.{lossless}"


def _write(audio: Audio, path: Path, encoding: Encoding) -> None:
    with AudioWriter(
        path, sample_rate=audio.sample_rate, channels=audio.channels, encoding=encoding
    ) as writer:
        writer.push(audio.samples)
