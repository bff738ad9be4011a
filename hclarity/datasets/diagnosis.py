"""Why no songs were found: what was expected, what is there instead, and what to do."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from hclarity.datasets.data_set import DataSet
from hclarity.datasets.folders import entries, find_tracks, folders_in
from hclarity.datasets.tracks import Track

__all__ = ["why_none"]

_SHOWN = 4  # names of what is there
_LEVELS = 4  # from audio/SPLIT/PIECE/Mix_1 up to the root


def why_none(
    known: DataSet, root: Path, split: str, tracks: Sequence[Track], others: Sequence[DataSet]
) -> str:
    """Return one line for the user.

    Args:
        known: what was looked for.
        root: where.
        split: which part of it.
        tracks: those found, if any; then some of them lack stems.
        others: what it may be instead.
    """
    found = _lacking(known, tracks) if tracks else _instead(known, root, split, others)
    told = f"no {split} songs of {known.title} in {root}: expected {known.layout}; found {found}"
    return told if known.page is None else f"{told}; get it at {known.page} ({known.licence})"


def _lacking(known: DataSet, tracks: Sequence[Track]) -> str:
    """How many songs are incomplete, and what the first of them lacks."""
    lacking = [track for track in tracks if known.missing(track)]
    first = lacking[0].name
    names = ", ".join(f"{name}.wav" for name in known.missing(lacking[0]))
    if len(lacking) == 1:
        return f"{first} without {names}"
    return f"{len(lacking)} songs without all stems, the first {first} without {names}"


def _instead(known: DataSet, root: Path, split: str, others: Sequence[DataSet]) -> str:
    if not root.exists():
        return "no such folder"
    if not root.is_dir():
        return "a file"
    # Anything with stems is a folder of stems, so that guess comes after more exact ones.
    published = [other for other in others if other.page is not None]
    if other := _other(published, root, split):
        return other
    if place := _elsewhere(known, root, [split]):
        return f"them elsewhere: use --root {place}"
    if other := _other(others, root, split):
        return other
    if splits := [name for name in known.splits if known.is_in(root, name)]:
        return f"only {' and '.join(splits)} songs"
    if place := _elsewhere(known, root, known.splits):
        return f"songs of other splits elsewhere: use --root {place}"
    whole = root.absolute()
    if find_tracks(whole.parent, whole.name):
        return f"songs that are in no split: move them into {root / split}"
    if archives := [path.name for path in entries(root) if path.suffix == ".zip"]:
        return f"{_some(archives)}: unpack it first"
    return _some([path.name for path in entries(root)]) or "an empty folder"


def _other(others: Iterable[DataSet], root: Path, split: str) -> str | None:
    """Which data set it is instead, if any."""
    other = next((other for other in others if other.is_in(root, split)), None)
    return None if other is None else f"{other.title}: use --dataset {other.name}"


def _elsewhere(known: DataSet, root: Path, splits: Iterable[str]) -> Path | None:
    """The root to give: up from a song's own folder, or one level down."""
    near = [*root.absolute().parents[:_LEVELS], *folders_in(root)]
    return next((path for split in splits for path in near if known.is_in(path, split)), None)


def _some(names: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
