"""What a file is, by its first bytes."""

from pathlib import Path

from hclarity.errors import MissingInputError

__all__ = ["holds_weights"]

_ZIP = b"PK\x03\x04"  # what torch has written since 1.6
_PICKLE = b"\x80"  # what it wrote before
_LENGTH = 8  # bytes: safetensors begins with the length of its header, which is JSON


def holds_weights(path: Path) -> bool:
    """Whether a file begins as weights do, and not, say, as a log-in page.

    Raises:
        MissingInputError: when the file is not there or may not be read.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_LENGTH + 1)
        size = path.stat().st_size
    except OSError as error:
        raise MissingInputError(f"cannot read {path}: {error.strerror}") from error
    header_fits = int.from_bytes(head[:_LENGTH], "little") <= size - _LENGTH
    return head.startswith((_ZIP, _PICKLE)) or (head[_LENGTH:] == b"{" and header_fits)
