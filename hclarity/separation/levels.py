"""The level of a song, which nets do not hear: songs are first brought to the one a net wants."""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from hclarity.audio.loudness import LoudnessMeter
from hclarity.audio.values import Samples
from hclarity.errors import BadDataError
from hclarity.registry.cards import Contract

__all__ = ["Level", "LevelMeter", "level_meter", "require_channels"]

# -160 dB full scale, far below what 24 bits can hold: quieter is silence, and stays as it is.
_SILENCE = 1e-8


@dataclass(frozen=True)
class Level:
    """What is between a song and the level that a net wants.

    Args:
        offset: is subtracted first, linear full scale.
        scale: is divided by then, above 0; 1 for silence, which so stays as it is.
    """

    offset: float = 0.0
    scale: float = 1.0

    def reached(self, song: Samples) -> Samples:
        """Bring a song to the level that the net wants."""
        reached: Samples = (song - self.offset) / self.scale
        return reached

    def given_back(self, stems: Samples, share: float) -> Samples:
        """Bring stems back to the level of the song, each with a share of its offset."""
        return stems * self.scale + share * self.offset


class LevelMeter(Protocol):
    """Measures the level of a song that comes in blocks, whose sizes do not matter."""

    def push(self, block: Samples) -> None:
        """Take the song's next frames, ``[channels, frames]``."""

    def level(self) -> Level:
        """Return the level of all frames so far."""


def require_channels(contract: Contract, channels: int) -> None:
    """Refuse a song that a net cannot hear.

    Raises:
        BadDataError: for a number of channels that is neither 1 nor that of the net.
    """
    if channels not in (1, contract.channels):
        raise BadDataError(
            f"the song has {channels} channels, the model hears {contract.channels};"
            " mix it down first"
        )


def level_meter(contract: Contract, *, sample_rate: int, channels: int) -> LevelMeter:
    """Return a meter for the level that a net wants.

    Args:
        contract: of the net; its ``level`` says what is measured.
        sample_rate: of the song, in Hz.
        channels: of the song.

    Raises:
        BadDataError: for a number of channels that the net cannot hear.
    """
    require_channels(contract, channels)
    if contract.level == "deviation":
        return _Deviation()
    if contract.level == "peak":
        return _Peak()
    wanted = float(contract.level.removesuffix(" LUFS"))
    return _Loudness(wanted, sample_rate, contract.channels)


class _Deviation:
    """Mean and standard deviation of the mean over channels, as Demucs has it.

    The deviation is the unbiased one (Demucs, ``apply_model`` and its callers). Blocks are merged
    by the pairwise formula of Chan, Golub and LeVeque (1979) in float64.
    """

    def __init__(self) -> None:
        self._frames = 0
        self._mean = 0.0
        self._squares = 0.0

    def push(self, block: Samples) -> None:
        mono = block.mean(axis=0, dtype=np.float64)
        if not mono.size:
            return
        mean = float(mono.mean())
        squares = float(np.square(mono - mean).sum())
        frames = self._frames + mono.size
        apart = mean - self._mean
        self._squares += squares + apart * apart * self._frames * mono.size / frames
        self._mean += apart * mono.size / frames
        self._frames = frames

    def level(self) -> Level:
        std = math.sqrt(self._squares / max(1, self._frames - 1))
        return Level(self._mean, _unless_silent(std))


class _Peak:
    """The highest sample of any channel."""

    def __init__(self) -> None:
        self._peak = 0.0

    def push(self, block: Samples) -> None:
        self._peak = max(self._peak, float(np.abs(block).max(initial=0)))

    def level(self) -> Level:
        return Level(scale=_unless_silent(self._peak))


class _Loudness:
    """A loudness that the song is brought to; one too short or quiet to have any stays as it is."""

    def __init__(self, wanted: float, sample_rate: int, channels: int) -> None:
        self._wanted, self._channels = wanted, channels
        self._meter = LoudnessMeter(sample_rate, channels)

    def push(self, block: Samples) -> None:
        # A mono song is heard on all channels of the net, which is louder.
        self._meter.push(np.broadcast_to(block, (self._channels, block.shape[-1])))

    def level(self) -> Level:
        loudness = self._meter.integrated()
        return Level() if loudness is None else Level(scale=10 ** ((loudness - self._wanted) / 20))


def _unless_silent(scale: float) -> float:
    return scale if scale > _SILENCE else 1.0
