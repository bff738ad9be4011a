"""Files that are whole or not there: written under a temporary name, then renamed."""

import contextlib
import os
from pathlib import Path

from hclarity.errors import CannotCreateError, StorageError

__all__ = ["write_whole"]


def write_whole(path: Path, contents: bytes) -> None:
    """Write a file, or leave what was there untouched.

    Raises:
        CannotCreateError: when its folder is not there or may not be written to.
        StorageError: when the disk is full or fails.
    """
    part = path.with_name(f".{path.name[:40]}.{os.getpid()}.part")
    try:
        part.write_bytes(contents)
        part.replace(path)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError) as error:
        raise CannotCreateError(f"{path} cannot be created: {error.strerror}") from error
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        with contextlib.suppress(OSError):  # the first error is the one to tell
            part.unlink()
