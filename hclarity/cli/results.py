"""Which files among others we have made."""

from collections.abc import Iterable
from pathlib import Path

from hclarity.cli.earlier_remix import earlier_remix
from hclarity.cli.layout import RECORD, file_names, read_record
from hclarity.errors import CannotCreateError

__all__ = ["names_of_ours"]

_REPORT = ".remix.json"


def names_of_ours(folder: Path, names: Iterable[str]) -> set[str]:
    """Return the names of remixes, and of stems that lie beside their songs.

    Args:
        folder: in which they are.
        names: of all files there.
    """
    ours: set[str] = set()
    for name in names:
        if name.endswith(_REPORT):
            ours |= _of_remix(folder / name)
        elif name.endswith(f".{RECORD}"):
            ours |= _of_separation(folder / name)
    return ours


def _of_remix(report: Path) -> set[str]:
    try:
        earlier = earlier_remix(report)
    except CannotCreateError:  # it is no report of ours
        return set()
    return set(earlier.audio) if earlier else set()


def _of_separation(place: Path) -> set[str]:
    record = read_record(place)
    return set() if record is None else set(file_names(record).values())
