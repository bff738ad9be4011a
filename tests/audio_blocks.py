"""Test sounds, and every way of cutting them into blocks."""

from collections.abc import Iterator
from itertools import cycle
from typing import Protocol

import numpy as np
from hypothesis import strategies as st

from hclarity.audio.values import Samples

block_sizes = st.lists(st.integers(1, 9000), min_size=1, max_size=6)
seeds = st.integers(0, 2**32 - 1)


class Streaming(Protocol):
    def push(self, block: Samples) -> Samples: ...

    def flush(self) -> Samples: ...


def cut(samples: Samples, sizes: list[int]) -> Iterator[Samples]:
    """``samples`` in blocks of the given sizes, over and over."""
    start = 0
    for size in cycle(sizes):
        if start >= samples.shape[1]:
            return
        yield samples[:, start : start + size]
        start += size


def streamed(stream: Streaming, samples: Samples, sizes: list[int]) -> Samples:
    """What comes out of a stream that is pushed ``samples`` in blocks."""
    blocks = [stream.push(block) for block in cut(samples, sizes)]
    return np.concatenate([*blocks, stream.flush()], axis=1)


def noise(seed: int, channels: int, frames: int, level: float = 0.1) -> Samples:
    """White noise of a standard deviation of ``level``."""
    samples = level * np.random.default_rng(seed).standard_normal((channels, frames))
    return samples.astype(np.float32)


def tone(hertz: float, sample_rate: int, seconds: float, peak: float = 0.5) -> Samples:
    """A sine, ``[1, frames]``."""
    time = np.arange(round(seconds * sample_rate)) / sample_rate
    return (peak * np.sin(2 * np.pi * hertz * time))[None].astype(np.float32)
