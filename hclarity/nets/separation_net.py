"""What is common to all nets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor, nn

from hclarity.nets.traits import Traits

__all__ = ["Heard", "SeparationNet", "Stream"]


class Stream(Protocol):
    """A net that hears one song in blocks: what comes out equals the net on all of the song."""

    def push(self, block: Tensor) -> Tensor:
        """Take the next frames, ``[channels, frames]``; return ``[stems, channels, frames]``."""

    def flush(self) -> Tensor:
        """Return the rest of the stems, ``[stems, channels, frames]``; the song has ended."""


@dataclass(frozen=True)
class Heard:
    """A mixture in the form in which the core of a net hears it.

    Args:
        mixture: ``[batch, channels, frames]``.
        inputs: of the core; real numbers.
        kept: what else `SeparationNet.decode` will want to know of it.
    """

    mixture: Tensor
    inputs: tuple[Tensor, ...]
    kept: tuple[Tensor, ...] = ()


class SeparationNet(nn.Module):
    """A net that separates: ``[batch, channels, frames] -> [batch, stems, channels, frames]``.

    It takes any number of frames from 1 on, and items of a batch do not hear each other.

    It is three steps. `encode` and `decode` are transforms between waveforms and what the core
    computes with: quick, complex where they like, and never in half precision. `core` holds nearly
    all of the work, takes and gives real numbers, and does the same for every mixture of a length:
    what a compute engine can make its own.

    Attributes:
        traits: what it says of itself.
    """

    traits: Traits

    def encode(self, mixture: Tensor) -> Heard:
        """Return what the core hears of ``[batch, channels, frames]``."""
        return Heard(mixture, (mixture,))

    def core(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Return what the net says of `Heard.inputs`."""
        raise NotImplementedError

    def decode(self, said: Sequence[Tensor], heard: Heard) -> Tensor:
        """Return the stems, ``[batch, stems, channels, frames]``, of which the core said this."""
        raise NotImplementedError

    def forward(self, mixture: Tensor) -> Tensor:
        """``[batch, channels, frames] -> [batch, stems, channels, frames]``."""
        heard = self.encode(mixture)
        return self.decode(self.core(*heard.inputs), heard)

    def only(self, stems: Sequence[str]) -> "SeparationNet":
        """Return a net that says the same of these stems, and computes no more than that takes.

        It shares the weights of this net and is for inference. Where an architecture computes all
        stems together, the others are dropped.

        Args:
            stems: names among `Traits.stems`, in the order of the new net's output.
        """
        return _Chosen(self, stems)

    def stream(self) -> Stream | None:
        """Return a stream of this net for one song; None where it needs to hear too far ahead."""
        return None


class _Chosen(SeparationNet):
    """Some of the stems of a net that computes them all."""

    def __init__(self, net: SeparationNet, stems: Sequence[str]) -> None:
        super().__init__()
        self._net = net
        self._numbers = [net.traits.stems.index(stem) for stem in stems]
        self.traits = net.traits.of(stems)
        self.train(net.training)

    def encode(self, mixture: Tensor) -> Heard:
        """As the net of them all."""
        return self._net.encode(mixture)

    def core(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """As the net of them all."""
        return self._net.core(*inputs)

    def decode(self, said: Sequence[Tensor], heard: Heard) -> Tensor:
        """The chosen of all stems."""
        return self._net.decode(said, heard)[:, self._numbers]

    def stream(self) -> Stream | None:
        """As that of the net, with fewer stems."""
        stream = self._net.stream()
        return stream and _ChosenStream(stream, self._numbers)


class _ChosenStream:
    """Some of the stems of a stream."""

    def __init__(self, stream: Stream, numbers: Sequence[int]) -> None:
        self._stream, self._numbers = stream, numbers

    def push(self, block: Tensor) -> Tensor:
        return self._stream.push(block)[self._numbers]

    def flush(self) -> Tensor:
        return self._stream.flush()[self._numbers]
