"""Small files that a stranger may have made, read without waiting or filling the memory."""

import os
import stat
from pathlib import Path

from hclarity.errors import BadDataError, MissingInputError

__all__ = ["bytes_of"]


def bytes_of(path: Path, most: int) -> bytes:
    """Return what a file holds.

    Args:
        path: of a plain file: a pipe could be waited for without end, a device read without end.
        most: bytes that it may have.

    Raises:
        MissingInputError: when it is not there, is no plain file, or may not be read.
        BadDataError: when it has more; the message does not name it.
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise MissingInputError(f"cannot read {path}: it is not a file")
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise MissingInputError(f"cannot read {path}: {error.strerror}") from error
    except ValueError:  # a NUL, which no name has
        raise MissingInputError(f"cannot read {path}: no file can have that name") from None
    if len(content) > most:
        raise BadDataError(f"larger than {most} bytes")
    return content
