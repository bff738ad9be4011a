"""Small text files, and whose outputs are whose."""

from collections.abc import Iterable
from pathlib import Path

from hclarity.errors import CannotCreateError
from hclarity.registry.whole_files import write_whole

__all__ = ["Claims", "write_text"]


def write_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8, whole or not at all; what is no Unicode in names is escaped.

    Raises:
        CannotCreateError: when its folder is not there or may not be written to.
        StorageError: when the disk is full or fails.
    """
    write_whole(path, text.encode(errors="backslashreplace"))


class Claims:
    """Keeps one input's outputs from replacing another's in the same run, or an input itself."""

    def __init__(self) -> None:
        self._owners: dict[Path, Path] = {}

    def claim(self, output: Path, owner: Path, inputs: Iterable[Path]) -> None:
        """Let an output belong to ``owner``; takes and raises what `refuse` does."""
        self.refuse(output, owner, inputs)
        self._owners[output] = owner

    def refuse(self, output: Path, owner: Path, inputs: Iterable[Path]) -> None:
        """Refuse what cannot belong to ``owner``.

        Args:
            output: what shall be written.
            owner: the input as the user named it.
            inputs: the files that are read for it.

        Raises:
            CannotCreateError: when it is another's, or one of the inputs.
        """
        first = self._owners.get(output, owner)
        if first != owner:
            raise CannotCreateError(
                f"{owner}: {output} is already that of {first};"
                " rename one of them, or choose another --out"
            )
        if output.exists() and any(output.samefile(path) for path in inputs):
            raise CannotCreateError(f"{owner} would be replaced by {output}; choose another --out")
