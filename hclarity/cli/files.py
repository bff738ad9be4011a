"""Small text files, and that no input is replaced."""

from collections.abc import Callable, Iterable
from pathlib import Path

from hclarity.errors import CannotCreateError
from hclarity.registry.whole_files import write_whole

__all__ = ["refuse_to_replace", "write_text"]


def write_text(path: Path, text: str, *, first: Callable[[], object] = lambda: None) -> None:
    """Write a text file in UTF-8, whole or not at all; what is no Unicode in names is escaped.

    Args:
        path: of the file.
        text: in it.
        first: done when all is written, before it gets its name.

    Raises:
        CannotCreateError: when its folder is not there or may not be written to.
        StorageError: when the disk is full or fails.
    """
    write_whole(path, text.encode(errors="backslashreplace"), first=first)


def refuse_to_replace(output: Path, inputs: Iterable[Path]) -> None:
    """Refuse to write to what is read.

    Raises:
        CannotCreateError: when the output is one of the inputs.
    """
    for path in inputs:
        if output.exists() and path.exists() and output.samefile(path):
            raise CannotCreateError(f"{path} would be replaced by {output}; choose another --out")
