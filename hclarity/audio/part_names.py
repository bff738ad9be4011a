"""What files and folders are called while they are being written, and what killed runs left so."""

import contextlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

__all__ = ["clear_left_over", "clear_old", "part_name"]

_LONGEST = 40
_END = r"\d+(-[0-9a-f]{8})?\.part"
_PART = re.compile(r"\..{1,40}\." + _END)
_DAY = 24 * 3600.0  # seconds; no run takes as long over one song


def part_name(path: Path) -> Path:
    """A sibling name that no other writer uses, hidden, and short enough for any file system.

    Nobody can guess it, and lay a link there that leads to another file.
    """
    return path.with_name(f"{_beginning(path)}{os.getpid()}-{secrets.token_hex(4)}.part")


def clear_left_over(path: Path) -> None:
    """Take away what killed runs have left of a file, where nobody else can be writing it now.

    What cannot be looked at or removed stays: it is in nobody's way.
    """
    its = re.compile(re.escape(_beginning(path)) + _END)
    _remove(part for part in _parts(path.parent) if its.fullmatch(part.name))


def clear_old(folder: Path) -> None:
    """Likewise of any file, a day later."""
    _remove(part for part in _parts(folder) if _age(part) > _DAY)


def _beginning(path: Path) -> str:
    """What all such names of a file begin with, and those of no other."""
    name = path.name
    if len(name) > _LONGEST:
        digest = sha256(os.fsencode(name)).hexdigest()[:8]
        name = f"{name[: _LONGEST - 9]}-{digest}"
    return f".{name}."


def _parts(folder: Path) -> list[Path]:
    with contextlib.suppress(OSError):
        return [part for part in folder.glob(".*.part") if _PART.fullmatch(part.name)]
    return []


def _age(path: Path) -> float:
    with contextlib.suppress(OSError):
        return time.time() - path.stat().st_mtime
    return 0.0


def _remove(parts: Iterable[Path]) -> None:
    for part in parts:
        with contextlib.suppress(OSError):
            if part.is_dir() and not part.is_symlink():
                shutil.rmtree(part)
            else:
                part.unlink()
