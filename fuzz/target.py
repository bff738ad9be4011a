"""A reader under fire, and what must be true of whatever it makes of a file."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from fuzz import ROOT
from hclarity.errors import HclarityError

__all__ = ["Target", "WrongRefusalError"]

_LONGEST_MESSAGE = 2000


class WrongRefusalError(AssertionError):
    """A file was refused in words that are no line for a person."""


@dataclass(frozen=True)
class Target:
    """A reader of strangers' files.

    Args:
        name: what it reads, in a word.
        read: takes the path of a file, and returns anything or raises an `HclarityError`.
        seeds: makes files that it can read, by their names.
        file_name: under which they are read, where that matters.
        largest: bytes of a file that is tried.
        share: of all executions that it gets, beside the others' shares.
    """

    name: str
    read: Callable[[Path], object]
    seeds: Callable[[], dict[str, bytes]]
    file_name: str = "file"
    largest: int = 8192
    share: float = 1.0

    def attempt(self, content: bytes, folder: Path) -> str:
        """Let a file with this content be read.

        Returns:
            "read", or the name of the error with which it was refused.

        Raises:
            WrongRefusalError: when that error is not one printable line.
            Exception: whatever else the reader raises, and should not.
        """
        path = folder / self.file_name
        path.write_bytes(content)
        try:
            self.read(path)
        except HclarityError as error:
            message = str(error)
            if not message.isprintable() or not 0 < len(message) < _LONGEST_MESSAGE:
                raise WrongRefusalError(repr(message[:_LONGEST_MESSAGE])) from error
            return type(error).__name__
        return "read"

    def once_failed(self) -> Iterable[Path]:
        """Return the files kept here because a reader once failed on them."""
        return sorted((ROOT / "fuzz" / "corpus" / self.name).glob("*"))
