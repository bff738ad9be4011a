"""How a batch went."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hclarity.report.console import one_line

__all__ = ["batch_summary"]

_SCROLLED_AWAY = 10  # inputs; of fewer, what failed can still be seen above
_MOST_NAMED = 20


def batch_summary(summary: Mapping[str, float], failed: Sequence[Mapping[str, Any]]) -> str:
    """Return what was done, how fast, and of many inputs once more what failed, and why.

    Args:
        summary: numbers, by name.
        failed: a document for each failure, with its ``error``.

    >>> print(batch_summary({"done": 7, "already_done": 2, "failed": 1, "audio_hours": 0.5,
    ...     "seconds": 60.0, "times_real_time": 30.0}, [{"error": "a.flac is empty: 0 bytes"}]))
    done 7, already done 2, failed 1; 0.5 h of music in 1 min, 30 times as fast as it plays
    """
    return "\n".join([_numbers(summary), *_failures(summary, failed)])


def _numbers(summary: Mapping[str, float]) -> str:
    told = [f"done {summary['done']:.0f}"]
    for key in ("already_done", "failed"):
        if summary[key]:
            told.append(f"{key.replace('_', ' ')} {summary[key]:.0f}")
    line = ", ".join(told)
    if summary["audio_hours"]:
        line += f"; {summary['audio_hours']:.2g} h of music in {_length(summary['seconds'])},"
        line += f" {summary['times_real_time']:.3g} times as fast as it plays"
    return line


def _failures(summary: Mapping[str, float], failed: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if sum(summary[key] for key in ("done", "already_done", "failed")) <= _SCROLLED_AWAY:
        return
    for failure in failed[:_MOST_NAMED]:
        yield one_line(f"failed: {failure['error']}")
    if len(failed) > _MOST_NAMED:
        yield f"and {len(failed) - _MOST_NAMED} more, which are named above and in --json"


def _length(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"
