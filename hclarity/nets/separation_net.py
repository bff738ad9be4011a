"""What is common to all nets."""

from collections.abc import Sequence

from torch import Tensor, nn

from hclarity.nets.traits import Traits

__all__ = ["SeparationNet"]


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
