"""A gain plan applied to a song but for its loudness: stems rebalanced, ears amplified."""

from collections.abc import Sequence
from dataclasses import replace

from hclarity.audio.values import Samples
from hclarity.hearing.amplifier import Amplifier
from hclarity.hearing.compressor import StereoCompressor
from hclarity.remixing.balancing import Balancer
from hclarity.remixing.plan import GainPlan

__all__ = ["Mixer"]


class Mixer:
    """Rebalances, compresses and amplifies a song block by block.

    Args:
        plan: what to do.
        stem_names: of the stems that will be pushed, in their order; none for a song alone.
        sample_rate: in Hz.
        balance_lufs: what `BalanceMeasurement` found, for a plan that compresses: its thresholds
            are for a song of one loudness, and are moved to that of this one.

    Raises:
        UsageError: when the plan changes a stem that is not there.
    """

    def __init__(
        self,
        plan: GainPlan,
        stem_names: Sequence[str],
        sample_rate: int,
        balance_lufs: float | None = None,
    ) -> None:
        self._balancer = Balancer(plan, stem_names)
        self._compressor = _compressor(plan, sample_rate, balance_lufs)
        self._amplifier = Amplifier(plan.left, plan.right, sample_rate, filter=plan.filter)

    def push(self, song: Samples, stems: Samples | None = None) -> Samples:
        """Hear the next block, shaped as for `Balancer.push`; perhaps fewer frames come back."""
        return self._amplifier.push(self._compressed(self._balancer.push(song, stems)))

    def flush(self) -> Samples:
        """What is still to come, once the song has ended."""
        return self._amplifier.flush()

    def realised_gains_db(self) -> tuple[dict[float, float], dict[float, float]]:
        """The insertion gain that each filter really has, left and right, in dB for each Hz."""
        return self._amplifier.realised(0), self._amplifier.realised(1)

    def _compressed(self, mixed: Samples) -> Samples:
        return mixed if self._compressor is None else self._compressor.push(mixed)


def _compressor(
    plan: GainPlan, sample_rate: int, balance_lufs: float | None
) -> StereoCompressor | None:
    """That of the plan, its thresholds moved by as much as the song is louder than they expect."""
    wdrc = plan.wdrc
    if wdrc is None or balance_lufs is None:
        return None if wdrc is None else StereoCompressor(wdrc, sample_rate)
    threshold_db = wdrc.threshold_db + balance_lufs - wdrc.input_lufs
    return StereoCompressor(replace(wdrc, threshold_db=threshold_db), sample_rate)
