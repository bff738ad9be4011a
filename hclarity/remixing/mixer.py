"""A gain plan applied to a song but for its loudness: stems rebalanced, ears amplified."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hclarity.audio.values import Samples
from hclarity.hearing.amplifier import Amplifier
from hclarity.hearing.compressor import StereoCompressor, usual_gains_db
from hclarity.hearing.wdrc import EarCompression, Wdrc
from hclarity.remixing.balancing import Balancer
from hclarity.remixing.plan import GainPlan

__all__ = ["Mixer"]


class Mixer:
    """Rebalances, compresses and amplifies a song block by block.

    Args:
        plan: what to do.
        stem_names: of the stems that will be pushed, in their order; none for a song alone.
        sample_rate: in Hz.
        song_lufs: loudness of the song, for a plan that compresses: its thresholds are for a song
            of one loudness, and are moved to that of this one. As in the second Cadenza challenge
            it is that of the song, not of its balance. None where it has none: then it is not
            compressed.

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
        self._sample_rate = sample_rate
        self._balancer = Balancer(plan, stem_names)
        self._wdrc = None if song_lufs is None else plan.wdrc
        self._compressor = _compressor(self._wdrc, sample_rate, song_lufs)
        self._amplifier = Amplifier(plan.left, plan.right, sample_rate, filter=plan.filter)

    def push(self, song: Samples, stems: Samples | None = None) -> Samples:
        """Hear the next block, shaped as for `Balancer.push`; perhaps fewer frames come back."""
        return self._amplifier.push(self._compressed(self._balancer.push(song, stems)))

    def flush(self) -> Samples:
        """What is still to come, once the song has ended."""
        return self._amplifier.flush()

    def realised_gains_db(self) -> tuple[dict[float, float], dict[float, float]]:
        """The insertion gain that each ear really gets, left and right, in dB for each Hz.

        That of the filter, and of compression at the level that a song usually has there.
        """
        left, right = self._amplifier.realised(0), self._amplifier.realised(1)
        if self._wdrc is None:
            return left, right
        return (
            self._with_compression(left, self._wdrc, self._wdrc.left),
            self._with_compression(right, self._wdrc, self._wdrc.right),
        )

    def _with_compression(
        self, filtered: dict[float, float], wdrc: Wdrc, ear: EarCompression
    ) -> dict[float, float]:
        hz = np.array(list(filtered))
        gains = np.array(list(filtered.values()))
        gains = gains + usual_gains_db(wdrc, ear, hz, self._sample_rate)
        return dict(zip(filtered, gains.tolist(), strict=True))

    def _compressed(self, mixed: Samples) -> Samples:
        return mixed if self._compressor is None else self._compressor.push(mixed)


def _compressor(
    wdrc: Wdrc | None, sample_rate: int, song_lufs: float | None
) -> StereoCompressor | None:
    """With thresholds moved by as much as the song is louder than they expect."""
    if wdrc is None or song_lufs is None:
        return None
    moved = tuple(threshold + song_lufs - wdrc.input_lufs for threshold in wdrc.thresholds_db)
    return StereoCompressor(replace(wdrc, thresholds_db=moved), sample_rate)
