"""What every net says of itself, so that nobody else has to know it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

__all__ = ["Traits"]


@dataclass(frozen=True)
class Traits:
    """How a net hears.

    Args:
        stems: their names, in the order of the output.
        sample_rate: in Hz, for which it was built.
        channels: of the mixture and of each stem.
        stride: frames in the coarsest step in which it sees time: moved by whole strides, it says
            the same of the same sound.
        lookback: how many frames before a frame its estimate may depend on; None for all that the
            net is given, as in recurrent nets and where statistics of the whole are taken.
        lookahead: how many frames after it, likewise; the algorithmic latency.
        longest: the most frames it can be given at once; None for any number.
    """

    stems: tuple[str, ...]
    sample_rate: int
    channels: int
    stride: int
    lookback: int | None
    lookahead: int | None
    longest: int | None = None

    @property
    def receptive_field(self) -> int | None:
        """Frames of the mixture that one frame of an estimate depends on; None for all of them."""
        if self.lookback is None or self.lookahead is None:
            return None
        return self.lookback + 1 + self.lookahead

    def of(self, stems: Sequence[str]) -> "Traits":
        """The traits of a net that is alike but for its stems."""
        return replace(self, stems=tuple(stems))
