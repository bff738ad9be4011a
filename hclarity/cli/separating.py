"""A song file in, stem files out: the walk that `separate`, `remix` and `demo` share."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from hclarity import __version__
from hclarity.audio.encoding import Encoding, encoded_bytes
from hclarity.audio.part_names import clear_left_over
from hclarity.audio.reading import AudioReader
from hclarity.audio.tags import read_tags
from hclarity.audio.values import Samples
from hclarity.audio.writing import AudioWriter, check_writable
from hclarity.batch.leases import Require, forget_the_dead, leased
from hclarity.cli.files import refuse_to_replace, write_text
from hclarity.cli.items import Item
from hclarity.cli.layout import StemLayout, read_record
from hclarity.cli.ready_model import ReadyModel
from hclarity.cli.song_engines import SongEngines
from hclarity.cli.wanted_stems import WantedStems
from hclarity.errors import MissingInputError
from hclarity.registry.cards import Contract
from hclarity.registry.download import sha256_of
from hclarity.registry.unchanged_files import UnchangedFiles
from hclarity.registry.whole_files import make_folder
from hclarity.report.console import Reporter
from hclarity.separation.levels import Level, level_meter
from hclarity.separation.record import SeparationRecord

if TYPE_CHECKING:
    from hclarity.separation.engines.engine import Engine
    from hclarity.separation.separator import Separator

__all__ = ["Separated", "SongSeparator", "check_song", "tell_clipping"]


def check_song(path: Path) -> None:
    """Raise what `AudioReader` raises for a file that is not there, or no song by its looks."""
    if path.is_dir():
        _refuse_folder(path)
    AudioReader(path).close()


def _refuse_folder(path: Path) -> NoReturn:
    """Say why a folder is no song: those that hold songs have been taken for these."""
    try:
        next(path.iterdir(), None)
    except OSError as error:
        raise MissingInputError(f"{path} cannot be read: {error.strerror}") from error
    raise MissingInputError(f"{path} is a folder without songs: nothing in it looks like sound")


class SongSeparator:
    """Separates song files with one model into one layout.

    Args:
        model: ready to compute.
        layout: where stems go.
        encoding: of the stem files.
        wanted: which stems to write.
        reporter: hears what happens.
        overwrite: do again what is already done.
    """

    def __init__(
        self,
        model: ReadyModel,
        layout: StemLayout,
        encoding: Encoding,
        wanted: WantedStems,
        reporter: Reporter,
        *,
        overwrite: bool = False,
    ) -> None:
        self._model, self._layout, self._encoding = model, layout, encoding
        self._wanted, self._reporter, self._overwrite = wanted, reporter, overwrite
        self._engines = SongEngines(model, wanted.computed, reporter)

    def __call__(self, song: Item) -> "Separated":
        """Separate one song, unless that is done already.

        Raises:
            HclarityError: as reader, net and writer do; nothing is left under a final name.
            Busy: when another program is at work on it.
        """
        stems = {name: self._layout.stem_path(song.name, name) for name in self._wanted.names}
        for stem in stems.values():
            refuse_to_replace(stem, [song.path])
        unchanged = UnchangedFiles([song.path])
        settings = self._settings(song.path)
        record = self._record_of(song, settings, stems)
        if record is not None:
            return self._found(song, stems, record)
        heard = _hear(song.path, self._model.card, unchanged, self._layout.record_path(song.name))
        self._check_writable(heard, stems)
        with leased(self._layout.root, song.name) as require:
            record = self._record_of(song, settings, stems)  # another program may have been quicker
            if record is not None:
                return self._found(song, stems, record)
            return self._made(song, heard, settings, stems, require)

    def _record_of(
        self, song: Item, settings: dict[str, Any], stems: dict[str, Path]
    ) -> SeparationRecord | None:
        """The record of a separation that is wanted and there."""
        old = read_record(self._layout.record_path(song.name))
        holds = not self._overwrite and old is not None and self._holds(old, settings)
        return old if holds and all(stem.is_file() for stem in stems.values()) else None

    def _found(self, song: Item, stems: dict[str, Path], record: SeparationRecord) -> "Separated":
        with suppress(OSError):  # on a medium that is read only
            self._layout.record_path(song.name).touch()  # which makes it the newest separation
        forget_the_dead(self._layout.root, song.name)
        self._reporter.say(f"already separated: {song.path}")
        return Separated(stems, record.frames / record.sample_rate, before=True)

    def _made(
        self,
        song: Item,
        heard: "_Song",
        settings: dict[str, Any],
        stems: dict[str, Path],
        require: Require,
    ) -> "Separated":
        old = read_record(heard.record)
        if old is not None and old.song_sha256 != settings["song_sha256"]:
            folder = heard.record.parent
            self._reporter.warn(f"{song.path}: replacing another song's stems in {folder}")
        for path in (*stems.values(), heard.record):
            clear_left_over(path)
        seconds = heard.frames / heard.sample_rate
        self._write(heard, settings, stems, self._engines.of(seconds), require)
        return Separated(stems, seconds)

    def _holds(self, record: SeparationRecord, settings: dict[str, Any]) -> bool:
        """Whether a separation is of this song, made in this way, and of all that is wanted."""
        return (
            all(getattr(record, name) == value for name, value in settings.items())
            and set(self._wanted.computed) <= set(record.stems)
            and self._model.precision in ("auto", record.precision)
            and self._wanted.rest in ("", record.rest)
        )

    def _settings(self, path: Path) -> dict[str, Any]:
        """All that was asked for and decides what the stems are, as their record has it."""
        card, weights = self._model.card, self._model.weights
        return {
            "song_sha256": sha256_of(path),
            "model": card.name,
            "weights": weights.variant,
            "sha256": weights.sha256,
            "making": self._model.making,
            "filename": self._layout.template,
            "chunk_seconds": card.chunk_seconds,
            "overlap": card.overlap,
            "encoding": self._encoding.words,
        }

    def _check_writable(self, song: "_Song", stems: dict[str, Path]) -> None:
        size = encoded_bytes(self._encoding, song.channels, song.frames)
        for path in stems.values():
            check_writable(path, encoding=self._encoding, bytes_needed=size * len(stems))
        make_folder(song.record.parent)

    def _write(
        self,
        song: "_Song",
        settings: dict[str, Any],
        stems: dict[str, Path],
        engine: "Engine",
        require: Require,
    ) -> None:
        """Write stems and their record; on a full disk all that was there before is kept."""
        from hclarity.separation.separator import Separator  # here, for it imports torch

        card = self._model.card
        form = {"sample_rate": song.sample_rate, "channels": song.channels}
        separator = Separator(engine, card, **form, level=song.level, rest=bool(self._wanted.rest))
        tags = read_tags(song.path)
        if tags.problem:
            self._reporter.warn(f"{song.path}: {tags.problem}")
        with ExitStack() as stack:
            stack.callback(separator.give_up)
            reader = stack.enter_context(AudioReader(song.path))
            writers = [
                stack.enter_context(AudioWriter(path, **form, encoding=self._encoding, tags=tags))
                for path in stems.values()
            ]
            label = f"separating {song.path.name}"
            bar = stack.enter_context(self._reporter.progress(label, song.frames))
            for block in _separated(reader, separator):
                for stem, writer in zip(block, writers, strict=True):
                    writer.push(stem)
                bar.advance(block.shape[-1])
            song.unchanged.require()
            for writer in writers:
                writer.finish()
            require()
            record = self._record(song, settings, engine).to_json()  # now it knows by what
            write_text(song.record, record, first=partial(_complete, writers, song.record))
        for writer in writers:
            tell_clipping(writer, self._reporter)

    def _record(
        self, song: "_Song", settings: dict[str, Any], engine: "Engine"
    ) -> SeparationRecord:
        return SeparationRecord(
            song=song.path.name.replace("\\", "_"),  # which elsewhere would lead into a folder
            stems=self._wanted.computed,
            rest=self._wanted.rest,
            complete=self._wanted.complete,
            sample_rate=song.sample_rate,
            channels=song.channels,
            frames=song.frames,
            device=engine.device,
            engine=engine.name,
            precision=engine.precision,
            version=__version__,
            **settings,
        )


@dataclass(frozen=True)
class Separated:
    """What came of a song.

    Args:
        stems: the files, by name.
        seconds: how long it is.
        before: whether they were there already.
    """

    stems: dict[str, Path]
    seconds: float
    before: bool = False


@dataclass(frozen=True)
class _Song:
    """A song that was heard to its end, and so is sound, as long as it is unchanged."""

    path: Path
    record: Path  # where that of its separation goes
    unchanged: UnchangedFiles
    sample_rate: int
    channels: int
    frames: int
    level: Level


def _hear(path: Path, contract: Contract, unchanged: UnchangedFiles, record: Path) -> _Song:
    frames = 0
    with AudioReader(path) as reader:
        meter = level_meter(contract, sample_rate=reader.sample_rate, channels=reader.channels)
        for block in reader.blocks():
            meter.push(block)
            frames += block.shape[1]
    level = meter.level()
    return _Song(path, record, unchanged, reader.sample_rate, reader.channels, frames, level)


def _separated(reader: AudioReader, separator: "Separator") -> Iterator[Samples]:
    for block in reader.blocks():
        yield separator.push(block)
    yield separator.flush()


def _complete(writers: Iterable[AudioWriter], record: Path) -> None:
    """Give all stems their names, or none: some alone would be taken for the whole song.

    The record of those that they replace goes first: it must not speak of these.
    """
    named = []
    record.unlink(missing_ok=True)
    try:
        for writer in writers:
            writer.close()
            named.append(writer.path)
    except BaseException:
        for path in named:
            path.unlink()
        raise


def tell_clipping(writer: AudioWriter, reporter: Reporter) -> None:
    """Warn of samples that an integer format could not hold, if there were any."""
    if writer.clipped_samples:
        reporter.warn(
            f"{writer.path}: {writer.clipped_samples} samples above full scale were clipped"
            f" (highest peak {writer.peak:.2f}); --format wav --bits 32f keeps them"
        )
