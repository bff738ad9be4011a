"""Ending politely: the first signal lets the step end, the second ends at once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["Stop", "stopping"]


class Stop:
    """Whether, and by which signal, a run has been asked to end."""

    signal: int | None = None


@contextmanager
def stopping() -> Iterator[Stop]:
    """Within the block, note the first SIGINT, SIGTERM or SIGHUP instead of obeying it."""
    stop = Stop()
    before = {}

    def note(number: int, frame: FrameType | None) -> None:
        if stop.signal is not None:
            raise KeyboardInterrupt
        stop.signal = number

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number and signal.getsignal(number) is not signal.SIG_IGN:  # nohup ignores it
            before[number] = signal.signal(number, note)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
