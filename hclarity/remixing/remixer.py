"""A song remixed for one listener, heard twice: once to measure, once to render.

The order of things: stem gains, compression (for which the song is heard a third time, before, for
its loudness), insertion gains, one gain common to both ears, limiter. The common gain brings the
song to its loudness. It is one for both ears, because two would undo the difference between them
that is prescribed. It is held back where the limiter would have to take off more than 2 dB:
listeners with hearing loss rated loud and clipped remixes lower (Bannister et al., Trends in
Hearing 30, 2026).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import inf, log10

import numpy as np

from hclarity.audio.a_weighting import AWeightedMeter
from hclarity.audio.limiter import Limiter
from hclarity.audio.loudness import LoudnessMeter
from hclarity.audio.true_peak import TruePeakMeter
from hclarity.audio.values import Audio, Samples, Stems
from hclarity.errors import BadDataError
from hclarity.remixing.mixer import Mixer
from hclarity.remixing.plan import GainPlan
from hclarity.remixing.song_meter import SongMeter

__all__ = [
    "MOST_LIMITING_DB",
    "RemixLevels",
    "RemixMeasurement",
    "RemixRenderer",
    "RemixReport",
    "remix",
]

MOST_LIMITING_DB = 2.0
"""The limiter never has to take off more: the common gain is held back instead."""


@dataclass(frozen=True)
class RemixLevels:
    """What the first hearing found.

    Args:
        loudness_before: of the song, in LUFS; None where nothing rises above -70 LUFS.
        loudness_range_before: of the song, in LU (EBU Tech 3342); None where there is too little.
        loudness_target: of the remix, in LUFS; None when it shall match a song without loudness.
        offset_db: the common gain, ears and stems being done.
        held_back_db: how much less that is than the target asks for, to stay under the ceiling.
        amplified_db: how much louder than the song it is before the common gain; 0 where no ear is
            amplified or one of the two has no loudness.
        mixed_lufs: its loudness before the common gain; None where it has none.
        mixed_peak_dbtp: its true peak before the common gain; None for silence.
        left_db_a: A-weighted level of what the left ear gets, before the limiter, in dB where a
            full-scale sine has 0; None for silence.
        right_db_a: the same of the right ear.
    """

    loudness_before: float | None
    loudness_range_before: float | None
    loudness_target: float | None
    offset_db: float
    held_back_db: float
    amplified_db: float
    mixed_lufs: float | None
    mixed_peak_dbtp: float | None
    left_db_a: float | None
    right_db_a: float | None


@dataclass(frozen=True)
class RemixReport(RemixLevels):
    """What the first hearing found and what the second did.

    Args:
        loudness_after: of the remix as it is, in LUFS; None where nothing rises above -70 LUFS.
        loudest_3_s: its loudest three seconds, in LUFS; None where it is shorter or silent.
        loudness_range: of the remix, in LU (EBU Tech 3342); None where there is too little of it.
        true_peak_dbtp: of the remix as it is; None for silence.
        max_reduction_db: the most that the limiter took off.
        reduced_seconds: for how long it took off more than 0.1 dB.
        left_gains_db: insertion gain that the left ear really gets, in dB for each Hz: that of the
            filter, and of compression at the level that a song usually has there.
        right_gains_db: the same of the right ear.
    """

    loudness_after: float | None
    loudest_3_s: float | None
    loudness_range: float | None
    true_peak_dbtp: float | None
    max_reduction_db: float
    reduced_seconds: float
    left_gains_db: dict[float, float]
    right_gains_db: dict[float, float]

    @property
    def gain_removed_db(self) -> float:
        """The prescribed gain that the file does not hold: turn the volume up by so many dB.

        What was asked for by another loudness is no part of it.
        """
        return max(0.0, min(-self.offset_db, self.amplified_db))

    @property
    def given_up_db(self) -> float:
        """How much softer the remix is than its target: what was held back, and limited."""
        if self.loudness_target is None or self.loudness_after is None:
            return 0.0
        return max(0.0, self.loudness_target - self.loudness_after)


class RemixMeasurement:
    """The first hearing of a song: how loud it is, and how loud its remix would be.

    Args:
        plan: what to do.
        stem_names: of the stems that will be pushed, in their order; none for a song alone.
        sample_rate: in Hz.
        song_lufs: what `SongMeter` found, for a plan that compresses; see `Mixer`.

    Raises:
        UsageError: when the plan changes a stem that is not there.
    """

    def __init__(
        self,
        plan: GainPlan,
        stem_names: Sequence[str],
        sample_rate: int,
        song_lufs: float | None = None,
    ) -> None:
        self._plan = plan
        self._mixer = Mixer(plan, stem_names, sample_rate, song_lufs)
        self._before = SongMeter(sample_rate)
        self._mixed = LoudnessMeter(sample_rate, 2)
        self._heard = AWeightedMeter(sample_rate, 2)
        self._peak = TruePeakMeter(sample_rate, 2)

    def push(self, song: Samples, stems: Samples | None = None) -> None:
        """Hear the next block, shaped as for `Balancer.push`."""
        self._hear(self._mixer.push(song, stems))
        self._before.push(song)

    def result(self) -> RemixLevels:
        """The levels for the second hearing, once the song has ended."""
        self._hear(self._mixer.flush())
        before, mixed = self._before.loudness(), self._mixed.integrated()
        target = before if self._plan.loudness == "match" else self._plan.loudness
        wanted = 0.0 if target is None or mixed is None else target - mixed
        peak = self._peak.peak()
        room = self._plan.ceiling_db + MOST_LIMITING_DB - _decibels(peak)
        offset = 0.0 if self._plan.is_identity else min(wanted, room)
        left, right = (None if level is None else level + offset for level in self._heard.levels())
        return RemixLevels(
            loudness_before=before,
            loudness_range_before=self._before.range(),
            loudness_target=target,
            offset_db=offset,
            held_back_db=0.0 if self._plan.is_identity else wanted - offset,
            amplified_db=self._amplified(before, mixed),
            mixed_lufs=mixed,
            mixed_peak_dbtp=_decibels(peak) if peak > 0 else None,
            left_db_a=left,
            right_db_a=right,
        )

    def _amplified(self, before: float | None, mixed: float | None) -> float:
        if before is None or mixed is None or not self._plan.is_amplified:
            return 0.0
        return mixed - before

    def _hear(self, mixed: Samples) -> None:
        self._mixed.push(mixed)
        self._heard.push(mixed)
        self._peak.push(mixed)


class RemixRenderer:
    """The second hearing of a song: the remix, block by block.

    A plan without any gain leaves the song alone, even one that peaks above the ceiling.

    Args:
        plan: what to do; the one that was measured.
        stem_names: of the stems that will be pushed, in their order; none for a song alone.
        sample_rate: in Hz.
        levels: what the first hearing found.

    Raises:
        UsageError: when the plan changes a stem that is not there.
    """

    def __init__(
        self, plan: GainPlan, stem_names: Sequence[str], sample_rate: int, levels: RemixLevels
    ) -> None:
        self._levels = levels
        self._mixer = Mixer(plan, stem_names, sample_rate, levels.loudness_before)
        self._gain = np.float32(10 ** (levels.offset_db / 20))
        self._limiter = None if plan.is_identity else Limiter(sample_rate, 2, plan.ceiling_db)
        self._loudness = LoudnessMeter(sample_rate, 2)
        self._peak = TruePeakMeter(sample_rate, 2)

    def push(self, song: Samples, stems: Samples | None = None) -> Samples:
        """Hear the next block, shaped as for `Balancer.push`, and return what of the remix is done.

        Returns:
            ``[2, frames]``, perhaps fewer frames than were pushed; the rest follows.
        """
        return self._metered(self._finished(self._mixer.push(song, stems)))

    def flush(self) -> Samples:
        """What is still to come, once the song has ended."""
        last = [self._finished(self._mixer.flush())]
        if self._limiter is not None:
            last.append(self._limiter.flush())
        return self._metered(np.concatenate(last, axis=1))

    def report(self) -> RemixReport:
        """What was done, metered on the remix itself, once it is flushed."""
        peak = self._peak.peak()
        limiter = self._limiter
        left, right = self._mixer.realised_gains_db()
        return RemixReport(
            **asdict(self._levels),
            loudness_after=self._loudness.integrated(),
            loudest_3_s=self._loudness.loudest_short_term(),
            loudness_range=self._loudness.range(),
            true_peak_dbtp=_decibels(peak) if peak > 0 else None,
            max_reduction_db=limiter.max_reduction_db if limiter else 0.0,
            reduced_seconds=limiter.reduced_seconds if limiter else 0.0,
            left_gains_db=left,
            right_gains_db=right,
        )

    def _finished(self, mixed: Samples) -> Samples:
        return mixed if self._limiter is None else self._limiter.push(mixed * self._gain)

    def _metered(self, remixed: Samples) -> Samples:
        self._loudness.push(remixed)
        self._peak.push(remixed)
        return remixed


def remix(song: Audio, stems: Stems | None, plan: GainPlan) -> tuple[Audio, RemixReport]:
    """Remix a whole song: all hearings, each with one block.

    Args:
        song: of one or two channels.
        stems: of that song, for a plan that changes stems.
        plan: what to do.

    Returns:
        The remix, of two channels and the song's length and rate, and what was done.

    Raises:
        BadDataError: when song and stems do not agree in rate, channels or length.
        UsageError: when the plan changes a stem that is not there.
    """
    if stems is not None and stems.sample_rate != song.sample_rate:
        raise BadDataError(
            f"the stems are at {stems.sample_rate} Hz, the song at {song.sample_rate} Hz"
        )
    names, samples = ((), None) if stems is None else (stems.names, stems.samples)
    meter = SongMeter(song.sample_rate)
    if plan.wdrc:
        meter.push(song.samples)
    measurement = RemixMeasurement(plan, names, song.sample_rate, meter.loudness())
    measurement.push(song.samples, samples)
    renderer = RemixRenderer(plan, names, song.sample_rate, measurement.result())
    blocks = [renderer.push(song.samples, samples), renderer.flush()]
    return Audio(np.concatenate(blocks, axis=1), song.sample_rate), renderer.report()


def _decibels(peak: float) -> float:
    return 20 * log10(peak) if peak > 0 else -inf
