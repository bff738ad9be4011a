"""Task 1 of the second Cadenza challenge (CAD2), lyric intelligibility: its HAAQI.

A scene is an excerpt of a song and an alpha, from 0, the song as it is, to 1, nothing but vocals. A
system divides the excerpt into vocals and accompaniment and sums them, times ``alpha^2 + 1`` and
``1 - alpha^2``. The excerpt is brought to -40 LUFS before. Each ear of the listener hears that
through a multiband compressor of the listener's own, from a file of 16 bits, clipped.

The reference is made of the true stems, vocals at +1 dB and all else at -1 dB, whatever alpha is;
the whole song is brought to -40 LUFS before the excerpt is cut out. Scored is HAAQI at 24 kHz, with
equalisation 2; the reference has 65 dB SPL after the compressor, other than in all other tasks.

What a row made is of the song at its own level, and is brought to that of the challenge afterwards.
Rows with other stems than vocals and accompaniment give the sum of all but the vocals.

The challenge also scores how many words a speech recogniser (Whisper) understands, after a
simulated hearing loss, and weighs both by alpha. That needs such a recogniser, and is not done
here.

Metadata, all needed: ``music.SPLIT.json``, ``alpha.json``, ``scene.SPLIT.json``,
``scene_listeners.SPLIT.json``, ``listeners.SPLIT.json`` and ``compressor_params.SPLIT.json``.

Strict changes nothing here. Upstream forgets to seed the noise of HAAQI, which nothing can repeat
(up to 1e-4 in the score of a quiet second): here it is seeded by the scene, before each ear.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

import numpy as np

from hclarity.datasets.tracks import Sound, Track
from hclarity.errors import BadDataError
from hclarity.evaluation.ear_quality import Engine
from hclarity.evaluation.measures import Task
from hclarity.evaluation.protocols.cad2_hearing_aid import PARAMETERS, hearing_aid
from hclarity.evaluation.protocols.metadata import Entry, Metadata
from hclarity.evaluation.protocols.remix_scores import Hearing
from hclarity.evaluation.protocols.songs import tasks_of_scenes
from hclarity.evaluation.remixes import Mix, amplitude, loudness, remixed, vocals_and_rest
from hclarity.evaluation.rows import Output
from hclarity.evaluation.scores import Score
from hclarity.evaluation.songs import Song
from hclarity.hearing.audiogram import Listener

__all__ = ["Cad2Lyrics", "Cad2LyricsMeasure"]

_LUFS = -40.0
_CLEARER_DB = 1.0  # vocals up, all else down, in the reference
_VOCALS = "vocals"


@dataclass(frozen=True)
class Cad2LyricsMeasure:
    """HAAQI of the remix of a scene, for a listener.

    Args:
        hearing: who hears, and how.
        alpha: how much of the vocals is wanted, 0 to 1.
    """

    hearing: Hearing
    alpha: float

    @property
    def name(self) -> str:
        """The scene and listener."""
        return self.hearing.name

    @property
    def settings(self) -> Mapping[str, object]:
        """All that the numbers depend on."""
        return {**self.hearing.settings, "alpha": self.alpha}

    def scores(self, output: Output) -> list[Score]:
        """Measure it."""
        song = output.song
        level = _level_of_reference(tuple(song.track.stems.items()))
        reference = _reference(song) * amplitude(_LUFS - level)
        who = f"{self.hearing.scene}_{self.hearing.listener.name}"
        files = [f"{who}_A{alpha}_remix.flac" for alpha in (f"{self.alpha:g}", self.alpha)]
        return self.hearing.scores(output, reference, lambda: self._remix(output), files)

    def _remix(self, output: Output) -> Mix:
        mixture = output.song.mixture
        gain = amplitude(_LUFS - loudness(mixture, output.song.sample_rate))
        if output.row.kind == "floor":
            return gain * mixture.astype(np.float64)
        vocals, rest = vocals_and_rest(output.stems, mixture)
        more = self.alpha**2
        return gain * ((1 + more) * vocals.astype(np.float64) + (1 - more) * rest)


@dataclass(frozen=True)
class Cad2Lyrics:
    """The protocol."""

    name: str = "cad2-lyrics"

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
            "music.SPLIT.json, alpha.json, scene.SPLIT.json, scene_listeners.SPLIT.json,"
            f" listeners.SPLIT.json and {PARAMETERS}.SPLIT.json"
        )
        by_name = {track.name: track for track in tracks}
        return tasks_of_scenes(
            self.name,
            metadata,
            needs,
            lambda files: self._of_split(files, by_name, listeners, engine),
        )

    def _of_split(
        self,
        files: Metadata,
        by_name: Mapping[str, Track],
        listeners: Sequence[Listener],
        engine: Engine,
    ) -> Iterator[Task]:
        music, alphas, parameters = (files.read(kind) for kind in ("music", "alpha", PARAMETERS))
        for scene in files.scenes(listeners):
            segment = scene.entry.text("segment_id")
            song = _song(segment, music.entry(segment), by_name)
            if song is None or not scene.listeners:
                continue
            alpha = alphas.number(scene.entry.text("alpha"))
            aids = [(who, hearing_aid(parameters, who.name)) for who in scene.listeners]
            hearings = [
                Hearing(self.name, scene.name, who, aid, engine, loud_once_amplified=True)
                for who, aid in aids
            ]
            yield Task(song, [Cad2LyricsMeasure(hearing, alpha) for hearing in hearings])


def _song(segment: str, entry: Entry, by_name: Mapping[str, Track]) -> Song | None:
    """The excerpt, if its song is there."""
    folder = PurePosixPath(entry.text("path")).name
    track = by_name.get(entry.text("track_name")) or by_name.get(folder)
    if track is None:
        return None
    if _VOCALS not in track.names:
        raise BadDataError(f"{track.name} has no true vocals, only {', '.join(track.names)}")
    start, end = (int(entry.number(key) * track.sample_rate) for key in ("start_time", "end_time"))
    return Song(segment, track, start, min(end, track.frames) - start)


def _reference(song: Song) -> Mix:
    """The vocals a little louder, the rest a little softer; of all of it or an excerpt."""
    gains = {stem: _CLEARER_DB if stem == _VOCALS else -_CLEARER_DB for stem in song.stems}
    return remixed(song.stems, gains)


@lru_cache(maxsize=4)
def _level_of_reference(stems: tuple[tuple[str, tuple[Sound, ...]], ...]) -> float:
    """How loud the reference is of a whole song: its scenes come one after the other."""
    track = Track("", dict(stems))
    return loudness(_reference(Song("", track)), track.sample_rate)
