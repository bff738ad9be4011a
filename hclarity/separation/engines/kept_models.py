"""Converted models, kept from one run to the next."""

import contextlib
import hashlib
import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hclarity.separation.engines.openvino_door import openvino, openvino_core, openvino_lock

__all__ = ["kept_model"]

_DIGEST = "sha256.txt"
_DAY_S = 24 * 60 * 60
_MOST_KEPT = 8  # of all that were used, the latest: a large net takes 340 MB


def kept_model(folder: Path, convert: Callable[[], Any]) -> Any:
    """Return the ``openvino.Model`` that is kept in a folder, or convert it and keep it there.

    What is damaged is converted again; where nothing can be kept, nothing is. Of threads that want
    the same model, one converts it; processes may each do so, and one of them is the last.

    Args:
        folder: of this model alone; its name says all that it depends on.
        convert: makes the model.
    """
    with openvino_lock:
        return _read(folder) or _made(folder, convert)


def _made(folder: Path, convert: Callable[[], Any]) -> Any:
    model = convert()
    part = folder.with_name(f".{folder.name}.{os.getpid()}.{threading.get_ident()}.part")
    try:
        part.mkdir(parents=True)
        openvino().save_model(model, part / "model.xml", compress_to_fp16=False)
        (part / _DIGEST).write_bytes(_digest(part))
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)
    except (OSError, RuntimeError):  # a full disk, a closed folder, another process that was first
        pass
    finally:
        shutil.rmtree(part, ignore_errors=True)
    _clear_away(folder.parent)
    return _read(folder) or model  # from the file its weights take no memory of their own


def _clear_away(place: Path) -> None:
    """Remove what was not used for longest, and what a process that was killed left a day ago."""
    with contextlib.suppress(OSError):
        ages = {time.time() - kept.stat().st_mtime: kept for kept in place.iterdir()}
        whole = [age for age in sorted(ages) if not ages[age].name.endswith(".part")]
        left = [age for age in ages if age > _DAY_S and ages[age].name.endswith(".part")]
        for age in (*whole[_MOST_KEPT:], *left):
            shutil.rmtree(ages[age], ignore_errors=True)


def _read(folder: Path) -> Any | None:
    try:
        if (folder / _DIGEST).read_bytes() != _digest(folder):
            return None
        with contextlib.suppress(OSError):
            os.utime(folder)  # it is in use
        return openvino_core().read_model(folder / "model.xml")
    except (OSError, RuntimeError):
        return None


def _digest(folder: Path) -> bytes:
    digest = hashlib.sha256()
    for name in ("model.xml", "model.bin"):
        with (folder / name).open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest().encode()
