"""How a run ends: one line on stderr, and the exit code of whatever ended it."""

import os
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from typer import Exit, TyperException

from hclarity.errors import HclarityError, StorageError, UsageError
from hclarity.report.console import Reporter

__all__ = ["KILLED_BY", "end_on_signals", "ending", "told", "uninterrupted"]

_INTERNAL_ERROR = 70
KILLED_BY = 128  # and the signal's number, as shells say it
_DEBUG = "HCLARITY_DEBUG"


class _Signalled(KeyboardInterrupt):
    """A polite kill: all that cleans up after Ctrl-C cleans up after it."""

    def __init__(self, number: int = signal.SIGINT) -> None:
        self.number = number


def end_on_signals() -> None:
    """Let a kill, or the terminal's closing, end the run as Ctrl-C does."""

    def stop(number: int, _: FrameType | None) -> None:
        raise _Signalled(number)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number and signal.getsignal(number) is signal.SIG_DFL:  # nohup ignores it: so do we
            signal.signal(number, stop)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let signals wait until the block has ended: torch aborts on one while it is imported."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    ours = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ours)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def ending() -> Iterator[None]:
    """Turn what ends the block into a line on stderr and an exit code.

    Raises:
        Exit: with the code, in the place of any other exception.
    """
    try:
        yield
    except Exit:
        raise
    except BrokenPipeError:  # whoever read what we print has seen enough
        _print_to_nowhere()
        raise Exit(0) from None
    except KeyboardInterrupt as error:
        number = error.number if isinstance(error, _Signalled) else signal.SIGINT
        Reporter().error("interrupted; the same command again does what is missing")
        raise Exit(KILLED_BY + number) from None
    except Exception as error:
        line, code = told(error)
        Reporter().error(line)
        raise Exit(code) from None


def told(error: Exception) -> tuple[str, int]:
    """Return the line and the exit code of an error; show its trace to who mends hclarity."""
    if os.environ.get(_DEBUG):
        traceback.print_exc()
    match error:
        case HclarityError():
            return str(error), error.exit_code
        case TyperException():
            return _usage(error), UsageError.exit_code
        case MemoryError():
            line = "out of memory; close other programs, or use fewer --jobs"
            return line, StorageError.exit_code
        case OSError():  # one that nobody saw coming, but no bug
            return (
                f"{error.filename or 'input or output'}: {error.strerror}",
                StorageError.exit_code,
            )
        case _:
            what = f"internal error: {type(error).__name__}: {error}"
            where = f"this is a bug of hclarity: set {_DEBUG}=1 to see where, and please report it"
            return f"{what}; {where}", _INTERNAL_ERROR


def _usage(error: TyperException) -> str:
    """What is wrong with the command line, on one line."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "hclarity"
    words = " ".join(error.format_message().replace("Value error, ", "").split()).rstrip(".")
    return f"{words[:1].lower()}{words[1:]} (see {command} --help)"


def _print_to_nowhere() -> None:
    """Python flushes both streams as it ends, and would complain of the pipe once more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
