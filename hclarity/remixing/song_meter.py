"""How loud a song is as it comes, before anything is done to it."""

from hclarity.audio.loudness import LoudnessMeter
from hclarity.audio.values import Samples
from hclarity.remixing.balancing import as_heard

__all__ = ["SongMeter"]


class SongMeter:
    """Measures a song as two ears hear it.

    Args:
        sample_rate: in Hz.
    """

    def __init__(self, sample_rate: int) -> None:
        self._meter = LoudnessMeter(sample_rate, 2)

    def push(self, song: Samples, stems: Samples | None = None) -> None:
        """Hear the next ``[1 or 2, frames]``, whatever its stems."""
        self._meter.push(as_heard(song))

    def loudness(self) -> float | None:
        """In LUFS; None where nothing rises above -70 LUFS."""
        return self._meter.integrated()

    def range(self) -> float | None:
        """The loudness range in LU (EBU Tech 3342); None where there is too little of it."""
        return self._meter.range()
