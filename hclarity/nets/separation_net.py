"""What is common to all nets."""

from collections.abc import Sequence
from typing import Protocol

from torch import Tensor, nn

from hclarity.nets.traits import Traits

__all__ = ["SeparationNet", "Stream"]


class Stream(Protocol):
    """A net that hears one song in blocks: what comes out equals the net on all of the song."""

    def push(self, block: Tensor) -> Tensor:
        """Take the next frames, ``[channels, frames]``; return ``[stems, channels, frames]``."""

    def flush(self) -> Tensor:
        """Return the rest of the stems, ``[stems, channels, frames]``; the song has ended."""


class SeparationNet(nn.Module):
    """A net that separates: ``[batch, channels, frames] -> [batch, stems, channels, frames]``.

    It takes any number of frames from 1 on, and items of a batch do not hear each other.

    Attributes:
        traits: what it says of itself.
    """

    traits: Traits

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

    def forward(self, mixture: Tensor) -> Tensor:
        """``[batch, channels, frames] -> [batch, stems, channels, frames]``."""
        estimates: Tensor = self._net(mixture)
        return estimates[:, self._numbers]

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
