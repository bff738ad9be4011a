"""Who does the work of a batch, as it was asked for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Literal

from hclarity.batch.executors.executor import Executor
from hclarity.cli.durations import parse_duration
from hclarity.errors import UsageError

__all__ = ["JOURNAL", "Running"]

_CORES_EACH = 2  # a worker computes two chunks at once
_SUBMITTED = ".slurm"
JOURNAL = "journal.jsonl"


@dataclass(frozen=True)
class Running:
    """What was typed.

    Args:
        jobs: how many at once: a number or ``auto``; None for one, in this process.
        executor: whose.
        timeout: of one input, as typed.
        ray_address: of a cluster.
        ray_gpus: for each worker.
        slurm: ``KEY=VALUE`` each.

    Raises:
        UsageError: for words that mean nothing, or nothing without another.
    """

    jobs: str | None = None
    executor: Literal["local", "ray", "slurm"] | None = None
    timeout: str | None = None
    ray_address: str | None = None
    ray_gpus: float = 0
    slurm: Sequence[str] | None = None

    def __post_init__(self) -> None:
        if self.executor != "ray" and (self.ray_address or self.ray_gpus):
            raise UsageError("--ray-address and --ray-gpus mean nothing without --executor ray")
        if self.executor != "slurm" and self.slurm:
            raise UsageError("--slurm means nothing without --executor slurm")
        word = self.jobs or "auto"
        if word != "auto" and not (word.isascii() and word.isdigit() and 0 < int(word) < 10_000):
            raise UsageError(f"expected --jobs N, from 1, or auto, got {word!r}")
        if self.executor in ("ray", "slurm") and not (self.jobs or "").isdigit():
            raise UsageError(f"--executor {self.executor} needs --jobs N, how many workers")
        dict(self._parameters())
        self._seconds()

    @property
    def on_other_hosts(self) -> bool:
        """Whether the work may be done by other hosts than this."""
        return self.executor in ("ray", "slurm")

    @property
    def _here(self) -> bool:
        """Whether it is to be done in this process, one after the other."""
        return (self.jobs, self.executor, self.timeout) == (None, None, None)

    def journal(self, folder: Path, shard: str | None) -> Path | None:
        """Where what became of each input is kept, if several programs share the work."""
        return None if shard is None and self._here else folder / JOURNAL

    def workers(self, items: int, *, bytes_each: int, folder: Path) -> Executor | None:
        """Return who does so many inputs; None where they are to be done here, in turn.

        Args:
            items: how many inputs there are.
            bytes_each: of memory that a worker takes.
            folder: of the results.

        Raises:
            UnavailableError: for an executor that is not installed.
        """
        if self._here:
            return None
        timeout = self._seconds()
        if self.executor == "ray":
            from hclarity.batch.executors.ray_cluster import RayExecutor

            return RayExecutor(
                self._jobs(items, bytes_each),
                address=self.ray_address,
                gpus=self.ray_gpus,
                timeout=timeout,
            )
        if self.executor == "slurm":
            from hclarity.batch.executors.slurm import SlurmExecutor

            parameters = dict(self._parameters())
            jobs = self._jobs(items, bytes_each)
            return SlurmExecutor(jobs, folder / _SUBMITTED, parameters, timeout=timeout)
        from hclarity.batch.executors.local import LocalExecutor

        return LocalExecutor(self._jobs(items, bytes_each), timeout=timeout)

    def _jobs(self, items: int, bytes_each: int) -> int:
        if self.jobs and self.jobs != "auto":
            return int(self.jobs)
        from hclarity.batch.machine import sensible_jobs

        return sensible_jobs(items, cores_each=_CORES_EACH, bytes_each=bytes_each)

    def _seconds(self) -> float:
        return inf if self.timeout is None else parse_duration(self.timeout)

    def _parameters(self) -> Iterator[tuple[str, str]]:
        for word in self.slurm or ():
            key, equals, value = word.partition("=")
            if not (equals and key.isidentifier()):
                raise UsageError(f"expected --slurm KEY=VALUE, got {word!r}")
            yield key, value
