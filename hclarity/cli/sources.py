"""What a remix is made of: a song and its stems, found and heard in step."""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path

import numpy as np

from hclarity.audio.reading import AudioReader
from hclarity.audio.values import Samples
from hclarity.cli.items import Item
from hclarity.cli.layout import RECORD, file_names, read_record
from hclarity.errors import BadDataError, MissingInputError
from hclarity.registry.models import readable_cards
from hclarity.remixing.stem_gains import StemGains
from hclarity.separation.naming import rest_name
from hclarity.separation.record import SeparationRecord

__all__ = [
    "Hearing",
    "Sources",
    "hearing",
    "holds_stems",
    "newest_separation",
    "stems_in",
    "stems_record",
]

_AUDIO_SUFFIXES = {".wav", ".flac", ".mp3", ".ogg", ".opus", ".aiff", ".aif", ".caf", ".m4a"}
_MIXTURE = "mixture"


@dataclass(frozen=True)
class Sources:
    """The files that a remix is made of.

    Args:
        given: the song or folder that the user named.
        name: of the remix.
        song: the mixture; None where it is the sum of the stems.
        stems: by name; none where the plan changes none.
        record: of the separation that made them; None where that is not known.
    """

    given: Path
    name: str
    song: Path | None
    stems: dict[str, Path]
    record: SeparationRecord | None = None

    @classmethod
    def separated(cls, song: Item, stems: dict[str, Path]) -> "Sources":
        """A song, and the stems it was separated into, if it was."""
        return cls(song.path, song.name, song.path, stems, stems_record(stems))

    def needed_for(self, gains: StemGains) -> "Sources":
        """Without the stems that need not be heard: all but those that change, if the song is.

        Raises:
            UsageError: when a stem shall change that is not there.
        """
        gains.refuse_missing(self.stems)
        if self.song is None:
            return self
        return replace(self, stems={stem: self.stems[stem] for stem in gains.changed})

    @property
    def files(self) -> list[Path]:
        """All of them: the song, if there is one, then the stems."""
        return [*([self.song] if self.song else []), *self.stems.values()]


def newest_separation(root: Path) -> Path:
    """Return the folder of stems that was completed last.

    Raises:
        MissingInputError: when there is none; says how to get one.
    """
    records = sorted(root.rglob(RECORD), key=lambda path: path.stat().st_mtime_ns)
    if not records:
        raise MissingInputError(
            f"no separation under {root}; name a song, or run: hclarity separate SONG"
        )
    return records[-1].parent


def holds_stems(folder: Path) -> bool:
    """Whether a folder is one of stems: by its record, or by files that are called as stems are."""
    if (folder / RECORD).is_file():
        return True
    try:
        names = {path.stem for path in folder.iterdir() if path.suffix.lower() in _AUDIO_SUFFIXES}
    except OSError:
        return False
    known = {_MIXTURE, *_stems_of_models()}
    strange = [name for name in names if name.removeprefix(rest_name("")) not in known]
    return _MIXTURE in names or bool(names and not strange)


@lru_cache
def _stems_of_models() -> frozenset[str]:
    """What the models call their stems."""
    return frozenset(stem for card in readable_cards(lambda _: None) for stem in card.stems)


def stems_record(stems: Mapping[str, Path]) -> SeparationRecord | None:
    """The record beside stems, as it is now; None where there is none."""
    return read_record(next(iter(stems.values())).with_name(RECORD)) if stems else None


def stems_in(item: Item) -> Sources:
    """Find the stems in a folder: each audio file is one, but ``mixture.*`` is the song itself.

    Raises:
        MissingInputError: when the folder may not be read.
        BadDataError: when it holds no stems, one twice, or only some and no mixture.
    """
    folder = item.path
    record = read_record(folder / RECORD)
    suffixes = _AUDIO_SUFFIXES if record is None else {f".{record.encoding.split()[0]}"}
    files = _by_name(folder, suffixes)
    song = files.pop(_MIXTURE, None)
    if record is not None:  # other files may be left from earlier separations
        files = _recorded(folder, record)
    if not files:
        raise BadDataError(f"{folder} holds no stems; expected files such as vocals.flac")
    if song is None and record is not None and not _are_the_song(files, record):
        raise BadDataError(
            f"{folder} has only {', '.join(files)}, which do not sum to the song;"
            " remix the song itself, or separate it with all stems"
        )
    return Sources(folder, item.name, song, files, record)


