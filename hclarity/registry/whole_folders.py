"""Folders that are whole or not there: filled under a temporary name, then renamed."""

import contextlib
import errno
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from hclarity.audio.part_names import clear_left_over, part_name
from hclarity.errors import CannotCreateError, StorageError
from hclarity.registry.whole_files import make_folder

__all__ = ["WholeFolder", "whole_folder"]


class WholeFolder:
    """A folder that is being filled.

    Args:
        path: its name, once it is whole.
        part: the folder that is filled.
    """

    def __init__(self, path: Path, part: Path) -> None:
        self.path, self._part = path, part

    def write(self, name: str, contents: bytes) -> None:
        """Write a file of it, ``name`` or ``folder/name``; raises `StorageError` on a full disk."""
        file = self._part / name
        try:
            file.parent.mkdir(exist_ok=True)
            with file.open("xb") as opened:
                opened.write(contents)
                opened.flush()
                os.fsync(opened.fileno())  # else, after a power cut, the new name may hold nothing
        except OSError as error:
            raise _told(self.path, error) from error

    def finish(self, may_replace: Callable[[Path], bool]) -> None:
        """Give it its name; what had that name is removed then, with all that is in it.

        Args:
            may_replace: whether what is there under that name may be removed.

        Raises:
            CannotCreateError: when it may not, or cannot be renamed; nothing has changed then.
        """
        if not os.path.lexists(self.path):
            self._rename(self._part, self.path)
        elif may_replace(self.path):
            self._exchange()
        else:
            raise CannotCreateError(f"{self.path} is there already and was not made by hclarity")

    def _exchange(self) -> None:
        old = part_name(self.path)
        self._rename(self.path, old)
        try:
            self._rename(self._part, self.path)
        except CannotCreateError:
            self._rename(old, self.path)
            raise
        shutil.rmtree(old, ignore_errors=True)

    def _rename(self, path: Path, name: Path) -> None:
        try:
            path.rename(name)
        except OSError as error:
            raise CannotCreateError(f"{self.path} cannot be written: {error.strerror}") from error


@contextlib.contextmanager
def whole_folder(path: Path) -> Iterator[WholeFolder]:
    """A folder to fill and to finish; what is not finished is removed, also what killed runs left.

    Raises:
        CannotCreateError: when it cannot be made.
        StorageError: when the disk is full or fails.
    """
    make_folder(path.parent)
    clear_left_over(path)
    part = part_name(path)
    make_folder(part)
    try:
        yield WholeFolder(path, part)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _told(path: Path, error: OSError) -> CannotCreateError | StorageError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO)
    kind = StorageError if full else CannotCreateError
    return kind(f"{path} cannot be written: {error.strerror}")
