"""Loudness by ITU-R BS.1770-4 and EBU Tech 3341 and 3342, by blocks.

The K-weighting is the standard's own, carried to any sample rate by De Man ("Evaluation of
implementations of the EBU R128 loudness measurement", AES convention 145, 2018), and is applied to
spectra, each with the 70 ms before it, in which the impulse response fades by 120 dB. pyloudnorm
has the same filters as "DeMan"; its default set is an approximation and reads 0.04 LU lower at 1
kHz. It wants the whole song at once, 1 GB for four minutes; this keeps 80 bytes of each second.
"""

from array import array
from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from hclarity.audio.reblocking import Reblocker
from hclarity.audio.values import Audio, Samples

__all__ = ["SURROUND", "LoudnessMeter", "integrated_loudness", "k_weighting"]

SURROUND = (1.0, 1.0, 1.0, 1.41, 1.41)
"""Weights of left, right, centre and the surrounds of 5.0 (BS.1770-4, table 3), on energy."""

_TICKS_A_SECOND = 100  # so finely do momentary and short-term loudness move
_TICKS_A_STEP = 10
_RINGING_S = 0.07  # what a step is heard with, of what came before it
_STEPS_A_BLOCK = 4  # gating blocks of 400 ms that overlap by three quarters
_STEPS_SHORT_TERM = 30
_MOMENTARY, _SHORT_TERM = _STEPS_A_BLOCK * _TICKS_A_STEP, _STEPS_SHORT_TERM * _TICKS_A_STEP
_OFFSET = -0.691  # LUFS, so that a 0 dBFS sine at 997 Hz reads -3.01 (BS.1770-4, equation 2)
_ABSOLUTE_GATE = -70.0  # LUFS
_RELATIVE_GATE = -10.0  # LU below the mean of what passes the absolute gate
_RANGE_GATE = -20.0  # LU below that mean, for the loudness range (Tech 3342)
_RANGE_PERCENT = (10, 95)

_Energies = NDArray[np.float64]
_Complex = NDArray[np.complex128]


class LoudnessMeter:
    """Measures how loud a song is: as a whole, at its loudest, and how much that changes.

    Mono is one channel, as in the standard: played on both ears it is 3 LU louder than it reads, so
    compare mono with mono and stereo with stereo. Block sizes never change the result.

    Args:
        sample_rate: of every block, in Hz.
        channels: of every block.
        weights: of each channel's energy; 1 by default, which left, right, centre and mono have.
    """

    def __init__(
        self, sample_rate: int, channels: int, weights: Sequence[float] | None = None
    ) -> None:
        self._tick = round(sample_rate / _TICKS_A_SECOND)
        step = self._tick * _TICKS_A_STEP
        self._window = 1 << (step + round(_RINGING_S * sample_rate) - 1).bit_length()
        self._spectrum = k_weighting(self._window, sample_rate)
        self._before = np.zeros((channels, self._window - step), np.float32)
        self._reblocker = Reblocker(channels, step)
        self._weights = np.ones(channels) if weights is None else np.array(weights)
        self._steps = array("d")  # the energy of each 100 ms
        self._ticks = np.zeros(0)  # the energies of the last 3 s, each of 10 ms
        self._loudest = {_MOMENTARY: 0.0, _SHORT_TERM: 0.0}

    def push(self, block: Samples) -> None:
        """Take a block ``[channels, frames]``."""
        steps = self._reblocker.push(block)
        if steps:
            self._keep(np.concatenate([self._energies(step) for step in steps]))

    def integrated(self) -> float | None:
        """Return the gated loudness so far in LUFS; None below 0.4 s, or when all is gated away."""
        gated = _gated(_means(self._steps, _STEPS_A_BLOCK), _RELATIVE_GATE)
        return _lufs(float(gated.mean())) if gated.size else None

    def loudest_momentary(self) -> float | None:
        """The loudest 400 ms so far, in LUFS; None below 0.4 s, or for silence."""
        return _lufs(self._loudest[_MOMENTARY])

    def loudest_short_term(self) -> float | None:
        """The loudest 3 s so far, in LUFS; None below 3 s, or for silence."""
        return _lufs(self._loudest[_SHORT_TERM])

    def range(self) -> float | None:
        """The loudness range LRA so far, in LU (EBU Tech 3342).

        Between the softest tenth and the loudest twentieth of all 3 s, those gated away left out.
        None below 3 s, or when all is gated away. EBU calls it well founded from one minute on.
        """
        gated = _gated(_means(self._steps, _STEPS_SHORT_TERM), _RANGE_GATE)
        if not gated.size:
            return None
        softest, loudest = np.percentile(gated, _RANGE_PERCENT, method="nearest")
        return float(10 * np.log10(loudest / softest))

    def _energies(self, step: Samples) -> _Energies:
        """The weighted energy of each 10 ms of a step."""
        frames = step.shape[1]
        track = np.concatenate([self._before, step], axis=1)
        self._before = track[:, frames:]
        heard = np.fft.irfft(np.fft.rfft(track) * self._spectrum, self._window)[:, -frames:]
        ticks = np.square(heard).reshape(len(step), -1, self._tick).mean(axis=2, dtype=np.float64)
        return np.asarray(self._weights @ ticks)

    def _keep(self, energies: _Energies) -> None:
        self._steps.extend(energies.reshape(-1, _TICKS_A_STEP).mean(axis=1))
        ticks = np.concatenate([self._ticks, energies])
        self._ticks = ticks[-_SHORT_TERM + 1 :]
        for length in self._loudest:
            loudest = _means(ticks, length).max(initial=0.0)
            self._loudest[length] = max(self._loudest[length], float(loudest))


