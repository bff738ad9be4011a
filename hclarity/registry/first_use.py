"""Trust on first use: what came first is remembered, and must be the same ever after.

The digest of a file stands beside it, in ``FILE.sha256``, as ``sha256sum --check`` reads it.
"""

import re
from pathlib import Path

from hclarity.errors import BadDataError, MissingInputError
from hclarity.registry.whole_files import write_whole

__all__ = ["digest_path", "remember", "remembered"]

_LONGEST = 1000  # letters: a digest, and a name


def digest_path(path: Path) -> Path:
    """Return where the digest of a file is kept."""
    return path.with_name(f"{path.name}.sha256")


def remember(path: Path, digest: str) -> None:
    """Keep the digest that a file has now.

    Raises:
        CannotCreateError: when it cannot be written there.
        StorageError: when the disk is full or fails.
    """
    write_whole(digest_path(path), f"{digest}  {path.name}\n".encode())


def remembered(path: Path) -> str | None:
    """Return the digest that a file had when it was first seen; None if it never was.

    Raises:
        MissingInputError: when the record may not be read.
        BadDataError: when it is no record of a digest.
    """
    record = digest_path(path)
    try:
        with record.open(encoding="utf-8", errors="replace") as file:
            words = file.read(_LONGEST).split()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise MissingInputError(f"cannot read {record}: {error.strerror}") from error
    if not words or not re.fullmatch("[0-9a-f]{64}", words[0]):
        raise BadDataError(f"{record} does not hold a SHA-256; delete it and {path.name}")
    return words[0]
