"""What a batch works on: each thing with the name that its results get."""

import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path, PurePath

from hclarity.audio.sniffing import looks_like_sound
from hclarity.batch.shards import parse_shard
from hclarity.cli.layout import RECORD, track_name
from hclarity.cli.results import names_of_ours
from hclarity.errors import UsageError
from hclarity.registry.portable_names import portable_name

__all__ = ["Item", "wanted_items"]


@dataclass(frozen=True)
class Item:
    """A song, a folder of stems or another input.

    Args:
        path: as the user named it, or where it was found below a folder that was named.
        name: of its results; with the folders between, where it was found below one.
    """

    path: Path
    name: str

    @classmethod
    def of(cls, path: Path, above: PurePath | None = None) -> "Item":
        """A file that was named, or found in a folder, ``above`` being the way there."""
        return cls(path, _joined(above, track_name(path)))

    @classmethod
    def of_folder(cls, path: Path, above: PurePath | None = None) -> "Item":
        """Likewise a folder that is worked on itself."""
        return cls(path, _joined(above, portable_name(path.resolve().name)))


def wanted_items(
    words: Sequence[Path] | None,
    from_file: Path | None = None,
    shard: str | None = None,
    *,
    results: Collection[Path],
    is_item: Callable[[Path], bool] = lambda folder: False,
) -> list[Item]:
    """Return what is to be worked on, each once.

    A file is itself; of a folder all files below it that look like sound, but what we made and
    what is hidden; a pattern with ``*`` or ``?`` is what it matches. Links to folders are not
    followed.

    Args:
        words: what the user named.
        from_file: a list of more; ``-`` for what comes from stdin.
        shard: only those of this share, as typed.
        results: folders of results, in which nothing is looked for.
        is_item: whether a folder is to be worked on itself.

    Raises:
        UsageError: when nothing was named, or a list or share cannot be understood.
    """
    share = None if shard is None else parse_shard(shard)
    listed = _listed(from_file) if from_file else []
    if not words and not listed:
        raise UsageError("missing argument: name songs, folders of songs, or --from-file LIST")
    found: dict[Path, Item] = {}
    for word in _matching(words or ()):
        below = list(_below(word, results, is_item)) if word.is_dir() else []
        for item in below or [Item.of(word)]:  # an empty folder too, to be told of
            found.setdefault(item.path, item)
    for path in listed:
        item = Item.of_folder(path) if path.is_dir() else Item.of(path, _place(path))
        found.setdefault(path, item)
    return [item for item in found.values() if share is None or share.holds(item.name)]


def _place(path: Path) -> PurePath | None:
    """The folders of a file in a list, where they are relative: so albums stay apart."""
    above = PurePath(path).parent
    return None if above.anchor or ".." in above.parts else above


def _listed(file: Path) -> list[Path]:
    """Read names: a line each, or, in a list that has any, up to the next NUL."""
    try:
        content = sys.stdin.buffer.read() if file == Path("-") else file.read_bytes()
    except OSError as error:
        raise UsageError(f"--from-file {file} cannot be read: {error.strerror}") from error
    lines = content.split(b"\0") if b"\0" in content else content.splitlines()
    return [Path(os.fsdecode(line)) for line in lines if line.strip()]


def _joined(above: PurePath | None, name: str) -> str:
    parts = () if above is None else above.parts
    return "/".join([*map(portable_name, parts), name])


def _matching(words: Iterable[Path]) -> Iterator[Path]:
    for word in words:
        matches = (
            []
            if os.path.lexists(word) or not has_magic(str(word))
            else glob(str(word), recursive=True)
        )
        yield from map(Path, sorted(matches)) if matches else [word]


def _below(
    folder: Path, results: Collection[Path], is_item: Callable[[Path], bool]
) -> Iterator[Item]:
    """All items of a folder, in the order of their names."""
    skipped = {path.resolve() for path in results} - {folder.resolve()}
    unreadable: list[OSError] = []
    for place, folders, files in os.walk(folder, onerror=unreadable.append):
        here = Path(place)
        above = here.relative_to(folder)
        folders[:] = [
            name
            for name in sorted(folders)
            if not name.startswith(".") and (here / name).resolve() not in skipped
        ]
        if is_item(here):
            yield Item.of_folder(here, above.parent if above.parts else None)
        elif RECORD not in files:  # else they are stems
            ours = names_of_ours(here, files)
            for name in sorted(files):
                if not name.startswith(".") and name not in ours and looks_like_sound(here / name):
                    yield Item.of(here / name, above)
    yield from (Item.of_folder(Path(error.filename)) for error in unreadable)
