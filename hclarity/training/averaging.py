"""The moving average of the weights, which scores higher than the weights of any one step."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

__all__ = ["averaged"]


def averaged(net: nn.Module, decay: float) -> AveragedModel:
    """Return an exponential moving average of a net, in evaluation mode; it begins as its copy.

    After ``n`` updates the decay is ``min(decay, (1 + n) / (10 + n))``: the first weights, which
    are random, are forgotten soon.

    Args:
        net: is followed by ``update_parameters(net)``; its buffers are copied.
        decay: from 0 (no average) to below 1.
    """
    average = AveragedModel(net, multi_avg_fn=_moving(decay))
    average.requires_grad_(False)
    return average.eval()


def _moving(decay: float) -> Callable[[Sequence[Tensor], Sequence[Tensor], Tensor | int], None]:
    @torch.no_grad()
    def move(averages: Sequence[Tensor], weights: Sequence[Tensor], updates: Tensor | int) -> None:
        count = float(updates)
        warm = min(decay, (1 + count) / (10 + count))
        torch._foreach_lerp_(list(averages), list(weights), 1 - warm)

    return move
