"""How good the stems, and a remix of them, sound to a listener with hearing loss."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hclarity.audio.values import Samples
from hclarity.evaluation.ear_quality import Engine, Signal, ear_quality, resampled, seed_of
from hclarity.evaluation.hearing_aids import EARS, NalrAid, audiogram_of, channel_of, numbers_of
from hclarity.evaluation.remixes import Mix, matched, remixed
from hclarity.evaluation.rows import Output
from hclarity.evaluation.scores import REMIX, Ear, Score
from hclarity.evaluation.truths import truths
from hclarity.hearing.audiogram import Listener

__all__ = ["ListeningMeasure"]

_REST = "the rest"  # in the place of a stem's name


@dataclass(frozen=True)
class ListeningMeasure:
    """HAAQI of every stem and of the remix, for each ear of a listener.

    The left ear hears the first channel, the right ear the last; of mono, both the same. What is
    compared, after the ICASSP 2024 Cadenza challenge:

    * of a stem: the true one, and its estimate;
    * of the remix: the sum of the true stems at the listener's gains, and that of the estimates;
      each made as loud as the mixture. A row without some stems takes what its others leave of the
      mixture, if all that it lacks has one gain. The floor's remix is the mixture itself.

    Both are amplified by the challenge's NAL-R filter for the ear and brought to 24 kHz; HAAQI is
    told so (equalisation 2), and that the true side before it is amplified has 65 dB SPL (level1 =
    65 - 20 log10 of its root mean square). Its noise is seeded by the song's name, the same before
    each ear.

    A true stem that is silent in an ear, or sounds for less than 16 ms, has no score there. Of the
    remix there is none where an output lacks stems of several gains, or has none at another gain
    than those that it lacks, which would leave the mixture as it is.

    Args:
        listener: who hears.
        stem_gains: in dB, by stem; 0 for others.
        engine: our own HAAQI, or pyclarity's.
        seed: added to the song's own.
    """

    listener: Listener
    stem_gains: Mapping[str, float]
    engine: Engine = "own"
    seed: int = 0

    @property
    def name(self) -> str:
        """What is measured, and for whom."""
        return f"haaqi {self.listener.name}".rstrip()

    @property
    def settings(self) -> Mapping[str, object]:
        """All that the numbers depend on."""
        return {
            "listener": [self.listener.name, numbers_of(self.listener)],
            "stem_gains": {stem: gain for stem, gain in self.stem_gains.items() if gain},
            "engine": self.engine,
            "seed": self.seed,
        }

    def scores(self, output: Output) -> list[Score]:
        """Measure it, one stem and ear at a time.

        Raises:
            BadDataError: when an estimate is not as long as the song, not finite, or too short.
        """
        return [
            Score(
                output.row.name,
                output.song.name,
                stem,
                "haaqi",
                self._quality(channel_of(truth, ear), channel_of(heard, ear), ear, output),
                self.listener.name,
                ear,
            )
            for stem, truth, heard in self._compared(output)
            for ear in EARS
        ]

    def _compared(self, output: Output) -> Iterator[tuple[str, Signal, Signal]]:
        estimates = output.stems
        for stem, truth in truths(output.song, tuple(estimates)).items():
            yield stem, truth, estimates[stem]
        if (heard := self._remix_of(estimates, output)) is not None:
            mixture, rate = output.song.mixture, output.song.sample_rate
            yield REMIX, matched(remixed(output.song.stems, self.stem_gains), mixture, rate), heard

    def _remix_of(self, estimates: Mapping[str, Samples], output: Output) -> Signal | Mix | None:
        mixture = output.song.mixture
        if output.row.kind == "floor":
            return mixture
        gains = {stem: self.stem_gains.get(stem, 0.0) for stem in output.song.track.names}
        taken = {stem: estimates[stem] for stem in gains if stem in estimates}
        of_rest = {gain for stem, gain in gains.items() if stem not in taken}
        if of_rest:
            if len(of_rest) > 1 or of_rest >= {gains[stem] for stem in taken}:
                return None
            taken[_REST], gains[_REST] = mixture - sum(taken.values()), of_rest.pop()
        return matched(remixed(taken, gains), mixture, output.song.sample_rate)

    def _quality(self, truth: Signal, heard: Signal, ear: Ear, output: Output) -> float | None:
        if not truth.any():
            return None
        aid, rate = NalrAid(self.listener), output.song.sample_rate
        reference, processed = (
            resampled(aid.amplified(samples, ear, rate), rate) for samples in (truth, heard)
        )
        return ear_quality(
            reference,
            processed,
            audiogram_of(self.listener, ear),
            level_of=truth,
            equalisation=2,
            seed=seed_of(output.song.name) + self.seed,
            engine=self.engine,
        )
