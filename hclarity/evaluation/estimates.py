"""A row of somebody else's making: files of estimated stems, from any tool.

Whatever lies in the folder is recognised by looking::

    TRACK/STEM.wav                         plain; also below SPLIT/
    MODEL/TRACK/STEM.wav                   demucs'
    …_remix.flac, …_left_vocals.flac       a Cadenza challenge's, made for its listeners

Files may be of any kind that we read, and named like the stems of a song, ``accompaniment`` or
``no_STEM``. All are looked at before anything is computed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from hclarity.audio.reading import AudioReader, read_audio
from hclarity.audio.values import Samples
from hclarity.datasets.folders import entries, folders_in
from hclarity.errors import BadDataError, MissingInputError, UsageError
from hclarity.evaluation.digests import digest_of_values
from hclarity.evaluation.rows import Kind
from hclarity.evaluation.songs import Song
from hclarity.evaluation.truths import truth_sources

__all__ = ["EstimatesRow", "find_estimates"]

SUFFIXES = (".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".aiff")  # the first there is read
TOLERANCE = 0.1  # s by which an estimate may be longer or shorter than its song
_ENHANCED = ("*_remix.flac", "*_left_*.flac")
_SHOWN = 3

Files = Mapping[str, Mapping[str, Path]]
"""By song, then by stem."""


@dataclass(frozen=True)
class EstimatesRow:
    """Files of estimated stems; `find_estimates` makes one.

    Args:
        name: as the table has it.
        files: the stems of each song, by its name.
        digests: of the contents of all files.
        uneven: how many of them are a little longer or shorter than their songs.
        enhanced: the folder, where all there is was made for the listeners of a challenge.
    """

    name: str
    files: Files
    digests: Mapping[Path, str]
    uneven: int = 0
    enhanced: Path | None = None
    kind: Kind = field(default="estimates", init=False)
    seen: bool = field(default=False, init=False)

    @property
    def digest(self) -> str:
        """Of all files, wherever they lie."""
        return digest_of_values(sorted(self.digests.values()))

    def digest_of(self, song: Song) -> str:
        """Return a digest of the song's own files."""
        if self.enhanced is not None:
            return self.digest
        files = self.files[song.track.name]
        return digest_of_values({stem: self.digests[path] for stem, path in files.items()})

    def files_of(self, song: Song) -> Mapping[Path, str]:
        """Return the song's own files with their digests; of what was handed in, none.

        That is thousands of files, of which a measure reads a few.
        """
        if self.enhanced is not None:
            return {}
        return {path: self.digests[path] for path in self.files[song.track.name].values()}

    def estimate(self, song: Song) -> Mapping[str, Samples]:
        """Read the stems of a song.

        Raises:
            BadDataError: when a file is damaged, or there is nothing but what was made for the
                listeners of a challenge.
            MissingInputError: when one is gone.
        """
        if self.enhanced is not None:
            raise BadDataError(f"{self.enhanced} has no stems of songs; score it with --protocol")
        files = self.files[song.track.name]
        return {stem: _fitted(path, song) for stem, path in files.items()}


def find_estimates(
    name: str,
    folder: Path,
    songs: Sequence[Song],
    split: str,
    digest: Callable[[Path], str],
) -> EstimatesRow:
    """Find the estimates of songs in a folder, and look whether they fit.

    Args:
        name: of the row.
        folder: in one of the layouts above.
        songs: that are to be scored.
        split: of the data set, which may be the name of a folder on the way.
        digest: returns that of a file's content.

    Raises:
        MissingInputError: when there are none, or not of every song and stem.
        UsageError: when there are those of several models.
        BadDataError: when a file is no audio, or of another sample rate, number of channels or
            length than its song.
    """
    place = _place(folder, songs, split)
    if place is None:
        made = _made_for_listeners(folder)
        if not made:
            raise MissingInputError(_why_none(folder, songs))
        return EstimatesRow(name, {}, {path: digest(path) for path in made}, enhanced=folder)
    files = {song.track.name: _stems(place, song) for song in songs}
    _require_complete(place, files, songs)
    every = [(path, song) for song in songs for path in files[song.track.name].values()]
    uneven = sum(_is_uneven(path, song) for path, song in every)
    digests = {path: digest(path) for path, _ in every}
    return EstimatesRow(name, files, digests, uneven)


