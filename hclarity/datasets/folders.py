"""Songs as folders of stems: ``SPLIT/TRACK/STEM.wav``, and a mixture if there is one."""

import os
from collections.abc import Sequence
from pathlib import Path

from hclarity.datasets.tracks import Sound, Track
from hclarity.errors import MissingInputError

__all__ = [
    "MIXTURE",
    "SUFFIXES",
    "dangling_links",
    "entries",
    "find_bare",
    "find_tracks",
    "folders_in",
    "sound_files",
]

MIXTURE = "mixture"
SUFFIXES = (".wav", ".flac")  # where a stem is there in both, the first is read


def find_tracks(root: Path, split: str) -> list[Track]:
    """Return the songs of a split, in the order of their names; none where there is no such split.

    Files of any name are stems; a folder without any is not a song.
    """
    return [track for folder in folders_in(root / split) if (track := _track(folder))]


def find_bare(root: Path, split: str) -> list[tuple[str, str]]:
    """Return what stands where a song should be and is none, and why, in words."""
    bare = [folder for folder in folders_in(root / split) if _track(folder) is None]
    links = [(path.name, _nowhere(path)) for path in _dangling(root / split)]
    return [(folder.name, _why_bare(folder)) for folder in bare] + links


def _why_bare(folder: Path) -> str:
    return ", ".join(dangling_links(folder, SUFFIXES)) or (
        "no stems" if entries(folder) else "no stems: an empty folder"
    )


def dangling_links(folder: Path, suffixes: Sequence[str]) -> list[str]:
    """Say which links to files with these suffixes lead nowhere, in words."""
    links = [path for path in _dangling(folder) if path.suffix.lower() in suffixes]
    return [_nowhere(path) for path in links]


def _dangling(folder: Path) -> list[Path]:
    return [path for path in entries(folder) if path.is_symlink() and not os.path.exists(path)]


def _nowhere(link: Path) -> str:
    return f"{link.name} is a link to {link.readlink()}, which is not there"


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
