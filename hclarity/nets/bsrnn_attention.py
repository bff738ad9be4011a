"""What makes BandSplitRNN better: attention over time, and channels that hear each other."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hclarity.nets.bsrnn_blocks import EPSILON

__all__ = ["Channels", "FrameAttention"]


class _Projection(nn.Module):
    """Features to features, a PReLU, and a norm over bands and features of every step."""

    def __init__(self, features: int, projected: int, bands: int) -> None:
        super().__init__()
        self.linear = nn.Linear(features, projected)
        self.activation = nn.PReLU()
        self.norm = nn.LayerNorm((bands, projected), EPSILON)

    def forward(self, sound: Tensor) -> Tensor:
        """``[batch, steps, bands, features] -> [batch, steps, bands, projected]``."""
        projected: Tensor = self.norm(self.activation(self.linear(sound)))
        return projected


class _Head(nn.Module):
    def __init__(self, features: int, compared: int, valued: int, bands: int) -> None:
        super().__init__()
        self.query = _Projection(features, compared, bands)
        self.key = _Projection(features, compared, bands)
        self.value = _Projection(features, valued, bands)

    def forward(self, sound: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the query, key and value of each step: ``[batch, steps, bands * theirs]``."""
        return (
            self.query(sound).flatten(2),
            self.key(sound).flatten(2),
            self.value(sound).flatten(2),
        )


class FrameAttention(nn.Module):
    """Every step of time hears every other, all bands at once.

    Source: Z.-Q. Wang et al., "TF-GridNet: Integrating Full- and Sub-Band Modeling for Speech
    Separation", IEEE/ACM TASLP 31, 2023, section III-C.

    Args:
        features: of every band at every step; a multiple of ``heads``.
        bands: how many there are.
        heads: of the attention.
        compared: features of the queries and keys of each band and head.
    """

    def __init__(self, features: int, bands: int, heads: int, compared: int) -> None:
        super().__init__()
        valued = features // heads
        self.heads = nn.ModuleList(_Head(features, compared, valued, bands) for _ in range(heads))
        self.out = _Projection(features, features, bands)

    def forward(self, sound: Tensor) -> Tensor:
        """``[batch, steps, bands, features]``, likewise."""
        batch, steps, bands, _ = sound.shape
        heads = [head(sound) for head in self.heads]
        query, key, value = (torch.stack(one, dim=1) for one in zip(*heads, strict=True))
        heard = F.scaled_dot_product_attention(query, key, value)
        # [batch, heads, steps, bands * valued] -> [batch, steps, bands, heads * valued]
        split = heard.view(batch, len(heads), steps, bands, -1)
        joined: Tensor = self.out(split.permute(0, 2, 3, 1, 4).flatten(3))
        return sound + joined


class Channels(nn.Module):
    """Every channel hears the average of all: transform, average, concatenate (TAC).

    Source: Y. Luo et al., "End-to-End Microphone Permutation and Number Invariant Multi-Channel
    Speech Separation", ICASSP 2020.

    Args:
        channels: how many are folded into the batch.
        features: of every channel.
        factor: hidden features for each of them.
        activation: after every layer; one module, so one PReLU is the same in all three.
    """

    def __init__(self, channels: int, features: int, factor: int, activation: nn.Module) -> None:
        super().__init__()
        hidden = features * factor
        self.channels = channels
        self.transform = nn.Linear(features, hidden)
        self.average = nn.Linear(hidden, hidden)
        self.concatenate = nn.Linear(2 * hidden, features)
        self.activation = activation

    def forward(self, sound: Tensor) -> Tensor:
        """``[batch * channels, steps, bands, features]``, likewise."""
        own: Tensor = self.activation(self.transform(sound))
        own = own.view(-1, self.channels, *own.shape[1:])
        average = self.activation(self.average(own.mean(1, keepdim=True)))
        # The same as one product with the two beside each other, but that of the average is
        # computed once for all channels.
        of_own, of_average = self.concatenate.weight.chunk(2, dim=1)
        joined = F.linear(own, of_own, self.concatenate.bias) + F.linear(average, of_average)
        change: Tensor = self.activation(joined)
        return sound + change.flatten(0, 1)
