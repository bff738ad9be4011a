"""What this machine has for a batch: cores, and memory that nobody uses yet."""

import os
from contextlib import suppress
from pathlib import Path

__all__ = ["cores", "free_bytes", "sensible_jobs"]

_CGROUP = Path("/sys/fs/cgroup")
_MEMINFO = Path("/proc/meminfo")


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def free_bytes() -> int | None:
    """How much memory is free, or could be; of the container's share, if there is one.

    None where that is not known, which is everywhere but on Linux.
    """
    found = [size for size in (_of_machine(), _of_container()) if size is not None]
    return min(found) if found else None


def sensible_jobs(items: int, *, cores_each: int, bytes_each: int) -> int:
    """How many workers are quickest and fit: at least one, at most one for each item."""
    free = free_bytes()
    fitting = items if free is None else free // bytes_each
    return max(1, min(items, cores() // cores_each, fitting))


def _of_machine() -> int | None:
    with suppress(OSError, ValueError):
        for line in _MEMINFO.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return None


def _of_files() -> int:
    """How much holds copies of files that nobody needs at the moment."""
    with suppress(OSError, ValueError):
        for line in (_CGROUP / "memory.stat").read_text().splitlines():
            if line.startswith("inactive_file "):
                return int(line.split()[1])
    return 0


def _of_container() -> int | None:
    with suppress(OSError, ValueError):  # ValueError: of "max", where there is no limit
        most = int((_CGROUP / "memory.max").read_text())
        used = int((_CGROUP / "memory.current").read_text())
        return max(0, most - used + _of_files())
    return None
