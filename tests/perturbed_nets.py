"""Nets whose every weight has been moved, since many begin where mistakes do not show."""

from typing import TypeVar

import torch
from torch import nn

__all__ = ["perturbed"]

Net = TypeVar("Net", bound=nn.Module)


def perturbed(net: Net) -> Net:
    """Move every weight; a LayerScale begins so near to 0 that it would hide what it scales."""
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for name, parameter in net.named_parameters():
            if name.endswith(".scale"):
                parameter.uniform_(0.3, 1, generator=generator)
            else:
                parameter.add_(0.1 * torch.randn(parameter.shape, generator=generator))
    return net.eval()
