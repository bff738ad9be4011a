"""MUSDB18 and MUSDB18-HQ: 86 songs to train on, 14 to validate, 50 to test.

Source: Rafii, Liutkus, Stöter, Mimilakis and Bittner, "The MUSDB18 corpus for music separation",
2017; the 14 songs are those of the package musdb.

The WAV folders need no program, and neither do the ``.stem.mp4`` files: the FFmpeg inside PyAV
reads a crop of 3 s in 12 ms, where the packages musdb and stempeg start a program that decodes the
song from its beginning and take a second and more. The samples are the same.
"""

from dataclasses import replace
from pathlib import Path

from hclarity.datasets.folders import entries, find_tracks
from hclarity.datasets.tracks import Sound, Track

__all__ = ["STEMS", "VALIDATION", "find_stem_files", "find_wav_folders"]

STEMS = ("drums", "bass", "other", "vocals")
VALIDATION = frozenset(
    {
        "ANiMAL - Rockshow",
        "Actions - One Minute Smile",
        "Alexander Ross - Goodbye Bolero",
        "Clara Berry And Wooldog - Waltz For My Victims",
        "Fergessen - Nos Palpitants",
        "James May - On The Line",
        "Johnny Lokke - Promises & Lies",
        "Leaf - Summerghost",
        "Meaxic - Take A Step",
        "Patrick Talbot - A Reason To Leave",
        "Skelpolu - Human Mistakes",
        "Traffic Experiment - Sirens",
        "Triviul - Angelsaint",
        "Young Griffo - Pennies",
    }
)
_FOLDERS = ("train", "valid", "test")
_STEM_FILE = ".stem.mp4"


def find_wav_folders(root: Path, split: str) -> list[Track]:
    """Return the songs of a split of MUSDB18-HQ, or of a set laid out like it.

    "valid" is 14 songs of the folder ``train``, unless there is a folder ``valid``.
    """
    tracks = _of_split(split, {name: find_tracks(root, name) for name in _FOLDERS})
    return [replace(track, stems=_in_order(track)) for track in tracks]


def find_stem_files(root: Path, split: str) -> list[Track]:
    """Return the songs of a split of MUSDB18: ``{train,test}/ARTIST - TITLE.stem.mp4``."""
    return _of_split(split, {name: _stem_files(root / name) for name in _FOLDERS})


def _of_split(split: str, folders: dict[str, list[Track]]) -> list[Track]:
    if split == "valid" and not folders["valid"]:
        return [track for track in folders["train"] if track.name in VALIDATION]
    if split == "train":
        return [track for track in folders["train"] if track.name not in VALIDATION]
    return folders.get(split, [])


def _in_order(track: Track) -> dict[str, tuple[Sound, ...]]:
    return {name: track.stems[name] for name in STEMS if name in track.stems}


def _stem_files(folder: Path) -> list[Track]:
    return [_stem_file(path) for path in entries(folder) if path.name.endswith(_STEM_FILE)]


def _stem_file(path: Path) -> Track:
    """One file: the mixture, then the stems, each a sound of its own."""
    stems = {name: (Sound(path, stream),) for stream, name in enumerate(STEMS, 1)}
    return Track(path.name.removesuffix(_STEM_FILE), stems, Sound(path, 0))
