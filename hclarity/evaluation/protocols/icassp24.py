"""The ICASSP 2024 Cadenza challenge: music for headphones, recorded at hearing aids' microphones.

A scene is a song, heard from a pair of loudspeakers, and a gain in dB for each stem. The reference
is the sum of the true stems at these gains, made as loud as the mixture; a system makes the same of
its estimates. Both are amplified by NAL-R for each ear, after which the system's is written to a
file of 32 kHz and 16 bits, clipped. Scored is HAAQI of both at 24 kHz, with equalisation 2; the
reference has 65 dB SPL before it is amplified.

Songs at the microphones are a data set of their own, made with head-related transfer functions:
their folders are named after song and head, ``SONG-hlp_0001``. Where there is none, the song itself
is scored, as good as any for comparing systems; it is not what the challenge scored.

Metadata: ``gains.json``, ``scenes.SPLIT.json``, ``scene_listeners.SPLIT.json`` and
``listeners.SPLIT.json``. Without gains there is no challenge, so they are needed: at 0 dB the
mixture itself were perfect. `ListeningMeasure` asks the same of any songs, listeners and gains.

Strict changes nothing here. Not repeated in either case: noise that is seeded once for both ears,
where here it is seeded before each (up to 1e-4 in the score of a quiet second, 1e-8 for most); and
the separator's own defects, such as the last 0.1 s of an excerpt that it fades out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hclarity.datasets.tracks import Track
from hclarity.evaluation.ear_quality import Engine
from hclarity.evaluation.hearing_aids import NalrAid
from hclarity.evaluation.measures import Task
from hclarity.evaluation.protocols.metadata import Metadata
from hclarity.evaluation.protocols.remix_scores import Hearing
from hclarity.evaluation.protocols.songs import required, tasks_of_scenes
from hclarity.evaluation.remixes import Mix, matched, remixed
from hclarity.evaluation.rows import Output
from hclarity.evaluation.scores import Score
from hclarity.evaluation.songs import Song
from hclarity.hearing.audiogram import Listener

__all__ = ["Icassp24", "Icassp24Measure"]

_OUTPUT_RATE = 32000  # Hz


@dataclass(frozen=True)
class Icassp24Measure:
    """HAAQI of the remix of a scene, for a listener.

    Args:
        hearing: who hears, and how.
        gains: in dB, by stem.
    """

    hearing: Hearing
    gains: Mapping[str, float]

    @property
    def name(self) -> str:
        """The scene and listener."""
        return self.hearing.name

    @property
    def settings(self) -> Mapping[str, object]:
        """All that the numbers depend on."""
        return {**self.hearing.settings, "gains": dict(self.gains)}

    def scores(self, output: Output) -> list[Score]:
        """Measure it."""
        song = output.song
        reference = matched(remixed(song.stems, self.gains), song.mixture, song.sample_rate)
        file = f"{self.hearing.scene}_{self.hearing.listener.name}_remix.flac"
        return self.hearing.scores(output, reference, lambda: self._remix(output), [file])

    def _remix(self, output: Output) -> Mix:
        song = output.song
        if output.row.kind == "floor":
            return song.mixture.astype(float)
        stems = required(output.stems, song.track.names)
        return matched(remixed(stems, self.gains), song.mixture, song.sample_rate)


@dataclass(frozen=True)
class Icassp24:
    """The protocol."""

    name: str = "icassp24"

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
            "gains.json, scenes.SPLIT.json, scene_listeners.SPLIT.json and listeners.SPLIT.json;"
            " without them, --listeners and --gain alone score remixes in much the same way"
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
        gains = files.read("gains")
        for scene in files.scenes(listeners):
            music, head = (scene.entry.text(key) for key in ("music", "head_loudspeaker_positions"))
            track = by_name.get(f"{music}-{head}") or by_name.get(music)
            if track is None or not scene.listeners:
                continue
            of_scene = gains.numbers_by_name(scene.entry.text("gain"))
            hearings = [
                Hearing(self.name, scene.name, who, NalrAid(who), engine, _OUTPUT_RATE)
                for who in scene.listeners
            ]
            measures = [Icassp24Measure(hearing, of_scene) for hearing in hearings]
            yield Task(Song(track.name, track), measures)
