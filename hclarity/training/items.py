"""Training items by number, made by another process while the net learns."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from hclarity.training.augmentations import Songs, training_item

__all__ = ["batches"]


class _Items(Dataset[Tensor]):
    """Item ``i`` is drawn from its own generator, so it is the same in every run."""

    def __init__(
        self, songs: Songs, frames: int, sample_rate: int, seed: int, first: int, count: int
    ) -> None:
        self.songs, self.frames, self.sample_rate = songs, frames, sample_rate
        self.seed, self.first, self.count = seed, first, count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Tensor:
        rng = np.random.default_rng((self.seed, self.first + index))
        return torch.from_numpy(training_item(self.songs, self.frames, self.sample_rate, rng))


def batches(
    songs: Songs,
    *,
    frames: int,
    sample_rate: int,
    batch: int,
    seed: int,
    first_step: int,
    steps: int,
) -> Iterator[Tensor]:
    """Yield the stems of each step after ``first_step``: ``[batch, stems, channels, frames]``."""
    left = steps - first_step
    items = _Items(songs, frames, sample_rate, seed, first_step * batch, left * batch)
    return iter(DataLoader(items, batch_size=batch, num_workers=1, prefetch_factor=4))