def integrated_loudness(audio: Audio) -> float | None:
    """Integrated loudness in LUFS; None for less than 0.4 s or for silence.

    >>> seconds = np.arange(48000) / 48000
    >>> tone = Audio(np.sin(2 * np.pi * 997 * seconds)[None], 48000)
    >>> round(integrated_loudness(tone), 1)
    -3.0
    """
    meter = LoudnessMeter(audio.sample_rate, audio.channels)
    meter.push(audio.samples)
    return meter.integrated()


def k_weighting(frames: int, sample_rate: int) -> NDArray[np.complex64]:
    """The frequency response: a shelf for the head (BS.1770-4, table 1) and a high-pass (table 2).

    As both tables are for 48 kHz, this is what they come from.
    """
    back = np.exp(-2j * np.pi * np.arange(frames // 2 + 1) / frames)  # one frame earlier
    shelf_hz, shelf_q, gain = 1681.974450955533, 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    middle = gain**0.4996667741545416
    k = np.tan(np.pi * shelf_hz / sample_rate)
    up = (
        gain + middle * k / shelf_q + k * k,
        2 * (k * k - gain),
        gain - middle * k / shelf_q + k * k,
    )
    shelf = np.polyval(up[::-1], back) / _poles(k, shelf_q, back)
    pass_hz, pass_q = 38.13547087602444, 0.5003270373238773
    k = np.tan(np.pi * pass_hz / sample_rate)
    scale = 1 + k / pass_q + k * k  # table 2 has zeros of 1, -2, 1 whatever the rate
    high_pass = scale * (1 - back) ** 2 / _poles(k, pass_q, back)
    return np.asarray(shelf * high_pass, np.complex64)


def _poles(k: float, q: float, back: _Complex) -> _Complex:
    return np.asarray(np.polyval((1 - k / q + k * k, 2 * (k * k - 1), 1 + k / q + k * k), back))


def _means(energies: "_Energies | array[float]", length: int) -> _Energies:
    """The mean of every ``length`` energies in a row; none where there are fewer."""
    if len(energies) < length:
        return np.zeros(0)
    means: _Energies = sliding_window_view(np.asarray(energies), length).mean(axis=1)
    return means


def _gated(energies: _Energies, relative_gate: float) -> _Energies:
    """What passes the absolute gate, and then the one that lies below the mean of that."""
    loud = energies[energies > _energy(_ABSOLUTE_GATE)]
    return loud[loud > loud.mean() * 10 ** (relative_gate / 10)] if loud.size else loud


def _lufs(energy: float) -> float | None:
    return float(_OFFSET + 10 * np.log10(energy)) if energy > 0 else None


def _energy(lufs: float) -> float:
    """The mean square of K-weighted samples at a loudness."""
    return float(10 ** ((lufs - _OFFSET) / 10))
