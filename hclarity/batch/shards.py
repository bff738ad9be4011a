"""Shares of a batch, for several programs that do not talk to each other.

Which share an item belongs to follows from its name alone: every host finds the same, in whichever
order things are listed there.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from hclarity.errors import UsageError

__all__ = ["Shard", "parse_shard"]

# Variables that tell a task of an array which one it is, and how many there are.
_ARRAYS = (
    ("AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE"),
    ("RANK", "WORLD_SIZE"),  # torchrun
    ("JOB_COMPLETION_INDEX", "JOB_COMPLETIONS"),  # Kubernetes; the second is to be set by hand
)
_SLURM = "SLURM_ARRAY_TASK_"


@dataclass(frozen=True)
class Shard:
    """One of several shares.

    Args:
        index: which, from 0.
        count: how many there are.

    Raises:
        UsageError: when there is no such share.
    """

    index: int
    count: int

    def __post_init__(self) -> None:
        if not 0 <= self.index < self.count:
            raise UsageError(f"no shard {self.index} of {self.count}: they count from 0")

    def holds(self, name: str) -> bool:
        """Whether an item belongs to this share."""
        digest = sha256(name.encode(errors="surrogateescape")).digest()
        return int.from_bytes(digest[:8], "big") % self.count == self.index


def parse_shard(word: str, environment: Mapping[str, str] = os.environ) -> Shard:
    """Return the share that a word names.

    Args:
        word: ``I/N``, the one of N that is numbered I, from 0; or ``auto``, as the array job says
            that this program belongs to.
        environment: in which it says so.

    Raises:
        UsageError: for anything else, or where no array job says anything.

    >>> parse_shard("2/8")
    Shard(index=2, count=8)
    """
    if word == "auto":
        return _shard_of_array(environment)
    index, slash, count = word.partition("/")
    if not (slash and _is_number(index) and _is_number(count)):
        raise UsageError(f"expected --shard I/N, such as 0/4, or auto, got {word!r}")
    return Shard(int(index), int(count))


def _shard_of_array(environment: Mapping[str, str]) -> Shard:
    if f"{_SLURM}ID" in environment:
        return _shard_of_slurm(environment)
    for index, count in _ARRAYS:
        numbers = [environment.get(index, ""), environment.get(count, "")]
        if all(map(_is_number, numbers)):
            return Shard(int(numbers[0]), int(numbers[1]))
    known = ", ".join(f"{index} and {count}" for index, count in _ARRAYS)
    raise UsageError(
        f"--shard auto is for array jobs, which set {_SLURM}ID, or {known}; type --shard I/N"
    )


def _shard_of_slurm(environment: Mapping[str, str]) -> Shard:
    """Whatever an array counts from, and in whichever steps, as long as none is left out."""
    words = [environment.get(f"{_SLURM}{name}", "") for name in ("ID", "MIN", "MAX", "COUNT")]
    step = environment.get(f"{_SLURM}STEP", "1")
    if not all(map(_is_number, (*words, step))) or step == "0":
        raise UsageError(f"--shard auto: {_SLURM}ID and its kin are no numbers; type --shard I/N")
    index, first, last, count = map(int, words)
    if (last - first) // int(step) + 1 != count:
        raise UsageError(
            f"--shard auto: the array from {first} to {last} has {count} tasks, so some are left"
            " out; submit all of them, or type --shard I/N"
        )
    return Shard((index - first) // int(step), count)


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) < 10
