"""How loud any balance of a song's stems would be: small enough to take along.

A mix with gains ``g`` has in each ear, in a block of 400 ms, the power ``sum g_i g_j C_ij`` of the
mean products ``C_ij`` of its K-weighted streams, amplified for that ear. With these for blocks all
over the song, the gated loudness of any mix is a few multiplications (ITU-R BS.1770-4). And the
largest ``|sum g_i x_i|`` of the streams' samples, at moments where some mix peaks, is about the
peak of any mix.

Both are kept for several shares of the prescription; what lies between is interpolated.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from hclarity.audio.loudness import k_weighting
from hclarity.audio.values import Samples
from hclarity.hearing.amplifier import linear_phase_filter
from hclarity.remixing.plan import GainPlan

__all__ = ["LevelMap", "LevelMapper"]

_BLOCK_S = 0.4
_OVERLAPPING = 4  # blocks at any moment, as in the standard, if so many are not too many
_MARGIN_S = 0.025  # more than half of an ear's filter
_MOST_BLOCKS = 400
_MOST_MOMENTS = 384
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)

_Responses = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class LevelMap:
    """How loud the streams that a song is the sum of are, together and apart.

    Args:
        shares: of the prescribed gains in dB, 0 to 1, ascending.
        covariances: float32 ``[shares, 2 ears, blocks, pairs of streams]``: mean products of
            K-weighted samples; those of two different streams doubled, so that a mix has their sum.
        peaks: float32 ``[shares, 2 ears, moments, streams]``: samples where some mix peaks.
    """

    shares: tuple[float, ...]
    covariances: NDArray[np.float32]
    peaks: NDArray[np.float32]


class LevelMapper:
    """Hears the streams that a song is the sum of, and maps how loud their mixes would be.

    Args:
        plan: whose insertion gains the ears get.
        sample_rate: in Hz.
        frames: of the song: of a long one, blocks here and there are heard.
        mixes: ``[mixes, streams]``: linear gains of mixes whose peaks are looked for.
    """

    def __init__(
        self, plan: GainPlan, sample_rate: int, frames: int, mixes: NDArray[np.floating]
    ) -> None:
        self._shares = _SHARES if plan.is_amplified else (0.0,)
        block = round(_BLOCK_S * sample_rate)
        self._block, self._frame = block, 2 * block  # a block, and half of one to each side
        self._stride = max(block // _OVERLAPPING, -(-frames // _MOST_BLOCKS))
        self._apart = max(1, block // self._stride)  # blocks that do not overlap are so many apart
        self._heard = 0
        streams = mixes.shape[1]
        self._held = np.zeros((streams, 2, block // 2), np.float32)
        self._skip = 0
        self._products = _Products(plan, self._shares, sample_rate, self._frame, streams)
        self._peaking = _Peaking(plan, self._shares, sample_rate, block, mixes)

    def push(self, streams: Samples) -> None:
        """Hear the next ``[streams, 2, frames]``."""
        for frame in self._frames(streams):
            self._products.hear(frame)
            if self._heard % self._apart == 0:
                self._peaking.hear(frame)
            self._heard += 1

    def flush(self) -> LevelMap:
        """The map, once the song has ended; of no block where it is shorter than one."""
        self.push(np.zeros((*self._held.shape[:2], self._block // 2), np.float32))
        if not self._heard:  # shorter than a block, it has no loudness, but peaks
            missing = self._frame - self._held.shape[2]
            self._peaking.hear(np.pad(self._held, ((0, 0), (0, 0), (0, missing))))
        return LevelMap(self._shares, self._products.all(), self._peaking.largest())

    def _frames(self, streams: Samples) -> Iterator[Samples]:
        self._held = np.concatenate([self._held, streams], axis=2)
        while self._held.shape[2] >= self._skip + self._frame:
            yield self._held[:, :, self._skip : self._skip + self._frame]
            self._skip += self._stride
        past = min(self._skip, self._held.shape[2])
        self._held, self._skip = self._held[:, :, past:].copy(), self._skip - past


class _Products:
    """The mean products of all pairs of streams, K-weighted and amplified."""

    def __init__(
        self, plan: GainPlan, shares: tuple[float, ...], rate: int, frame: int, streams: int
    ) -> None:
        self._window = np.hanning(frame + 1)[:-1].astype(np.float32)
        heard = _responses(plan, shares, rate, frame) * np.abs(k_weighting(frame, rate))
        one_sided = np.full(frame // 2 + 1, 2.0)
        one_sided[[0, -1]] = 1  # Parseval's theorem for real sound
        scale = one_sided / (frame * np.square(self._window).sum())
        self._weights = (np.square(heard) * scale).astype(np.float32)
        self._pairs = list(combinations_with_replacement(range(streams), 2))
        self._found: list[NDArray[np.float32]] = []

    def hear(self, frame: Samples) -> None:
        """Take ``[streams, 2, frames]``."""
        spectra = fft.rfft(frame * self._window)
        self._found.append(
            np.stack([self._of_ear(spectra[:, ear], self._weights[:, ear]) for ear in range(2)], 1)
        )

    def _of_ear(self, spectra: NDArray[np.complex64], weights: _Responses) -> NDArray[np.float32]:
        products = np.stack(
            [
                (2 - (first == second)) * (spectra[first] * spectra[second].conj()).real
                for first, second in self._pairs
            ]
        )
        return np.asarray(weights @ products.T)

    def all(self) -> NDArray[np.float32]:
        """Of all frames: ``[shares, ears, frames, pairs]``."""
        shape = (*self._weights.shape[:2], 0, len(self._pairs))
        return np.stack(self._found, axis=2) if self._found else np.zeros(shape, np.float32)


class _Peaking:
    """The streams' samples at the moments where mixes peak."""

    def __init__(
        self,
        plan: GainPlan,
        shares: tuple[float, ...],
        rate: int,
        block: int,
        mixes: NDArray[np.floating],
    ) -> None:
        margin = round(_MARGIN_S * rate)
        self._heard = slice(block // 2 - margin, block // 2 + block + margin)
        self._own = slice(margin, margin + block)
        self._length = block + 2 * margin
        self._responses = _responses(plan, shares, rate, self._length)
        self._mixes = mixes.astype(np.float32)
        self._found: list[NDArray[np.float32]] = []

    def hear(self, frame: Samples) -> None:
        """Take ``[streams, 2, frames]``: a block and half of one to each side."""
        spectra = fft.rfft(frame[:, :, self._heard])
        self._found.append(
            np.stack(
                [
                    [self._of_ear(spectra[:, ear], of_share[ear]) for ear in range(2)]
                    for of_share in self._responses
                ]
            )
        )

    def _of_ear(self, spectra: NDArray[np.complex64], response: _Responses) -> NDArray[np.float32]:
        """``[mixes, streams]``: what the streams have where each mix peaks in this block."""
        streams = fft.irfft(spectra * response, self._length)[:, self._own]
        moments = np.abs(self._mixes @ streams).argmax(axis=1)
        return np.asarray(streams[:, moments].T)

    def largest(self) -> NDArray[np.float32]:
        """``[shares, ears, moments, streams]``: those of the blocks where the mixes peak most."""
        mixes, streams = self._mixes.shape
        if not self._found:
            return np.zeros((*self._responses.shape[:2], 0, streams), np.float32)
        found = np.stack(self._found, axis=2)  # [shares, ears, blocks, mixes, streams]
        values = np.abs((found * self._mixes).sum(axis=-1))
        kept = min(len(self._found), max(1, _MOST_MOMENTS // mixes))
        best = np.argsort(-values, axis=2, kind="stable")[:, :, :kept]
        chosen = np.take_along_axis(found, best[..., None], axis=2)
        return chosen.reshape(*chosen.shape[:2], kept * mixes, streams)


def _responses(plan: GainPlan, shares: tuple[float, ...], rate: int, frame: int) -> _Responses:
    """``[shares, ears, frequencies]``: what the ears' filters do, which shift nothing in time."""
    filters = np.array(
        [
            [linear_phase_filter(ear.changed(share), rate) for ear in (plan.left, plan.right)]
            for share in shares
        ]
    )
    half = filters.shape[-1] // 2
    padded = np.pad(filters, ((0, 0), (0, 0), (0, frame - filters.shape[-1])))
    return np.asarray(np.fft.rfft(np.roll(padded, -half, axis=-1)).real, np.float32)
