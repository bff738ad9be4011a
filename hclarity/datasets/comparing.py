"""Compare the songs of a split with each other, and with what should be there.

Only headers and folders are read.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from hclarity.datasets.checking import Finding
from hclarity.datasets.data_set import DataSet
from hclarity.datasets.folders import SUFFIXES, dangling_links, sound_files
from hclarity.datasets.tracks import Track
from hclarity.errors import BadDataError, MissingInputError

__all__ = ["check_split"]


def check_split(known: DataSet, root: Path, split: str, tracks: Sequence[Track]) -> list[Finding]:
    """Say what is wrong with a split as a whole, and which songs are unlike most.

    Args:
        known: its data set.
        root: where that lies.
        split: which one.
        tracks: its songs, incomplete ones too.
    """
    bare = [] if known.find_bare is None else known.find_bare(root, split)
    return [
        *_too_few(known.splits.get(split), len(tracks)),
        *(Finding(name, "missing", words) for name, words in bare),
        *_twice(tracks),
        *_links(tracks),
        *(_other_stems(tracks) if known.same_stems else ()),
        *_unlike("rate", {track.name: _header(track, "sample_rate") for track in tracks}),
        *_unlike("channels", {track.name: _header(track, "channels") for track in tracks}),
    ]


def _too_few(due: int | None, there: int) -> Iterator[Finding]:
    if due is not None and there < due:
        yield Finding(None, "missing", f"{due - there} of {due} songs")


def _twice(tracks: Sequence[Track]) -> Iterator[Finding]:
    """Stems in several formats, of which it is not clear which one is meant."""
    for track in tracks:
        paths = [sound.path for sound in track.sounds()]
        names = {path.stem.lower() for path in paths}
        for folder in dict.fromkeys(path.parent for path in paths):
            for name, files in _by_name(sound_files(folder)).items():
                if name in names and len(files) > 1:
                    told = ", ".join(files)
                    yield Finding(track.name, "twice", f"{name} is there as {told}; keep one")


def _links(tracks: Sequence[Track]) -> Iterator[Finding]:
    """Links beside a song's files that lead nowhere."""
    songs = {sound.path.parent: track.name for track in tracks for sound in track.sounds()}
    for folder, name in songs.items():
        for words in dangling_links(folder, SUFFIXES):
            yield Finding(name, "missing", words)


def _by_name(files: Sequence[Path]) -> dict[str, list[str]]:
    """Files by their stem's name."""
    by_name: dict[str, list[str]] = {}
    for path in files:
        by_name.setdefault(path.stem.lower(), []).append(path.name)
    return by_name


def _other_stems(tracks: Sequence[Track]) -> Iterator[Finding]:
    """Stems that a song lacks and most songs have."""
    counted = Counter(name for track in tracks for name in track.names)
    usual = sorted(name for name, n in counted.items() if n > len(tracks) / 2)
    for track in tracks:
        for name in usual:
            if name not in track.names:
                yield Finding(track.name, "missing", f"no {name}, which most songs have")


def _unlike(kind: Literal["rate", "channels"], values: Mapping[str, int | None]) -> list[Finding]:
    """Songs that differ from most; those that cannot be read do not count."""
    known = {name: value for name, value in values.items() if value}
    usual = Counter(known.values()).most_common(1)
    return [
        Finding(
            name, kind, f"{_told(kind, value)}, where most songs have {_told(kind, usual[0][0])}"
        )
        for name, value in known.items()
        if value != usual[0][0]
    ]


def _told(kind: Literal["rate", "channels"], value: int) -> str:
    if kind == "rate":
        return f"{value} Hz"
    return "1 channel" if value == 1 else f"{value} channels"


def _header(track: Track, which: Literal["sample_rate", "channels"]) -> int | None:
    try:
        return track.sample_rate if which == "sample_rate" else track.channels
    except (BadDataError, MissingInputError):
        return None
