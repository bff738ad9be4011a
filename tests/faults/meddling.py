"""Somebody who changes a file while the program reads it."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from hclarity.audio.reading import AudioReader
from hclarity.audio.values import Samples

__all__ = ["MEDDLINGS", "meddling"]


def _cut(path: Path, other: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _overwrite(path: Path, other: Path) -> None:
    """In place, as some programs save."""
    with path.open("r+b") as file:
        file.write(other.read_bytes())
        file.truncate()


def _replace(path: Path, other: Path) -> None:
    copy = path.with_name(f".{path.name}.new")
    shutil.copyfile(other, copy)
    copy.replace(path)


def _remove(path: Path, other: Path) -> None:
    path.unlink()


MEDDLINGS: dict[str, Callable[[Path, Path], None]] = {
    "cut": _cut,
    "overwritten": _overwrite,
    "replaced": _replace,
    "gone": _remove,
}


def meddling(path: str, other: str, how: str, reading: int) -> None:
    """Change a file when the program has begun to read its sound for the so-manieth time, from 0.

    Args:
        path: of the file; of all that is called so.
        other: what it is changed to, where it is not cut or removed.
        how: one of the `MEDDLINGS`.
        reading: number -1 is before any.
    """
    left = [reading]
    blocks, excerpt = AudioReader.blocks, AudioReader.excerpt

    def meddle(reader: AudioReader) -> None:
        if str(reader.path) == path:
            if left[0] == 0:
                MEDDLINGS[how](Path(path), Path(other))
            left[0] -= 1

    def read(reader: AudioReader, frames: int = 65536) -> Iterator[Samples]:
        for number, block in enumerate(blocks(reader, frames)):
            if number == 0:
                meddle(reader)
            yield block

    def cut_out(reader: AudioReader, start: int, frames: int) -> Samples:
        meddle(reader)
        return excerpt(reader, start, frames)

    AudioReader.blocks, AudioReader.excerpt = read, cut_out  # type: ignore[method-assign]
