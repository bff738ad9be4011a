"""A file of which only so much can be read.

Tags state their own sizes, and a parser believes them: a few bytes can ask for gigabytes, a million
tiny comments for as many objects. Behind this, neither gets them.
"""

import os
from typing import BinaryIO

from hclarity.errors import BadDataError

__all__ = ["FrugalFile"]

_MOST_BYTES = 32_000_000
_MOST_READS = 100_000


class FrugalFile:
    """The reading half of a binary file, with limits over its whole life.

    Args:
        file: open for reading, seekable.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = file.seek(0, os.SEEK_END)
        self._bytes_left = _MOST_BYTES
        self._reads_left = _MOST_READS
        file.seek(0)

    def read(self, size: int = -1) -> bytes:
        """Read as any file does.

        Raises:
            BadDataError: when more is asked for than the limits leave.
        """
        there = max(0, self._size - self._file.tell())
        size = there if size < 0 else min(size, there)
        self._bytes_left -= size
        self._reads_left -= 1
        if self._bytes_left < 0:
            raise BadDataError(f"they have more than {_MOST_BYTES / 1e6:g} MB")
        if self._reads_left < 0:
            raise BadDataError(f"they have more than {_MOST_READS} parts")
        return self._file.read(size)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move as any file does."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._file.tell()
