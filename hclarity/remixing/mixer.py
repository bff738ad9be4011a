"""The gain plan applied to a song: its stems rebalanced, its ears amplified."""

from collections.abc import Sequence

import numpy as np

from hclarity.audio.values import Samples
from hclarity.errors import BadDataError, UsageError
from hclarity.hearing.amplifier import Amplifier
from hclarity.remixing.plan import GainPlan

__all__ = ["Mixer", "as_heard"]


def as_heard(song: Samples) -> Samples:
    """The two channels that two ears hear; a single channel is heard with both.

    Raises:
        BadDataError: for more than two channels.
    """
    if song.shape[0] > 2:
        raise BadDataError(f"a remix is for two ears: expected 1 or 2 channels, got {len(song)}")
    return song if song.shape[0] == 2 else np.repeat(song, 2, axis=0)


class Mixer:
    """Rebalances and amplifies a song block by block; loudness and ceiling come later.

    What the stems change is added to the song: ``song + sum((gain - 1) * stem)``. So the part of
    the song that is in no stem stays, and where all gains are 0 dB the song itself does, bit for
    bit, however well or badly its stems sum to it.

    Args:
        plan: what to do.
        stem_names: of the stems that will be pushed, in their order; none for a song alone.
        sample_rate: in Hz.

    Raises:
        UsageError: when the plan changes a stem that is not there.
    """

    def __init__(self, plan: GainPlan, stem_names: Sequence[str], sample_rate: int) -> None:
        changed = {stem: gain for stem, gain in plan.stem_gains.items() if gain}
        for stem in changed:
            if stem not in stem_names:
                there = ", ".join(stem_names) or "none, only the song itself"
                raise UsageError(f"no stem named {stem!a} to change; there are: {there}")
        self._stems = len(stem_names)
        self._factors = [
            (stem_names.index(stem), 10 ** (gain / 20) - 1) for stem, gain in changed.items()
        ]
        self._amplifier = Amplifier(plan.left, plan.right, sample_rate)

    def push(self, song: Samples, stems: Samples | None = None) -> Samples:
        """Hear the next block; what comes back may be shorter, the rest follows.

        Args:
            song: ``[1 or 2, frames]``.
            stems: ``[stems, channels, frames]`` of the same frames.

        Returns:
            ``[2, frames]``, left and right.

        Raises:
            BadDataError: when the stems are not as many, as wide and as long as they should be.
        """
        expected = (self._stems, *song.shape)
        given = (0, *song.shape) if stems is None else stems.shape
        if given != expected:
            raise BadDataError(
                f"stems must agree with the song: expected [stems, channels, frames]"
                f" of {list(expected)}, got {list(given)}"
            )
        mixed = song if stems is None else self._rebalanced(song, stems)
        return self._amplifier.push(as_heard(mixed))

    def flush(self) -> Samples:
        """What is still to come, once the song has ended."""
        return self._amplifier.flush()

    def realised_gains_db(self) -> tuple[dict[float, float], dict[float, float]]:
        """The insertion gain that each filter really has, left and right, in dB for each Hz."""
        return self._amplifier.realised(0), self._amplifier.realised(1)

    def _rebalanced(self, song: Samples, stems: Samples) -> Samples:
        mixed = song.astype(np.float64)
        for stem, factor in self._factors:
            mixed += factor * stems[stem]
        return mixed.astype(np.float32)
