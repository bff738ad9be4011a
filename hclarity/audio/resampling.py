"""One sample rate to another, by blocks.

soxr at its "very high quality": flat to 0.01 dB up to 20 kHz, aliases below -180 dB, and no slower
than its lesser settings. Equal rates touch nothing.
"""

import numpy as np
import soxr

from hclarity.audio.values import Audio, Samples
from hclarity.errors import BadDataError

__all__ = ["Resampler", "resample"]


class Resampler:
    """Streams audio from one sample rate to another.

    Laws: ``n`` frames in give exactly ``round(n * rate_out / rate_in)`` frames out (halves up),
    with no delay; block sizes never change the result; equal rates return the very blocks pushed.

    Args:
        channels: of every block.
        rate_in: what the blocks have, in Hz.
        rate_out: what is wanted, in Hz.

    Raises:
        BadDataError: when a rate is not above 0 Hz.
    """

    def __init__(self, channels: int, rate_in: int, rate_out: int) -> None:
        if min(rate_in, rate_out) <= 0:
            raise BadDataError(f"sample rates must be above 0 Hz, got {rate_in} and {rate_out}")
        self._channels = channels
        self._rate_in = rate_in
        self._rate_out = rate_out
        self._frames_in = 0
        self._frames_out = 0
        self._stream = soxr.ResampleStream(
            rate_in, rate_out, channels, dtype="float32", quality="VHQ"
        )

    def push(self, block: Samples) -> Samples:
        """Take ``[channels, frames]``; return what is ready, ``[channels, maybe none]``."""
        if self._rate_in == self._rate_out:
            return block
        self._frames_in += block.shape[1]
        return self._resampled(block, last=False)

    def flush(self) -> Samples:
        """Return the end, cut or filled with silence to the exact length."""
        nothing = np.empty((self._channels, 0), np.float32)
        if self._rate_in == self._rate_out:
            return nothing
        total = (2 * self._frames_in * self._rate_out + self._rate_in) // (2 * self._rate_in)
        missing = total - self._frames_out
        end = self._resampled(nothing, last=True)[:, :missing]
        return np.pad(end, ((0, 0), (0, missing - end.shape[1])))

    def _resampled(self, block: Samples, *, last: bool) -> Samples:
        interleaved = np.ascontiguousarray(block.T)
        out: Samples = self._stream.resample_chunk(interleaved, last=last).T
        self._frames_out += out.shape[1]
        return np.ascontiguousarray(out)


def resample(audio: Audio, rate: int) -> Audio:
    """Bring ``audio`` to ``rate`` Hz; see `Resampler`."""
    resampler = Resampler(audio.channels, audio.sample_rate, rate)
    blocks = [resampler.push(audio.samples), resampler.flush()]
    return Audio(np.concatenate(blocks, axis=1), rate)
