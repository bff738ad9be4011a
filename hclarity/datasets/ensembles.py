"""EnsembleSet and CadenzaWoodwind: pieces for strings and for woodwinds, a stem an instrument.

They are read from the tree that the recipe of the second Cadenza challenge (CAD2 task 2,
``process_zenodo_download.py``) makes, with ``audio/`` and ``metadata/``, or as they come unpacked.
Where ``metadata/music_tracks.SPLIT.json`` names files that are there, it says what a song is: a
woodwind piece has two orchestrations with most stems in common. Else every folder with such
instruments is a song; one with strings and woodwinds, as Cadenza mixes some to validate, is of both
sets.
"""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from hclarity.datasets.folders import sound_files
from hclarity.datasets.tracks import Sound, Track
from hclarity.errors import BadDataError

__all__ = ["STRINGS", "WOODWINDS", "find_strings", "find_woodwinds", "instrument_of"]

STRINGS = frozenset({"violin", "viola", "cello"})
WOODWINDS = frozenset({"flute", "clarinet", "oboe", "sax", "bassoon"})
_MIXTURE = "mix"  # as in mix_PIECE.flac, mixture.flac
_MICROPHONE = "Mix_1"  # of EnsembleSet's twenty, the one that Cadenza takes


def find_strings(root: Path, split: str) -> list[Track]:
    """Return the pieces of a split of EnsembleSet, also those with woodwinds besides."""
    return _find("EnsembleSet", STRINGS, root, split)


def find_woodwinds(root: Path, split: str) -> list[Track]:
    """Return the pieces of a split of CadenzaWoodwind, also those with strings besides."""
    return _find("CadenzaWoodwind", WOODWINDS, root, split)


def instrument_of(file: str) -> str:
    """Return who plays a file.

    >>> instrument_of("Violin_2.flac"), instrument_of("piece/Mix_1/Cello.flac")
    ('violin', 'cello')
    """
    return Path(file).stem.partition("_")[0].lower()


def _find(title: str, family: frozenset[str], root: Path, split: str) -> list[Track]:
    bases = [root / "audio" / split, root / title]
    if listed := _listed(root / "metadata" / f"music_tracks.{split}.json", title, bases):
        return listed
    prepared, unpacked = bases
    if os.path.isdir(prepared):
        return _in_folders(prepared, family)
    return _in_folders(unpacked, family) if split == "train" else []


def _listed(metadata: Path, title: str, bases: Sequence[Path]) -> list[Track]:
    """The songs that a metadata file names, if their files are there."""
    if not os.path.isfile(metadata):
        return []
    try:
        songs = {
            name: (song["stems_path"], song["mixture_path"])
            for name, song in json.loads(metadata.read_text(encoding="utf-8")).items()
            if song["dataset"] == title
        }
        for base in bases:
            if any(os.path.isfile(base / mixture) for _, mixture in songs.values()):
                return [_listed_track(base, name, *songs[name]) for name in sorted(songs)]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadDataError(
            f"{metadata} is not Cadenza's: {type(error).__name__} {error}; get it anew"
        ) from None
    return []


def _listed_track(base: Path, name: str, stems: Sequence[str], mixture: str) -> Track:
    return _track(name, [base / stem for stem in stems], [base / mixture])


def _in_folders(base: Path, family: frozenset[str]) -> list[Track]:
    """Every folder below a base in which an instrument of the family plays."""
    folders = list(_folders_below(base))
    microphone = [folder for folder in folders if folder.name == _MICROPHONE]
    tracks = []
    for folder in microphone or folders:
        parts = [part for part in folder.relative_to(base).parts if part != _MICROPHONE]
        files = sound_files(folder)
        mixtures = [path for path in files if path.name.lower().startswith(_MIXTURE)]
        stems = [path for path in files if path not in mixtures]
        track = _track(" - ".join(parts), stems, mixtures)
        if family & set(track.names):
            tracks.append(track)
    return tracks


def _folders_below(base: Path) -> Iterator[Path]:
    """All folders below a base, in the order of their paths, but for hidden and unfinished ones."""
    for folder, inner, _ in os.walk(base, followlinks=True):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        if Path(folder) != base:
            yield Path(folder)


def _track(name: str, stems: Sequence[Path], mixtures: Sequence[Path]) -> Track:
    """A song; of several mixtures none is that of all its stems."""
    players: dict[str, list[Sound]] = {}
    for path in sorted(stems):
        players.setdefault(instrument_of(path.name), []).append(Sound(path))
    mixture = Sound(mixtures[0]) if len(mixtures) == 1 else None
    return Track(name, {who: tuple(players[who]) for who in sorted(players)}, mixture)
