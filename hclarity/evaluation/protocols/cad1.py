"""Task 1 of the first Cadenza challenge (CAD1): stems for headphones.

A system makes eight signals of a song, the four stems in each ear: estimates, amplified by NAL-R,
brought to 24 kHz and written to files of 16 bits, scaled to their peak. Scored is HAAQI of each
against one channel of the true stem, which HAAQI itself amplifies (equalisation 1) and presents at
65 dB SPL. The remix, which the challenge had listeners judge, has no score.

Metadata, all of which may be left out: ``musdb18.SPLIT.json`` with the songs of a split,
``listeners.SPLIT.json``, and ``musdb18.segments.test.json`` with the 30 s of each test song that
counted. Without the first, all songs are heard by all listeners that are given; without the last,
whole.

Strict keeps the filter's delay of 110 samples and the 220 by which it makes a stem longer;
otherwise they are cut off. Not repeated in either case: noise that is seeded once for all eight
signals of a song, where here it is seeded before each (up to 1e-4 in the score).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hclarity.audio.values import Samples
from hclarity.datasets.tracks import Track
from hclarity.errors import MissingInputError
from hclarity.evaluation.ear_quality import (
    HAAQI_RATE,
    Engine,
    Signal,
    ear_quality,
    resampled,
    seed_of,
)
from hclarity.evaluation.hearing_aids import EARS, NalrAid, audiogram_of, channel_of, numbers_of
from hclarity.evaluation.measures import Task
from hclarity.evaluation.protocols.encoding import peak_scaled, read_peak_scaled
from hclarity.evaluation.protocols.metadata import Metadata
from hclarity.evaluation.protocols.songs import require_some
from hclarity.evaluation.rows import Output
from hclarity.evaluation.scores import Ear, Score
from hclarity.evaluation.songs import Song
from hclarity.hearing.audiogram import Listener
from hclarity.hearing.cadenza_filter import ORDER

__all__ = ["Cad1", "Cad1Measure"]

_SEGMENTS = "musdb18.segments.test.json"


@dataclass(frozen=True)
class Cad1Measure:
    """HAAQI of every stem of a song in each ear of a listener.

    Args:
        listener: who hears.
        strict: with the filter's delay.
        engine: our own HAAQI, or pyclarity's.
    """

    listener: Listener
    strict: bool
    engine: Engine

    @property
    def name(self) -> str:
        """What is measured, and for whom."""
        return f"haaqi {self.listener.name}"

    @property
    def settings(self) -> Mapping[str, object]:
        """All that the numbers depend on."""
        return {
            "protocol": "cad1",
            "listener": [self.listener.name, numbers_of(self.listener)],
            "strict": self.strict,
            "engine": self.engine,
        }

    def scores(self, output: Output) -> list[Score]:
        """Measure it."""
        if output.row.enhanced is None:
            estimates = output.stems
            names = [stem for stem in output.song.track.names if stem in estimates]
        else:
            estimates, names = {}, list(output.song.track.names)
        return [
            Score(
                output.row.name,
                output.song.name,
                stem,
                "haaqi",
                self._quality(output, stem, ear, estimates),
                self.listener.name,
                ear,
            )
            for stem in names
            for ear in EARS
        ]

    def _quality(
        self, output: Output, stem: str, ear: Ear, estimates: Mapping[str, Samples]
    ) -> float | None:
        song = output.song
        truth = channel_of(song.stems[stem], ear)
        if not truth.any():
            return None
        if output.row.enhanced is not None:
            who = self.listener.name
            file = f"{who}/{song.name}/{who}_{song.name}_{ear}_{stem}.flac"
            processed = channel_of(read_peak_scaled(output.row.enhanced, file, HAAQI_RATE), ear)
        else:
            processed = self._made(channel_of(estimates[stem], ear), ear, song.sample_rate)
        return ear_quality(
            resampled(truth, song.sample_rate),
            processed,
            audiogram_of(self.listener, ear),
            level_of=truth,
            equalisation=1,
            seed=seed_of(song.track.name),
            engine=self.engine,
        )

    def _made(self, estimate: Signal, ear: Ear, rate: int) -> Signal:
        amplified = NalrAid(self.listener).amplified(estimate, ear, rate)
        if not self.strict:
            amplified = amplified[ORDER // 2 : ORDER // 2 + estimate.size]
        return peak_scaled(resampled(amplified, rate))


@dataclass(frozen=True)
class Cad1:
    """The protocol."""

    name: str = "cad1"

    def tasks(
        self,
        tracks: Sequence[Track],
        metadata: Path | None,
        listeners: Sequence[Listener],
        *,
        strict: bool,
        engine: Engine,
    ) -> list[Task]:
        """Return a measure for each song and listener; see `Protocol.tasks`."""
        if metadata is None:
            if not listeners:
                raise MissingInputError(
                    "cad1 needs somebody who listens: give --listeners, or --metadata, a folder"
                    " with listeners.SPLIT.json and musdb18.SPLIT.json"
                )
            pairs = [(Song(track.name, track), tuple(listeners)) for track in tracks]
        else:
            pairs = list(_pairs(tracks, metadata, listeners))
        tasks = [
            Task(song, [Cad1Measure(listener, strict, engine) for listener in heard_by])
            for song, heard_by in pairs
            if heard_by
        ]
        return require_some(tasks, metadata) if metadata else tasks


def _pairs(
    tracks: Sequence[Track], metadata: Path, wanted: Sequence[Listener]
) -> Iterator[tuple[Song, tuple[Listener, ...]]]:
    """Songs of the splits, each with the listeners of its split."""
    segments = _segments(metadata)
    splits = Metadata.splits(metadata, "musdb18")
    if not splits:
        everybody = Metadata.splits(metadata, "listeners")
        heard_by = tuple(wanted) or tuple(who for files in everybody for who in files.listeners(()))
        yield from ((_song(track, segments), heard_by) for track in tracks)
    by_name = {track.name: track for track in tracks}
    for files in splits:
        heard_by = tuple(files.listeners(wanted))
        for _, song in files.read("musdb18").entries():
            if (track := by_name.get(song.text("Track Name"))) is not None:
                yield _song(track, segments), heard_by


def _segments(metadata: Path) -> Mapping[str, tuple[float, float]]:
    """What counts of a song, from and to, in s."""
    if not (metadata / _SEGMENTS).is_file():
        return {}
    songs = Metadata(metadata, "test").read("musdb18.segments").entries()
    counted = {name: song.entry("objective_evaluation") for name, song in songs}
    return {name: (part.number("start"), part.number("end")) for name, part in counted.items()}


def _song(track: Track, segments: Mapping[str, tuple[float, float]]) -> Song:
    if track.name not in segments:
        return Song(track.name, track)
    start, end = (int(seconds * track.sample_rate) for seconds in segments[track.name])
    return Song(track.name, track, start, min(end, track.frames) - start)
