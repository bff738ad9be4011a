"""What the BandSplitRNNs are made of: norms and residual recurrent paths.

Inside a net, sound is ``[batch, steps, bands, features]``: steps of time are the spectrogram's.
"""

from collections import OrderedDict

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = [
    "EPSILON",
    "BandFeatures",
    "Block",
    "JointNorm",
    "RecurrentPath",
    "SequenceNorm",
    "require_overlap",
    "require_sizes",
]

EPSILON = 1e-7
"""What the authors' code adds to the variances that it divides by."""


def require_sizes(**sizes: int) -> None:
    """Raise a ValueError that names the first size below 1."""
    for name, size in sizes.items():
        if size < 1:
            raise ValueError(f"{name} must be 1 or more, got {size}")


def require_overlap(n_fft: int, hop: int) -> None:
    """Raise a ValueError unless every frame of sound is well inside some window."""
    if not 1 <= hop <= n_fft // 4:
        raise ValueError(f"hop must be from 1 to a quarter of n_fft, {n_fft // 4}, got {hop}")


class JointNorm(nn.Module):
    """Normalisation over positions and features together, with a gain for each feature.

    It is `torch.nn.GroupNorm` with one group, for ``[items, positions, features]``: statistics of
    all that the net is given at once.
    """

    def __init__(self, features: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(features))
        self.bias = nn.Parameter(torch.zeros(features))

    def forward(self, sound: Tensor) -> Tensor:
        """``[items, positions, features]``, likewise."""
        shape = sound.shape[1:]
        gain, offset = self.weight.expand(shape), self.bias.expand(shape)
        return F.layer_norm(sound, shape, gain, offset, EPSILON)


class SequenceNorm(nn.GroupNorm):
    """Normalisation of each feature over the positions, for ``[items, positions, features]``."""

    def __init__(self, features: int) -> None:
        super().__init__(features, features)

    def forward(self, sound: Tensor) -> Tensor:
        """``[items, positions, features]``, likewise."""
        return super().forward(sound.transpose(1, 2)).transpose(1, 2)


class BandFeatures(nn.Module):
    """From the numbers that a band has at each step to its features."""

    def __init__(self, numbers: int, features: int) -> None:
        super().__init__()
        self.norm = JointNorm(numbers)
        self.linear = nn.Linear(numbers, features)

    def forward(self, band: Tensor) -> Tensor:
        """``[batch, steps, numbers] -> [batch, steps, features]``."""
        features: Tensor = self.linear(self.norm(band))
        return features


class RecurrentPath(nn.Module):
    """Norm, recurrence both ways along one axis, back to the features, and added to what came in.

    All else is folded into the batch, so that it is one call of the LSTM.

    Args:
        norm: of ``[items, positions, features]``.
        features: of every position.
        hidden: features of each direction of the LSTM.
    """

    def __init__(self, norm: nn.Module, features: int, hidden: int) -> None:
        super().__init__()
        self.norm = norm
        self.lstm = nn.LSTM(features, hidden, batch_first=True, bidirectional=True)
        self.linear = nn.Linear(2 * hidden, features)

    def forward(self, sound: Tensor) -> Tensor:
        """``[batch, others, positions, features]``, likewise."""
        heard, _ = self.lstm(self.norm(sound.flatten(0, 1)))
        back: Tensor = self.linear(heard)
        return sound + back.view(sound.shape)


class Block(nn.Sequential):
    """Along time, across bands, then whatever joins more.

    Args:
        time: hears every band alone.
        bands: hears every step alone.
        joining: of all positions; one after another.
    """

    def __init__(self, *, time: nn.Module, bands: nn.Module, **joining: nn.Module) -> None:
        super().__init__(OrderedDict(time=time, bands=bands, **joining))

    def forward(self, sound: Tensor) -> Tensor:
        """``[batch, steps, bands, features]``, likewise."""
        time, *others = self
        sound = time(sound.transpose(1, 2)).transpose(1, 2)
        for other in others:
            sound = other(sound)
        return sound
