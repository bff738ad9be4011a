"""Who is at work on what, where several programs, or hosts, share a folder.

A lease is a small hidden file beside what is being made, which its holder touches every few
seconds. One whose holder has died is free at once on the same host, and elsewhere when it has not
been touched for a minute by the monotonic clock of whoever wants it: clocks that differ, or go
backwards, change nothing. A holder that was held up for longer may so lose it: it learns of that
before it names what it has made, and leaves the thing to the other.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from errno import EROFS
from hashlib import sha256
from pathlib import Path

from filelock import SoftFileLease, Timeout

from hclarity.errors import CannotCreateError, HclarityError, StorageError

__all__ = ["Busy", "Require", "forget_the_dead", "leased"]

_EXPIRES_S = 60.0  # all who share a folder must agree on it
_LOOK_EVERY_S = 0.5

Require = Callable[[], None]


class Busy(Exception):
    """Somebody else is at work on it.

    Args:
        lease: the file that says so.
    """

    def __init__(self, lease: Path) -> None:
        super().__init__(lease)
        self.lease = lease

    def __str__(self) -> str:
        return f"another program is at work in {self.lease.parent} ({self.lease.name})"

    def wait(self) -> None:
        """Wait until nobody is, because it is done or given up.

        Raises:
            CannotCreateError: when the folder can no longer be written to.
        """
        with _held(self.lease, timeout=-1):
            pass


@contextmanager
def leased(folder: Path, name: str) -> Iterator[Require]:
    """Keep others, while the block runs, from the work on one thing.

    Yields what is to be called before results get their names: it raises `Busy` where the lease was
    lost, because this program was held up for a minute. What else goes wrong then is so told, too.

    Args:
        folder: that all of them share; made where it is not there, and then taken away again if
            nothing has come to lie in it.
        name: of the thing, in that folder.

    Raises:
        Busy: when somebody else is at work on it.
        CannotCreateError: when the folder cannot be written to.
        StorageError: when the disk is full or fails.
    """
    new = _make(folder)
    try:
        with _held(_lease_of(folder, name)) as require:
            try:
                yield require
            except HclarityError:
                require()
                raise
    finally:
        if new:
            with suppress(OSError):  # there is something in it
                folder.rmdir()


def forget_the_dead(folder: Path, name: str) -> None:
    """Take away the lease of a holder that was killed when all was done, if there is one."""
    if _lease_of(folder, name).exists():
        with suppress(Busy, HclarityError), leased(folder, name):
            pass


def _lease_of(folder: Path, name: str) -> Path:
    digest = sha256(name.encode(errors="surrogateescape")).hexdigest()
    return folder / f".{digest[:24]}.lease"


def _make(folder: Path) -> bool:
    """Make a folder; return whether it was not there."""
    if folder.is_dir():
        return False
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotCreateError(f"{folder} cannot be made a folder: {error.strerror}") from error
    return True


@contextmanager
def _held(path: Path, timeout: float = 0) -> Iterator[Require]:
    lease = SoftFileLease(
        path, lease_duration=_EXPIRES_S, timeout=timeout, poll_interval=_LOOK_EVERY_S
    )
    try:
        lease.acquire()
    except Timeout:
        raise Busy(path) from None
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        reason = f"{path.parent} cannot be written to: {error.strerror}"
        raise CannotCreateError(reason) from error
    except OSError as error:
        reason = f"{path.parent} cannot be written to: {error.strerror}"
        raise (CannotCreateError if error.errno == EROFS else StorageError)(reason) from error

    def require() -> None:
        if lease.compromise is not None or not lease.is_lock_held_by_us:
            raise Busy(path)

    try:
        yield require
    finally:
        lease.release()
