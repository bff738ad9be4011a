"""HAAQI of a remix that a listener hears through a hearing aid, as three challenges have it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hclarity.audio.values import Samples
from hclarity.evaluation.ear_quality import Engine, ear_quality, resampled, seed_of
from hclarity.evaluation.hearing_aids import EARS, HearingAid, audiogram_of, channel_of, numbers_of
from hclarity.evaluation.protocols.encoding import clipped, read_clipped
from hclarity.evaluation.remixes import Mix
from hclarity.evaluation.rows import Output
from hclarity.evaluation.scores import REMIX, Score
from hclarity.hearing.audiogram import Listener

__all__ = ["Hearing"]


@dataclass(frozen=True)
class Hearing:
    """A listener in a scene.

    Args:
        protocol: of the challenge, by its name.
        scene: by its id.
        listener: who hears.
        aid: through what.
        engine: our own HAAQI, or pyclarity's.
        output_rate: of the files that a system makes, in Hz; by default the song's.
        loud_once_amplified: whether the reference has 65 dB SPL after the aid, not before.
    """

    protocol: str
    scene: str
    listener: Listener
    aid: HearingAid
    engine: Engine
    output_rate: int | None = None
    loud_once_amplified: bool = False

    @property
    def name(self) -> str:
        """Of a measure."""
        return f"haaqi {self.scene} {self.listener.name}"

    @property
    def settings(self) -> Mapping[str, object]:
        """All that the scores depend on, but for the remix."""
        return {
            "protocol": self.protocol,
            "scene": self.scene,
            "listener": [self.listener.name, numbers_of(self.listener)],
            "aid": dict(self.aid.settings),
            "engine": self.engine,
        }

    def scores(
        self,
        output: Output,
        reference: Mix,
        remix: Callable[[], Mix],
        files: Sequence[str],
    ) -> list[Score]:
        """Compare what a system made with what it should have made, in each ear.

        Args:
            output: of the system.
            reference: the remix of true stems, not yet amplified.
            remix: makes that of estimated stems; not called for a system of which there are only
                files.
            files: the names that the system's own file may have, in the layout of the challenge.
        """
        rate = output.song.sample_rate
        written_rate = self.output_rate or rate
        if output.row.enhanced is not None:
            made: Samples = read_clipped(output.row.enhanced, files, written_rate)
        else:
            made = self._written(remix(), rate)
        scores = []
        for ear in EARS:
            before = channel_of(reference, ear)
            heard = self.aid.amplified(before, ear, rate)
            value = ear_quality(
                resampled(heard, rate),
                resampled(channel_of(made, ear), written_rate),
                audiogram_of(self.listener, ear),
                level_of=heard if self.loud_once_amplified else before,
                equalisation=2,
                seed=seed_of(self.scene),
                engine=self.engine,
            )
            row, song = output.row.name, output.song.name
            scores.append(
                Score(row, song, REMIX, "haaqi", value, self.listener.name, ear, self.scene)
            )
        return scores

    def _written(self, remix: Mix, rate: int) -> Samples:
        """A remix amplified and written to a file, by ear."""
        return np.stack(
            [
                clipped(
                    resampled(
                        self.aid.amplified(channel_of(remix, ear), ear, rate),
                        rate,
                        self.output_rate or rate,
                    )
                )
                for ear in EARS
            ]
        )