def _place(folder: Path, songs: Sequence[Song], split: str) -> Path | None:
    """The folder in which songs have folders."""

    def holds(place: Path) -> bool:
        return any(_stems(place, song) for song in songs)

    for place in (folder, folder / split):
        if holds(place):
            return place
    below = [place for model in folders_in(folder) for place in (model, model / split)]
    found = [place for place in below if holds(place)]
    if len(found) > 1:
        told = ", ".join(map(str, found[:_SHOWN])) + (", …" if len(found) > _SHOWN else "")
        raise UsageError(f"{folder} holds estimates of several models: give one of {told}")
    return found[0] if found else None


def _sounds(folder: Path) -> dict[str, Path]:
    """Audio files by the names of what they sound like, in lower case."""
    sounds: dict[str, Path] = {}
    for suffix in SUFFIXES:
        for path in entries(folder):
            if path.suffix.lower() == suffix:
                sounds.setdefault(path.stem.lower(), path)
    return sounds


def _stems(place: Path, song: Song) -> dict[str, Path]:
    """Those of a song's sounds that it has the truth of."""
    sounds = _sounds(place / song.track.name)
    known = truth_sources(song.track.names, tuple(sounds))
    return {stem: path for stem, path in sounds.items() if known.get(stem)}


def _require_complete(place: Path, files: Files, songs: Sequence[Song]) -> None:
    """Every song must have the stems that any has, as far as they are its own."""
    every = tuple(dict.fromkeys(stem for stems in files.values() for stem in stems))
    lacking = dict(_lacking(files, songs, every))
    if not lacking:
        return
    first, stems = next(iter(lacking.items()))
    told = f"the first {first} (no {', '.join(stems)})" if stems else f"the first {first}"
    raise MissingInputError(
        f"{place} lacks estimates of {len(lacking)} of {len(songs)} songs, {told};"
        f" expected {place / first}/STEM.wav, or .flac, .mp3, …"
    )


def _lacking(
    files: Files, songs: Sequence[Song], every: tuple[str, ...]
) -> Iterator[tuple[str, list[str]]]:
    for song in songs:
        there = files[song.track.name]
        due = [stem for stem, of in truth_sources(song.track.names, every).items() if of]
        stems = [stem for stem in due if stem not in there]
        if stems or not there:
            yield song.track.name, stems


def _is_uneven(path: Path, song: Song) -> bool:
    """Whether a file is not quite as long as its song; raises where it does not fit at all."""
    track = song.track
    with AudioReader(path) as reader:
        rate, channels, frames = reader.sample_rate, reader.channels, reader.frames
    for got, want, unit, remedy in (
        (rate, track.sample_rate, "Hz", "resample it"),
        (channels, track.channels, "channel(s)", "write it with as many"),
    ):
        if got != want:
            raise BadDataError(
                f"{path} has {got} {unit}, the song {track.name} has {want}: {remedy}"
            )
    if frames is None:
        return False  # it will be seen when it is read
    differs = min(abs(frames - length) for length in _lengths(song))
    if differs > TOLERANCE * rate:
        raise _wrong_length(path, frames, song)
    return differs > 0


def _lengths(song: Song) -> tuple[int, int]:
    """What an estimate may be as long as: the whole track, or the excerpt of it."""
    rest = song.track.frames - song.start
    return song.track.frames, rest if song.frames is None else song.frames


def _wrong_length(path: Path, frames: int, song: Song) -> BadDataError:
    return BadDataError(
        f"{path} has {frames} frames, the song {song.name} {_lengths(song)[1]}:"
        f" they may differ by {TOLERANCE:g} s at most"
    )


def _fitted(path: Path, song: Song) -> Samples:
    """An estimate, exactly as long as its song: cut, or followed by silence."""
    samples = read_audio(path).samples
    there, (whole, wanted) = samples.shape[1], _lengths(song)
    of_track = abs(there - whole) < abs(there - wanted)
    if abs(there - (whole if of_track else wanted)) > TOLERANCE * song.sample_rate:
        raise _wrong_length(path, there, song)
    first = song.start if of_track else 0
    samples = samples[:, first : first + wanted]
    return np.pad(samples, ((0, 0), (0, wanted - samples.shape[1])))


def _made_for_listeners(folder: Path) -> list[Path]:
    """All files of a challenge's folder, where it is one."""
    if not folder.is_dir() or not any(next(folder.rglob(kind), None) for kind in _ENHANCED):
        return []
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _why_none(folder: Path, songs: Sequence[Song]) -> str:
    if not folder.is_dir():
        return f"no folder of estimates at {folder}"
    there = ", ".join(path.name for path in entries(folder)[:_SHOWN]) or "nothing"
    return (
        f"no estimates in {folder}: expected {songs[0].track.name}/STEM.wav there, in a folder"
        f" named after the split or in that of a model; found {there}"
    )
