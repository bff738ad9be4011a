"""What a published file of weights holds, in the terms of this package."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor

from hclarity.registry.cards import Argument

__all__ = ["Published"]


@dataclass(frozen=True)
class Published:
    """Weights from elsewhere, translated; and what they tell of their net, as far as they do.

    Args:
        net: the architecture, one of `hclarity.registry.nets.NETS`.
        arguments: of that net, that the file tells by what it says or by the shapes in it.
        state: the weights, under the names of that net.
        stem_count: how many stems it separates.
        assumed: further arguments, as they commonly are; the file may have been made with others.
        stems: their names in the order of the output; None where the file does not tell.
        sample_rate: in Hz; None where the file does not tell.
        channels: of the mixture; None where the file does not tell.
    """

    net: str
    arguments: Mapping[str, Argument]
    state: Mapping[str, Tensor]
    stem_count: int
    assumed: Mapping[str, Argument] = field(default_factory=dict)
    stems: tuple[str, ...] | None = None
    sample_rate: int | None = None
    channels: int | None = None
