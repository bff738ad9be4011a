"""Files that are read more than once, and must be the same each time."""

from collections.abc import Iterable
from pathlib import Path

from hclarity.errors import BadDataError, MissingInputError

__all__ = ["UnchangedFiles"]


class UnchangedFiles:
    """Files as they look now, to be compared with what they look like once they have been read.

    What is written to has another size or time, what is replaced is another file. Whatever reads
    them meanwhile has then read one version of each.

    Args:
        paths: theirs; looked at before anything of them is read, their digests included.

    Raises:
        MissingInputError: when one is not there.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._looks = {path: _look(path) for path in paths}

    def require(self) -> None:
        """Refuse what has been made of files that are no longer the same.

        Raises:
            BadDataError: when one has changed.
            MissingInputError: when one is gone.
        """
        for path, before in self._looks.items():
            if _look(path) != before:
                raise BadDataError(
                    f"{path} changed while it was read; the same command again takes it as it is"
                )


def _look(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except OSError as error:
        raise MissingInputError(f"cannot read {path}: {error.strerror}") from error
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
