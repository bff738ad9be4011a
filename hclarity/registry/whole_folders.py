"""Folders that are whole or not there: filled under a temporary name, then renamed."""

import contextlib
import errno
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from hclarity.errors import CannotCreateError, StorageError
from hclarity.registry.whole_files import make_folder

__all__ = ["WholeFolder", "whole_folder"]

_PART = re.compile(r"\.\d+-[0-9a-f]{8}\.part")


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
        try:
            file = self._part / name
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(contents)
        except OSError as error:
            raise _told(self.path, error) from error

    def finish(self, clear_away: Callable[[Path], None]) -> None:
        """Give it its name.

        Args:
            clear_away: removes what has that name; is called if there is such.
        """
        try:
            if self.path.exists():
                clear_away(self.path)
            self._part.rename(self.path)
        except OSError as error:
            raise _told(self.path, error) from error


@contextlib.contextmanager
def whole_folder(path: Path) -> Iterator[WholeFolder]:
    """A folder to fill and to finish; what is not finished is removed, also what killed runs left.

    Raises:
        CannotCreateError: when it cannot be made.
        StorageError: when the disk is full or fails.
    """
    make_folder(path.parent)
    begin = f".{path.name[:40]}"
    with contextlib.suppress(OSError):
        for left in path.parent.iterdir():
            if left.name.startswith(begin) and _PART.fullmatch(left.name.removeprefix(begin)):
                shutil.rmtree(left, ignore_errors=True)
    part = path.with_name(f"{begin}.{os.getpid()}-{secrets.token_hex(4)}.part")
    make_folder(part)
    try:
        yield WholeFolder(path, part)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _told(path: Path, error: OSError) -> CannotCreateError | StorageError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO)
    kind = StorageError if full else CannotCreateError
    return kind(f"{path} cannot be written: {error.strerror}")
