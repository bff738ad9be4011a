"""Task 2 of the second Cadenza challenge (CAD2), rebalancing classical ensembles.

A scene is an excerpt of two to five players and a gain in dB for each. The reference is the sum of
the true players at these gains, turned down by ``10 log10(mean(10^(gain / 10)))`` dB. A system has
a model for each instrument; a tenth of what the model thinks to be other instruments is added back
to each estimate, then all goes as in the reference. Both are heard through a multiband compressor
of the listener's own; the system's is written to a file of 32 kHz and 16 bits, clipped. Scored is
HAAQI at 24 kHz, with equalisation 2; the reference has 65 dB SPL before the compressor.

What a row thinks to be other instruments is its stem ``no_INSTRUMENT``, or else what its estimate
leaves of the mixture. Two players of one instrument are one stem to a separator, and are given the
mean of their gains in dB.

Metadata, all needed: ``music.SPLIT.json``, ``gains.json``, ``scenes.SPLIT.json``,
``scene_listeners.SPLIT.json``, ``listeners.SPLIT.json`` and ``compressor_params.SPLIT.json``. Its
files of music are looked for among those of the data set, by the end of their paths.

Strict repeats two defects: two players of one instrument are heard twice, each time both, as the
baseline separates the instrument for each; and the reference is not cut to the excerpt, but begins
with the file (0.9.0; the code that scored the challenge did cut it). Not repeated in either case:
noise that is seeded once for both ears, where here it is seeded before each (up to 1e-4 in the
score of a quiet second).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from statistics import fmean

import numpy as np

from hclarity.audio.values import Samples
from hclarity.datasets.ensembles import instrument_of
from hclarity.datasets.tracks import Sound, Track
from hclarity.evaluation.ear_quality import Engine
from hclarity.evaluation.measures import Task
from hclarity.evaluation.protocols.cad2_hearing_aid import PARAMETERS, hearing_aid
from hclarity.evaluation.protocols.metadata import Entry, Metadata
from hclarity.evaluation.protocols.remix_scores import Hearing
from hclarity.evaluation.protocols.songs import required, tasks_of_scenes
from hclarity.evaluation.remixes import Mix, remixed
from hclarity.evaluation.rows import Output
from hclarity.evaluation.scores import Score
from hclarity.evaluation.songs import Song
from hclarity.hearing.audiogram import Listener

__all__ = ["Cad2Ensembles", "Cad2EnsemblesMeasure", "Player"]

_OUTPUT_RATE = 32000  # Hz
_RESIDUAL = 0.1
_MIXTURE = "mixture"


@dataclass(frozen=True)
class Player:
    """One source of an excerpt.

    Args:
        source: by its key in the metadata, such as "source_1".
        instrument: by the name of its stem.
        sound: the file.
        gain: in dB.
    """

    source: str
    instrument: str
    sound: Sound
    gain: float


@dataclass(frozen=True)
class Cad2EnsemblesMeasure:
    """HAAQI of the remix of a scene, for a listener.

    Args:
        hearing: who hears, and how.
        players: all sources of the excerpt.
        strict: with the defects of the baseline.
    """

    hearing: Hearing
    players: tuple[Player, ...]
    strict: bool

    @property
    def name(self) -> str:
        """The scene and listener."""
        return self.hearing.name

    @property
    def settings(self) -> Mapping[str, object]:
        """All that the numbers depend on."""
        gains = [[player.source, player.instrument, player.gain] for player in self.players]
        return {**self.hearing.settings, "gains": gains, "strict": self.strict}

    def scores(self, output: Output) -> list[Score]:
        """Measure it."""
        sounds = {player.source: (player.sound,) for player in self.players}
        parts = Track(output.song.name, sounds)
        cut = Song(parts.name, parts, output.song.start, output.song.frames)
        true = Song(parts.name, parts) if self.strict else cut
        gains = {player.source: player.gain for player in self.players}
        reference = remixed(true.stems, gains) * self._turned_down
        scene = self.hearing.scene
        file = f"{_folder(scene)}/{scene}_{self.hearing.listener.name}_remix.flac"
        return self.hearing.scores(output, reference, lambda: self._remix(output), [file])

    def _remix(self, output: Output) -> Mix:
        mixture = output.song.mixture
        if output.row.kind == "floor":
            return mixture.astype(np.float64)
        estimates = output.stems
        played = Counter(player.instrument for player in self.players)
        wanted = required(estimates, tuple(played))
        heard = {
            instrument: _with_residual(instrument, estimate, estimates, mixture)
            * (played[instrument] if self.strict else 1)
            for instrument, estimate in wanted.items()
        }
        gains = {
            instrument: fmean(
                player.gain for player in self.players if player.instrument == instrument
            )
            for instrument in played
        }
        return remixed(heard, gains) * self._turned_down

    @property
    def _turned_down(self) -> float:
        """What makes up for the gains, if players are equally loud."""
        power = fmean(10 ** (player.gain / 10) for player in self.players)
        return float(1 / np.sqrt(power))


@dataclass(frozen=True)
class Cad2Ensembles:
    """The protocol."""

    name: str = "cad2-ensembles"

    def tasks(
        self,
        tracks: Sequence[Track],
        metadata: Path | None,
        listeners: Sequence[Listener],
        *,
        strict: bool,
        engine: Engine,
    ) -> list[Task]:
        """Return a measure for each scene and listener; see `Protocol.tasks`."""
        needs = (
            "music.SPLIT.json, gains.json, scenes.SPLIT.json, scene_listeners.SPLIT.json,"
            f" listeners.SPLIT.json and {PARAMETERS}.SPLIT.json"
        )
        sounds = _by_name(tracks)
        return tasks_of_scenes(
            self.name,
            metadata,
            needs,
            lambda files: self._of_split(files, sounds, listeners, strict, engine),
        )

    def _of_split(
        self,
        files: Metadata,
        sounds: Mapping[str, Sequence[Sound]],
        listeners: Sequence[Listener],
        strict: bool,
        engine: Engine,
    ) -> Iterator[Task]:
        music, gains, parameters = (files.read(kind) for kind in ("music", "gains", PARAMETERS))
        for scene in files.scenes(listeners):
            name = scene.entry.text("music")
            entry = music.entry(name)
            excerpt = entry.entry(_MIXTURE)
            found = dict(_sounds(entry, sounds))
            if len(found) < len(entry.values) or not scene.listeners:
                continue
            mixture = found.pop(_MIXTURE)
            players = _players(entry, found, gains.entry(scene.entry.text("gain")))
            aids = [(who, hearing_aid(parameters, who.name)) for who in scene.listeners]
            hearings = [
                Hearing(self.name, scene.name, who, aid, engine, _OUTPUT_RATE) for who, aid in aids
            ]
            measures = [Cad2EnsemblesMeasure(hearing, players, strict) for hearing in hearings]
            yield Task(_song(name, excerpt, players, mixture), measures)


def _by_name(tracks: Sequence[Track]) -> Mapping[str, Sequence[Sound]]:
    """All files of a data set, by their names."""
    files: dict[str, list[Sound]] = {}
    for track in tracks:
        for sound in track.sounds():
            files.setdefault(sound.path.name, []).append(sound)
    return files


def _sounds(entry: Entry, files: Mapping[str, Sequence[Sound]]) -> Iterator[tuple[str, Sound]]:
    """The sources of an excerpt, and its mixture, as far as they are there."""
    for source, said in entry.entries():
        path = PurePosixPath(said.text("track"))
        for sound in files.get(path.name, ()):
            if sound.path.parts[-len(path.parts) :] == path.parts:
                yield source, sound
                break


def _players(entry: Entry, sounds: Mapping[str, Sound], gains: Entry) -> tuple[Player, ...]:
    return tuple(
        Player(
            source,
            instrument_of(entry.entry(source).text("instrument")),
            sound,
            gains.number(source),
        )
        for source, sound in sounds.items()
    )


def _song(name: str, excerpt: Entry, players: Sequence[Player], mixture: Sound) -> Song:
    """The excerpt: one stem for each instrument, whoever plays it."""
    stems: dict[str, tuple[Sound, ...]] = {}
    for player in players:
        stems[player.instrument] = (*stems.get(player.instrument, ()), player.sound)
    track = Track(name, stems, mixture)
    begin, duration = (excerpt.number(key) for key in ("start", "duration"))
    start, end = (int(seconds * track.sample_rate) for seconds in (begin, begin + duration))
    return Song(name, track, start, min(end, track.frames) - start)


def _with_residual(
    instrument: str, estimate: Samples, estimates: Mapping[str, Samples], mixture: Samples
) -> Samples:
    rest = estimates.get(f"no_{instrument}", mixture - estimate)
    return np.asarray(estimate + np.float32(_RESIDUAL) * rest, dtype=np.float32)


def _folder(scene: str) -> str:
    """Where a scene's files lie, by its number; as in the baseline."""
    number = int("".join(filter(str.isdecimal, scene)) or 0)
    if 0 < number < 49999:
        return "train"
    return "valid" if 50000 < number < 59999 else "test"
