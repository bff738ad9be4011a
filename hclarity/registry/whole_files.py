"""Files that are whole or not there: written under a temporary name, then renamed; and folders."""

import contextlib
import errno
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from hclarity.audio.part_names import part_name
from hclarity.errors import CannotCreateError, MissingInputError, StorageError

__all__ = ["clear_unfinished", "copy_whole", "make_folder", "refuse_uncreatable", "write_whole"]


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, unless it is there.

    Raises:
        CannotCreateError: when it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotCreateError(f"{path} cannot be made a folder: {error.strerror}") from error


def refuse_uncreatable(path: Path) -> None:
    """Refuse, before anything is computed or made, a file that could not be created.

    Raises:
        CannotCreateError: when it is a folder, or its folder may not be written to or made.
    """
    if path.is_dir():
        raise CannotCreateError(f"{path} cannot be created: it is a folder")
    there = next(folder for folder in path.absolute().parents if folder.exists())
    if not there.is_dir():
        raise CannotCreateError(f"{path} cannot be created: {there.name} is not a folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise CannotCreateError(f"{path} cannot be created: its folder may not be written to")


def write_whole(path: Path, contents: bytes, *, first: Callable[[], object] = lambda: None) -> None:
    """Write a file, or leave what was there untouched.

    Args:
        path: of the file.
        contents: of it.
        first: done when all is written, before it gets its name.

    Raises:
        CannotCreateError: when its folder is not there or may not be written to.
        StorageError: when the disk is full or fails.
    """
    with _renamed_to(path, first) as part:
        part.write_bytes(contents)


def copy_whole(source: Path, path: Path) -> None:
    """Copy a file, or leave what was there untouched.

    Raises:
        MissingInputError: when the file to copy is not there or may not be read.
        CannotCreateError: when the folder of the copy is not there or may not be written to.
        StorageError: when the disk is full or fails.
    """
    try:
        opened = source.open("rb")
    except OSError as error:
        raise MissingInputError(f"cannot read {source}: {error.strerror}") from error
    with opened, _renamed_to(path) as part, part.open("wb") as copy:
        shutil.copyfileobj(opened, copy, length=1 << 20)


def clear_unfinished(folder: Path) -> None:
    """Take away what writers that were killed have left in a folder under temporary names.

    What writers have there that are still at work stays, and so does all where nobody can tell.
    """
    with contextlib.suppress(OSError):
        for part in [*folder.glob(".*.part")]:
            pid = part.name.split(".")[-2].partition("-")[0]  # as in `part_name`
            if pid.isdigit() and part.is_file() and _has_ended(int(pid)):
                part.unlink(missing_ok=True)


def _has_ended(pid: int) -> bool:
    """Whether a process is no more; False where asking would be a signal to it."""
    if os.name != "posix":
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:  # it is somebody else's
        return False
    return False


@contextlib.contextmanager
def _renamed_to(path: Path, first: Callable[[], object] = lambda: None) -> Iterator[Path]:
    """A name to write to, which becomes the file's when all is written."""
    part = part_name(path)
    if path.exists() and not (path.is_file() or path.is_dir()):  # which a file would replace
        raise CannotCreateError(f"{path} is a device or a pipe; name a file")
    try:
        yield part
        _reach_disk(part)  # else, after a power cut, the new name may hold nothing
        first()
        part.replace(path)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError) as error:
        raise CannotCreateError(f"{path} cannot be created: {error.strerror}") from error
    except OSError as error:
        kind = CannotCreateError if error.errno == errno.EROFS else StorageError
        raise kind(f"{path} cannot be written: {error.strerror}") from error
    finally:
        with contextlib.suppress(OSError):  # the first error is the one to tell
            part.unlink()


def _reach_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
