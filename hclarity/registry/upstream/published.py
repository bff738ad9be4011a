"""What a published file of weights holds, in the terms of this package."""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from hclarity.registry.cards import Argument

__all__ = ["Published"]


@dataclass(frozen=True)
class Published:
    """Weights from elsewhere, translated.

    Args:
        net: the architecture, one of `hclarity.registry.checkpoints.NETS`.
        arguments: of that net, as far as the file tells them; the rest are its defaults.
        state: the weights, under the names of that net.
        stems: their names in the order of the output; None where the file does not tell.
        sample_rate: in Hz; None where the file does not tell.
        channels: of the mixture.
    """

    net: str
    arguments: Mapping[str, Argument]
    state: Mapping[str, Tensor]
    channels: int
    stems: tuple[str, ...] | None = None
    sample_rate: int | None = None