def _recorded(folder: Path, record: SeparationRecord) -> dict[str, Path]:
    """The stems of a separation that are still there, by their names."""
    files = {stem: folder / name for stem, name in file_names(record).items()}
    # A record may be a stranger's: unlike Path.is_file, this minds no impossible name.
    return {stem: path for stem, path in files.items() if os.path.isfile(path)}


def _are_the_song(files: dict[str, Path], record: SeparationRecord) -> bool:
    return record.complete and files.keys() == set(record.names)


def _by_name(folder: Path, suffixes: set[str]) -> dict[str, Path]:
    """The audio files of a folder, by their names without suffix."""
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        raise MissingInputError(f"{folder} cannot be read: {error.strerror}") from error
    files: dict[str, Path] = {}
    for path in paths:
        if path.suffix.lower() in suffixes and not path.name.startswith("."):
            if path.stem in files:
                raise BadDataError(f"{folder} holds both {files[path.stem].name} and {path.name}")
            files[path.stem] = path
    return files


class Hearing:
    """The open files of one hearing.

    The next blocks are decoded in another thread while the last ones are worked on: decoders let
    go of Python meanwhile, and four stems take as long as all the rest.

    Attributes:
        sample_rate: of all of them, in Hz.
        frames: of all of them, as far as that is known before they end.
    """

    def __init__(self, sources: Sources, readers: list[AudioReader], thread: Executor) -> None:
        self._name = sources.name
        self._with_song, self._with_stems = sources.song is not None, bool(sources.stems)
        self._readers, self._thread = readers, thread
        self.sample_rate = readers[0].sample_rate
        self.frames = readers[0].frames or 0
        self._heard = 0
        self._refuse_unlike("sample rates", [f"{reader.sample_rate} Hz" for reader in readers])
        self._refuse_unlike("channels", [f"{reader.channels}" for reader in readers])
        if all(reader.decoder == "soundfile" for reader in readers):  # whose lengths are exact
            self._refuse_unlike_lengths([reader.frames or 0 for reader in readers])

    def blocks(self) -> Iterator[tuple[Samples, Samples | None]]:
        """Yield the song's ``[channels, frames]`` and the stems' ``[stems, channels, frames]``.

        Raises:
            BadDataError: as `AudioReader.blocks` does, or when the lengths differ.
        """
        decoded = self._decoded()
        coming = self._thread.submit(next, decoded, None)
        while (blocks := coming.result()) is not None:
            coming = self._thread.submit(next, decoded, None)
            yield blocks

    def _decoded(self) -> Iterator[tuple[Samples, Samples | None]]:
        nothing = np.zeros((self._readers[0].channels, 0), np.float32)
        together = zip_longest(*(reader.blocks() for reader in self._readers), fillvalue=nothing)
        for blocks in together:
            self._refuse_unlike_blocks(blocks, together)
            stems = np.stack(blocks[self._with_song :]) if self._with_stems else None
            if self._with_song:
                yield blocks[0], stems
            elif stems is not None:
                yield stems.sum(axis=0), stems

    def _refuse_unlike_blocks(
        self, blocks: tuple[Samples, ...], following: Iterator[tuple[Samples, ...]]
    ) -> None:
        """Refuse files of which one has ended, once the others have too: only then is it known."""
        lengths = [block.shape[1] for block in blocks]
        if len(set(lengths)) > 1:
            for more in following:
                lengths = [had + now.shape[1] for had, now in zip(lengths, more, strict=True)]
            self._refuse_unlike_lengths([self._heard + length for length in lengths])
        self._heard += lengths[0]

    def _refuse_unlike_lengths(self, frames: list[int]) -> None:
        told = [f"{count / self.sample_rate:.3f} s ({count} frames)" for count in frames]
        self._refuse_unlike("lengths", told)

    def _refuse_unlike(self, what: str, values: list[str]) -> None:
        if len(set(values)) > 1:
            files = (
                f"{reader.path.name} has {value}"
                for reader, value in zip(self._readers, values, strict=True)
            )
            raise BadDataError(f"{self._name}: the {what} differ: {', '.join(files)}")


@contextmanager
def hearing(sources: Sources) -> Iterator[Hearing]:
    """Open all files for one hearing.

    Raises:
        HclarityError: as `AudioReader`.
        BadDataError: when the sample rates or channels differ, or the lengths, where the files
            tell them.
    """
    with ExitStack() as stack:
        readers = [stack.enter_context(AudioReader(path)) for path in sources.files]
        # Entered last, so that it has come to rest before the files are closed.
        yield Hearing(sources, readers, stack.enter_context(ThreadPoolExecutor(1)))
