"""How a batch went."""

from collections.abc import Mapping

__all__ = ["batch_summary"]


def batch_summary(summary: Mapping[str, float]) -> str:
    """Return one line or two: what was done, and how fast.

    >>> print(batch_summary({"done": 7, "already_done": 2, "failed": 1, "audio_hours": 0.5,
    ...     "seconds": 60.0, "times_real_time": 30.0}))
    done 7, already done 2, failed 1; 0.5 h of music in 1 min, 30 times as fast as it plays
    """
    told = [f"done {summary['done']:.0f}"]
    for key in ("already_done", "failed"):
        if summary[key]:
            told.append(f"{key.replace('_', ' ')} {summary[key]:.0f}")
    line = ", ".join(told)
    if summary["audio_hours"]:
        line += f"; {summary['audio_hours']:.2g} h of music in {_length(summary['seconds'])},"
        line += f" {summary['times_real_time']:.3g} times as fast as it plays"
    return line


def _length(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"
