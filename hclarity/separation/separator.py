"""Separating a song into its stems, block by block."""

import math
from dataclasses import dataclass

import numpy as np

from hclarity.audio.resampling import Resampler
from hclarity.audio.values import Audio, Samples, Stems
from hclarity.nets.separation_net import SeparationNet
from hclarity.registry.cards import Contract
from hclarity.separation.engines.engine import Engine
from hclarity.separation.engines.torch_engine import TorchEngine
from hclarity.separation.levels import Level, level_meter, require_channels
from hclarity.separation.overlap_add import Estimate, OverlapAdd
from hclarity.separation.rest import Rest
from hclarity.separation.streaming import Streaming

__all__ = ["Separator", "separate"]


class Separator:
    """Blocks of a song in, blocks of its stems out, at the song's own rate and channels.

    Between the two, the song takes the form in which the net wants to hear it: resampled, a mono
    song on all channels, at one level, in overlapping chunks or, to a net that can hear one, as a
    stream. Estimates go the same way back. Where a song's mean was subtracted, each stem is given
    an equal share of it, so stems that sum to what the net heard also sum to the song; Demucs gives
    every stem all of it. A chunk of digital silence is not shown to a net that hears chunks: its
    stems are silence.

    One separator is for one song. With the same engine, the same song gives the same stems, however
    it is cut into blocks.

    Args:
        engine: of the net, for the stems that are wanted.
        contract: how the net wants to be spoken to; a `ModelCard` is one.
        sample_rate: of the song, in Hz.
        channels: of the song: one, or as many as the net hears.
        level: of the whole song, by the `level_meter` of the contract.
        rest: whether what the wanted stems leave of the song is given as one more.

    Raises:
        BadDataError: for a number of channels that the net cannot hear.
    """

    def __init__(
        self,
        engine: Engine,
        contract: Contract,
        *,
        sample_rate: int,
        channels: int,
        level: Level,
        rest: bool = False,
    ) -> None:
        require_channels(contract, channels)
        self._engine = engine
        self._level = level
        self._share = 1 / len(contract.stems)
        self._channels = channels
        self._net_channels = contract.channels
        self._stems = engine.stems
        self._rest = Rest(channels) if rest else None
        self._owed = 0
        self._padding = _padding(sample_rate, contract.sample_rate)
        self._to_net = Resampler(channels, sample_rate, contract.sample_rate)
        stream = engine.stream()
        self._listener = (
            Streaming(stream, contract, level, stems=self._stems, device=engine.device)
            if stream
            else OverlapAdd(
                self._submit,
                at_once=engine.at_once,
                channels=contract.channels,
                stems=self._stems,
                chunk=contract.chunk,
                hop=contract.hop,
                stride=contract.stride,
            )
        )
        self._from_net = Resampler(self._stems * channels, contract.sample_rate, sample_rate)

    def push(self, block: Samples) -> Samples:
        """Take the song's next frames; return those of the stems that are ready.

        Args:
            block: ``[channels, frames]``, of any length.

        Returns:
            ``[stems, channels, frames]``, continuing where the last call ended.
        """
        self._owed += block.shape[-1]
        if self._rest:
            self._rest.push(block)
        heard = self._widened(self._to_net.push(block))
        stems = self._narrowed(self._listener.push(heard))
        return self._returned(self._from_net.push(stems))

    def flush(self) -> Samples:
        """Return the rest of the stems, ``[stems, channels, frames]``; the song has ended.

        All calls together return exactly as many frames as the song has.
        """
        after = np.zeros((self._channels, self._padding), np.float32)
        heard = self._widened(_both(self._to_net.push(after), self._to_net.flush()))
        stems = _both(self._listener.push(heard), self._listener.flush())
        return self._returned(
            _both(self._from_net.push(self._narrowed(stems)), self._from_net.flush())
        )

    def give_up(self) -> None:
        """The rest of the song is not wanted: let the engine begin with nothing more of it."""
        if isinstance(self._listener, OverlapAdd):
            self._listener.give_up()

    def _widened(self, block: Samples) -> Samples:
        """Give a mono song to all channels of the net."""
        return np.broadcast_to(block, (self._net_channels, block.shape[-1]))

    def _narrowed(self, stems: Samples) -> Samples:
        """``[stems, net's channels, frames] -> [stems * song's channels, frames]``."""
        if self._channels < self._net_channels:
            stems = stems.mean(axis=1, keepdims=True)
        return stems.reshape(self._stems * self._channels, -1)

    def _returned(self, flat: Samples) -> Samples:
        """``[stems * channels, frames] -> [stems, channels, frames]``, none too many."""
        stems = flat.reshape(self._stems, self._channels, -1)[..., : self._owed]
        self._owed -= stems.shape[-1]
        return self._rest.beside(stems) if self._rest else stems

    def _submit(self, chunk: Samples) -> Estimate:
        """Begin with ``[1, channels, frames]``; the stems will be at the song's level."""
        if not chunk.any():
            return _Silence((1, self._stems, *chunk.shape[1:]))
        estimate = self._engine.submit(self._level.reached(chunk))
        return _AtLevel(estimate, self._level, self._share)


@dataclass(frozen=True)
class _Silence:
    shape: tuple[int, ...]

    def result(self) -> Samples:
        return np.zeros(self.shape, np.float32)

    def cancel(self) -> bool:
        return False


@dataclass(frozen=True)
class _AtLevel:
    """An estimate brought back to the level of the song."""

    estimate: Estimate
    level: Level
    share: float

    def result(self) -> Samples:
        return self.level.given_back(self.estimate.result(), self.share)

    def cancel(self) -> bool:
        return self.estimate.cancel()


def separate(audio: Audio, net: SeparationNet, contract: Contract, *, device: str = "cpu") -> Stems:
    """Separate a song that is in memory: the walk of `Separator`, with one block, by torch.

    Args:
        audio: the song.
        net: in evaluation mode; it is moved to ``device``.
        contract: how the net wants to be spoken to.
        device: where the net computes, as `choose_device` names it.

    Returns:
        Its stems, as long as the song and at its rate and channels.

    Raises:
        BadDataError: for a number of channels that the net cannot hear.
    """
    rate, channels = audio.sample_rate, audio.channels
    meter = level_meter(contract, sample_rate=rate, channels=channels)
    meter.push(audio.samples)
    engine = TorchEngine(net, device=device)
    separator = Separator(
        engine, contract, sample_rate=rate, channels=channels, level=meter.level()
    )
    samples = _both(separator.push(audio.samples), separator.flush())
    return Stems(contract.stems, samples, audio.sample_rate)


def _both(first: Samples, then: Samples) -> Samples:
    return np.concatenate([first, then], axis=-1)


def _padding(song_rate: int, net_rate: int) -> int:
    """Frames of silence after a song, so that rounding its length twice cannot make it shorter.

    With them, ``p``, a song of ``n`` frames has at least ``(n + p) * net / song - 1/2`` frames for
    the net and ``n + p - song / net / 2 - 1/2`` on the way back, which must not be below ``n``.
    """
    return 0 if song_rate == net_rate else math.ceil(song_rate / net_rate / 2 + 0.5)
