"""Files that torch writes and reads: checkpoints, and items that went wrong."""

import io
from pathlib import Path
from typing import Any

import torch

from hclarity.errors import BadDataError, MissingInputError
from hclarity.registry.whole_files import write_whole

__all__ = ["cannot_go_on", "load_checkpoint", "save_tensors"]


def save_tensors(path: Path, state: object) -> None:
    """Write tensors, and what goes with them.

    Raises:
        CannotCreateError: when the folder is not there or may not be written to.
        StorageError: when the disk is full or fails.
    """
    contents = io.BytesIO()
    torch.save(state, contents)
    write_whole(path, contents.getvalue())


def load_checkpoint(path: Path) -> dict[str, Any] | None:
    """Read what lets a run go on; None where there is nothing yet.

    Raises:
        MissingInputError: when it may not be read.
        BadDataError: when it is damaged.
    """
    if not path.exists():
        return None
    try:
        return dict(torch.load(path, map_location="cpu", weights_only=True))
    except PermissionError as error:
        raise MissingInputError(f"cannot read {path}: {error.strerror}") from error
    except Exception as error:  # torch raises whatever its parsers raise
        raise BadDataError(cannot_go_on(path)) from error


def cannot_go_on(path: Path) -> str:
    """What to say of a checkpoint that is of no use."""
    return f"cannot go on from {path}: it is damaged or of another run; remove it to begin again"
