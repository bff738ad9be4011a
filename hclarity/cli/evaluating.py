"""Rows and songs made ready, and scored: the walk behind `hclarity eval`."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hclarity import __version__
from hclarity.batch.executors.executor import Executor
from hclarity.batch.journal import Journal
from hclarity.cli.ending import uninterrupted
from hclarity.cli.eval_words import WantedSongs
from hclarity.cli.ready_model import ready_weights
from hclarity.cli.running import JOURNAL, Running
from hclarity.datasets.tracks import Track
from hclarity.errors import UnavailableError, UsageError
from hclarity.evaluation.aggregates import Report, RowInfo
from hclarity.evaluation.digests import Digests, digest_of_values
from hclarity.evaluation.ear_quality import Engine
from hclarity.evaluation.estimates import EstimatesRow, find_estimates
from hclarity.evaluation.listening import ListeningMeasure
from hclarity.evaluation.measures import Measure, Task
from hclarity.evaluation.models import JoinedRow, ModelRow, has_seen
from hclarity.evaluation.oracles import IdealMaskRow, MixtureRow
from hclarity.evaluation.protocols import PROTOCOLS
from hclarity.evaluation.rows import Row
from hclarity.evaluation.sdr_measure import SdrMeasure
from hclarity.evaluation.songs import Song
from hclarity.evaluation.truths import is_sum, truth_sources
from hclarity.evaluation.walk import Failure, Walk
from hclarity.hearing.audiogram import Listener
from hclarity.registry.cards import ModelCard
from hclarity.registry.weights import Choice
from hclarity.registry.whole_files import make_folder
from hclarity.remixing.stem_gains import Balance
from hclarity.report.console import Reporter

if TYPE_CHECKING:
    from hclarity.separation.devices import Device

__all__ = ["Asked", "Evaluated", "evaluated"]

HAAQI = "haaqi"
_BYTES_OF_SONG = 1_600_000_000  # of four minutes and four stems, in memory


@dataclass(frozen=True)
class Asked:
    """All that was asked for.

    Args:
        songs: that score.
        models: names of rows, and the cards of the models that each consists of.
        weights: which of theirs.
        device: where they compute.
        estimates: names of rows, and folders.
        metrics: by name.
        listeners: who listens.
        balance: of the remix that they hear.
        protocol: of a challenge; none for our own measures.
        metadata: the folder of what the challenge says.
        strict: with the defects of its baseline.
        engine: that computes HAAQI.
        out: the folder of the journal; None for the usual one.
        running: who does the work.
        overwrite: do again what is done.
    """

    songs: WantedSongs
    models: Sequence[tuple[str, Sequence[ModelCard]]]
    weights: Choice
    device: "Device"
    estimates: Sequence[tuple[str, Path]]
    metrics: Sequence[str]
    listeners: Sequence[Listener]
    balance: Balance
    protocol: str | None
    metadata: Path | None
    strict: bool
    engine: Engine
    out: Path | None
    running: Running
    overwrite: bool

    @property
    def journal(self) -> Path:
        """The file that keeps what is done."""
        usual = Path("evaluations") / f"{self.songs.dataset}-{self.songs.split}"
        return (self.out or usual) / JOURNAL


@dataclass(frozen=True)
class Evaluated:
    """What came of it.

    Args:
        report: all scores.
        failures: of what nothing came.
        rows: of the table.
        songs: by their names.
    """

    report: Report
    failures: Sequence[Failure]
    rows: Sequence[Row]
    songs: Mapping[str, Song]


def evaluated(asked: Asked, reporter: Reporter) -> Evaluated:
    """Score what was asked for, as far as it is not done, and say how it goes.

    Raises:
        HclarityError: when nothing can be scored at all; what fails for one song is in the result.
    """
    _require_engine(asked.engine)
    _require_distinct([name for name, _ in (*asked.models, *asked.estimates)])
    for _, cards in asked.models:
        _refuse_strangers(cards, asked)
    tasks = _tasks(asked)
    make_folder(asked.journal.parent)
    with Journal(asked.journal) as journal:
        rows = _rows(asked, tasks, Digests(journal).of_file, reporter)
        with reporter.progress("looking at the songs", len(tasks)) as bar:
            walk = Walk(tasks, rows, journal, again=asked.overwrite, report=lambda: bar.advance(1))
        _say_what_is_done(walk, asked, reporter)
        with reporter.progress("scoring", walk.missing) as bar:
            walk.run(_executor(asked, walk), bar.advance)
        scores = tuple(walk.scores())
    _tell_failures(walk.failures, reporter)
    infos = tuple(RowInfo(row.name, row.kind, row.seen, row.digest) for row in rows)
    songs = {task.song.name: task.song for task in tasks}
    return Evaluated(Report(scores, infos, _about(asked, walk)), walk.failures, rows, songs)


def _executor(asked: Asked, walk: Walk) -> Executor | None:
    songs = max(1, walk.missing_songs)
    return asked.running.workers(songs, bytes_each=_BYTES_OF_SONG, folder=asked.journal.parent)


def _require_engine(engine: Engine) -> None:
    if engine == "reference" and find_spec("clarity") is None:
        raise UnavailableError(
            "--haaqi-engine reference is pyclarity, which is not here:"
            " pip install 'hclarity[reference]'"
        )


def _refuse_strangers(cards: Sequence[ModelCard], asked: Asked) -> None:
    """Refuse, before anything is fetched, models that have no stem in common with any song."""
    allowed = [
        card.of(variant)
        for card in cards
        for variant in card.weights
        if asked.weights in ("auto", variant)
    ]
    shared = (
        any(truth_sources(track.names, card.stems).values())
        for card in allowed
        for track in asked.songs.tracks
    )
    if allowed and not any(shared):
        names = dict.fromkeys(name for track in asked.songs.tracks for name in track.names)
        stems = dict.fromkeys(stem for card in allowed for stem in card.stems)
        raise UsageError(
            f"the model {'+'.join(card.name for card in cards)} estimates {', '.join(stems)};"
            f" the songs have {', '.join(names)}"
        )


def _tasks(asked: Asked) -> list[Task]:
    """What is measured of each song."""
    tracks = asked.songs.tracks
    if asked.protocol:
        protocol = PROTOCOLS[asked.protocol]
        return protocol.tasks(
            tracks, asked.metadata, asked.listeners, strict=asked.strict, engine=asked.engine
        )
    return [Task(song, _measures(song, asked)) for song in map(_whole, tracks)]


def _whole(track: Track) -> Song:
    return Song(track.name, track)


def _measures(song: Song, asked: Asked) -> tuple[Measure, ...]:
    """A measure for each metric and listener: to ask for one more is to compute only that."""
    measures: list[Measure] = [SdrMeasure((name,)) for name in asked.metrics if name != HAAQI]
    if asked.listeners:
        gains = asked.balance(song.track.names)
        measures += [ListeningMeasure(one, gains, asked.engine) for one in asked.listeners]
    return tuple(measures)


def _model_row(
    name: str, cards: Sequence[ModelCard], asked: Asked, reporter: Reporter
) -> ModelRow | JoinedRow:
    if len(cards) == 1:
        return _model(name, cards[0], asked, reporter)
    return JoinedRow(name, tuple(_model(card.name, card, asked, reporter) for card in cards))


def _model(name: str, card: ModelCard, asked: Asked, reporter: Reporter) -> ModelRow:
    """A model with its weights, which are fetched if need be."""
    with uninterrupted():
        from hclarity.registry.upstream.contents import read_config
        from hclarity.separation.devices import choose_device
        from hclarity.separation.record import making_of

    there = asked.running.on_other_hosts and asked.device != "auto"  # they may have what we lack
    device = asked.device if there else choose_device(asked.device)
    weights = ready_weights(card, asked.weights, reporter)
    reporter.say(f"model {card.name}, {weights.variant} weights, on the {device}")
    making = making_of(card.of(weights.variant), weights.variant, read_config(weights.path))
    stand_in = weights.variant == "bundled" and "official" in card.weights
    return ModelRow(
        name=f"{name} (bundled)" if stand_in else name,
        card=card,
        weights=weights,
        device=device,
        digest=digest_of_values(weights.sha256, making, device),
        seen=has_seen(card, weights, asked.songs.dataset, asked.songs.split),
    )


def _rows(
    asked: Asked, tasks: Sequence[Task], digest: Callable[[Path], str], reporter: Reporter
) -> list[Row]:
    """What has a row in the table, the floor first and the ceiling last."""
    found = _estimates(asked, tasks, digest, reporter)  # first, for models may have to be fetched
    models = [_model_row(name, cards, asked, reporter) for name, cards in asked.models]
    for model in models:
        if model.seen:
            reporter.warn(f"{model.name} was trained on these songs: no fair test of it")
    sums = tuple(sorted(filter(is_sum, _stems(models, found))))
    framed: list[Row] = [MixtureRow(sums), *models, *found, IdealMaskRow(sums)]
    _require_distinct([row.name for row in framed])
    return framed


def _estimates(
    asked: Asked, tasks: Sequence[Task], digest: Callable[[Path], str], reporter: Reporter
) -> list[EstimatesRow]:
    """What others have estimated."""
    excerpts = {(it.song.track.name, it.song.start, it.song.frames): it.song for it in tasks}
    songs = list(excerpts.values())
    found = [
        find_estimates(name, folder, songs, asked.songs.split, digest)
        for name, folder in asked.estimates
    ]
    for row in found:
        if row.enhanced is not None and not asked.protocol:
            raise UsageError(f"{row.enhanced} holds what was made for listeners: give --protocol")
        if row.uneven:
            reporter.warn(
                f"{row.name}: {row.uneven} files are a little longer or shorter than their"
                " songs; they are cut, or followed by silence"
            )
    return found


def _stems(models: Sequence[ModelRow | JoinedRow], found: Sequence[EstimatesRow]) -> set[str]:
    """All stems that any row between floor and ceiling has."""
    estimated = {stem for row in found for stems in row.files.values() for stem in stems}
    return estimated.union(*(model.stems for model in models))


def _require_distinct(names: Sequence[str]) -> None:
    for name, times in Counter(names).most_common(1):
        if times > 1:
            raise UsageError(
                f"{times} rows would be named {name}: name them apart, as --model NAME=MODEL or"
                " --estimates NAME=DIR"
            )


def _say_what_is_done(walk: Walk, asked: Asked, reporter: Reporter) -> None:
    done = walk.total - walk.missing
    if done:
        reporter.say(f"{done} of {walk.total} measurements are in {asked.journal} already")


def _tell_failures(failures: Sequence[Failure], reporter: Reporter) -> None:
    """Say why each song failed, once, where all rows failed alike."""
    rows: dict[tuple[str, str], list[str]] = {}
    for failure in failures:
        rows.setdefault((failure.song, failure.reason), []).append(failure.row)
    for (song, reason), names in rows.items():
        whose = f" ({', '.join(filter(None, names))})" if any(names) else ""
        reporter.error(f"{song}{whose}: {reason}")


def _about(asked: Asked, walk: Walk) -> dict[str, Any]:
    """What was scored, and how, as a document has it."""
    songs = asked.songs
    return {
        "version": __version__,
        "dataset": songs.dataset,
        "title": songs.title,
        "split": songs.split,
        "songs": len(songs.tracks),
        "data": walk.data,
        "metrics": list(asked.metrics),
        "listeners": [listener.name for listener in asked.listeners],
        "protocol": asked.protocol,
        "strict": asked.strict,
        "haaqi_engine": asked.engine,
    }
