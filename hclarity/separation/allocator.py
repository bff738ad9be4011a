"""What glibc's allocator is told; where there is another, it is told nothing."""

import ctypes
from collections.abc import Mapping

__all__ = ["few_arenas", "tell_allocator"]

_ARENA_MAX = -8  # of mallopt(3)
_ARENAS = 2


def few_arenas() -> None:
    """Let threads share what they free.

    Each would else keep an arena of its own, with holes as large as a chunk's spectra: half a
    gigabyte more for the full Hybrid Demucs, or not, as threads happen to meet.
    """
    tell_allocator({_ARENA_MAX: _ARENAS})


def tell_allocator(parameters: Mapping[int, int]) -> None:
    """Set parameters of `mallopt(3)`, for the rest of the process."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # no glibc
        return
    for parameter, value in parameters.items():
        mallopt(parameter, value)
