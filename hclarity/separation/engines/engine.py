"""What a compute engine does."""

from concurrent.futures import Future
from typing import Literal, Protocol

from hclarity.audio.values import Samples
from hclarity.nets.separation_net import Stream

__all__ = ["Engine", "EngineName", "Precision"]

EngineName = Literal["torch", "openvino"]
Precision = Literal["fp32", "bf16"]


class Engine(Protocol):
    """Computes a net, chunk after chunk, several at once where that is quicker.

    Attributes:
        name: of the engine.
        precision: of the net's core; spectrograms are made in single precision always.
        device: where it computes.
        stems: how many the net estimates.
        at_once: how many chunks it works on at once.
    """

    name: EngineName
    precision: Precision
    device: str
    stems: int
    at_once: int

    def submit(self, mixture: Samples) -> "Future[Samples]":
        """Begin with a chunk; the result is its stems.

        Args:
            mixture: ``[1, channels, frames]``, at the level that the net wants; not to be changed
                any more.

        Returns:
            Of ``[1, stems, channels, frames]``.
        """

    def stream(self) -> Stream | None:
        """As `SeparationNet.stream`."""
