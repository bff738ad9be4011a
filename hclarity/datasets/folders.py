"""Songs as folders of stems: ``SPLIT/TRACK/STEM.wav``, and a mixture if there is one."""

import os
from pathlib import Path

from hclarity.datasets.tracks import Sound, Track
from hclarity.errors import MissingInputError

__all__ = ["MIXTURE", "entries", "find_tracks", "folders_in", "sound_files"]

MIXTURE = "mixture"
SUFFIXES = (".wav", ".flac")  # where a stem is there in both, the first is read


def find_tracks(root: Path, split: str) -> list[Track]:
    """Return the songs of a split, in the order of their names; none where there is no such split.

    Files of any name are stems; a folder without any is not a song.
    """
    return [track for folder in folders_in(root / split) if (track := _track(folder))]


def _track(folder: Path) -> Track | None:
    """The song whose stems lie in a folder, named after it; None where there are none."""
    files = {path.stem.lower(): Sound(path) for path in reversed(sound_files(folder))}
    mixture = files.pop(MIXTURE, None)
    stems = {name: (files[name],) for name in sorted(files)}
    return Track(folder.name, stems, mixture) if stems else None


def sound_files(folder: Path) -> list[Path]:
    """Return a folder's WAV and FLAC files, WAV first, each kind in the order of their names."""
    files = [path for path in entries(folder) if path.suffix.lower() in SUFFIXES and path.is_file()]
    return sorted(files, key=lambda path: (SUFFIXES.index(path.suffix.lower()), path.name))


def folders_in(folder: Path) -> list[Path]:
    """Return the folders in a folder, in the order of their names."""
    return [path for path in entries(folder) if path.is_dir()]


def entries(folder: Path) -> list[Path]:
    """Return what a folder holds, in the order of the names, but for hidden and unfinished things.

    Nothing where there is no such folder.

    Raises:
        MissingInputError: when it may not be read.
    """
    if not os.path.isdir(folder):  # which, unlike Path.is_dir, minds no folder above that is closed
        return []
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise MissingInputError(f"cannot read {folder}: {error.strerror}") from error
