r"""A look-ahead true-peak limiter, by blocks.

How much the level must fall, as one curve for all channels so that the stereo image stays::

    wanted    1 - target / peak    where the true peak passes the ceiling, else 0     |
    held      the largest wanted of the look-ahead window                            _|~|_
    released  falls no faster than an exponential of 100 ms                          _|~~\__
    smoothed  its mean under a Hann window as long as the look-ahead                 _/~~\__

At a peak every value under the Hann window is at least what that peak wants, so their mean is too:
the gain has come down in time. It is also nearly flat there, and must be: a gain that moves within
the interpolator's reach makes true peaks of its own.
"""

import numpy as np
from numpy.typing import NDArray

from hclarity.audio.reblocking import Reblocker
from hclarity.audio.true_peak import REACH, SPAN, cannot_exceed, interpolated_peaks
from hclarity.audio.values import Samples

__all__ = ["Limiter"]

_LOOK_AHEAD = 0.005  # s
_LEAST_LOOK_AHEAD = (
    9 * REACH
)  # frames; measured: so slow a gain moves a true peak by under 0.001 dB
_RELEASE = 0.1  # s
_MARGIN = 0.01  # dB below the ceiling, ten times what the moving gain can cost
_REPORTED = 0.1  # dB of reduction from which on it counts as reduced
_NOTHING = 2.0**-26  # so small a reduction leaves a float32 as it is: the gain rounds to 1


class Limiter:
    """Keeps a song's true peak at or below a ceiling.

    Laws: as many frames out as in, with no delay; the true peak never passes the ceiling, as a
    meter that oversamples eight times (ITU-R BS.1770-5) reads it, content above 0.94 of Nyquist
    excepted; nothing is ever made louder; a song that stays below the ceiling comes back bit by
    bit; block sizes never change the result.

    It does not pump. A single overshoot of 6 dB lowers the level from 5 ms before it until 0.38 s
    after, by more than 1 dB for 0.16 s only; it comes back at no more than 0.09 dB a millisecond.
    Under peaks of 2 dB too much, 20 a second, the gain swings by 0.8 dB. A steady tone above 100 Hz
    keeps its shape to -80 dB.

    Args:
        sample_rate: of every block, in Hz.
        channels: of every block; all get the same gain.
        ceiling_db: in dBTP.
    """

    def __init__(self, sample_rate: int, channels: int, ceiling_db: float = -1.0) -> None:
        window = max(round(_LOOK_AHEAD * sample_rate), _LEAST_LOOK_AHEAD)
        hann = np.hanning(window + 2)[1:-1]
        delay = REACH + window - 1
        self._sample_rate = sample_rate
        self._ceiling = 10 ** (ceiling_db / 20)
        self._target = 10 ** ((ceiling_db - _MARGIN) / 20)
        self._window = window
        self._smoothing = 1 << (SPAN + window - 2).bit_length()
        self._spectrum = np.fft.rfft(hann / hann.sum(), self._smoothing)
        self._decay = np.exp(-np.arange(1, SPAN + 1) / (_RELEASE * sample_rate))
        self._reblocker = Reblocker(channels, SPAN)
        self._delayed = np.zeros((channels, delay), np.float32)
        self._wanted = np.zeros(window - 1)
        self._released = np.zeros(window - 1)
        self._before_the_song = delay
        self._lowest_gain = 1.0
        self._reduced_frames = 0

    @property
    def max_reduction_db(self) -> float:
        """The most that the level was lowered so far, in dB, 0 or above."""
        return float(-20 * np.log10(self._lowest_gain)) + 0.0  # + 0.0 turns -0.0 into 0.0

    @property
    def reduced_seconds(self) -> float:
        """For how long the level was lowered by more than 0.1 dB so far."""
        return self._reduced_frames / self._sample_rate

    def push(self, block: Samples) -> Samples:
        """Take ``[channels, frames]``; return what is ready, ``[channels, maybe none]``."""
        return self._limited(self._reblocker.push(block))

    def flush(self) -> Samples:
        """Return the end of the song."""
        silence = np.zeros_like(self._delayed)
        return self._limited([*self._reblocker.push(silence), self._reblocker.rest()])

    def _limited(self, steps: list[Samples]) -> Samples:
        done = [self._step(step) for step in steps]
        return np.concatenate([self._delayed[:, :0], *done], axis=1)

    def _step(self, step: Samples) -> Samples:
        frames = step.shape[1]
        track = np.concatenate([self._delayed, step], axis=1)
        self._delayed = track[:, frames:]
        heard = track[:, -frames - 2 * REACH :]
        early = min(self._before_the_song, frames)
        self._before_the_song -= early
        ready = track[:, early:frames]
        wanted = self._want(heard)
        if self._at_rest and not wanted.any():
            return ready
        gain = 1 - self._smooth(self._release(self._hold(wanted)))
        return self._apply(gain[early:], ready)

    @property
    def _at_rest(self) -> bool:
        """Whether nothing that has been heard lowers what is still to come."""
        return not (self._wanted.any() or self._released.any())

    def _want(self, heard: Samples) -> NDArray[np.float64]:
        """By how much each frame must fall on its own; `REACH` more of them lie on either side."""
        if cannot_exceed(heard, self._ceiling):
            return np.zeros(heard.shape[1] - 2 * REACH)
        high = np.maximum(interpolated_peaks(heard).astype(np.float64), self._ceiling)
        return np.where(high > self._ceiling, 1 - self._target / high, 0.0)

    def _hold(self, wanted: NDArray[np.float64]) -> NDArray[np.float64]:
        """The largest of each window that ends at a frame."""
        joined = np.concatenate([self._wanted, wanted])
        self._wanted = joined[len(wanted) :]
        span = 1
        while 2 * span <= self._window:  # the largest of 2, 4, 8 ... frames
            joined = np.maximum(joined[:-span], joined[span:])
            span *= 2
        tail = joined[self._window - span :]
        largest: NDArray[np.float64] = np.maximum(joined[: len(wanted)], tail)
        return largest

    def _release(self, held: NDArray[np.float64]) -> NDArray[np.float64]:
        """Let no value fall below the last one times the decay of one frame.

        ``released[n] = max(held[n], decay * released[n - 1])``, with the decay divided out so that
        a running maximum does it. Returned with the window - 1 values before.
        """
        decay = self._decay[: len(held)]
        running = np.maximum.accumulate(held / decay)
        released = np.maximum(running, self._released[-1]) * decay
        released[released < _NOTHING] = 0
        joined = np.concatenate([self._released, released])
        self._released = joined[len(held) :]
        return joined

    def _smooth(self, released: NDArray[np.float64]) -> NDArray[np.float64]:
        """The mean under the Hann window that ends at each frame, at least 0."""
        if not released.any():
            return released[self._window - 1 :]
        spectrum = np.fft.rfft(released, self._smoothing) * self._spectrum
        means = np.fft.irfft(spectrum, self._smoothing)[self._window - 1 : released.size]
        return np.maximum(means, 0)

    def _apply(self, gain: NDArray[np.float64], samples: Samples) -> Samples:
        self._lowest_gain = min(self._lowest_gain, gain.min(initial=1.0))
        self._reduced_frames += int(np.count_nonzero(gain < 10 ** (-_REPORTED / 20)))
        return samples * gain.astype(np.float32)
