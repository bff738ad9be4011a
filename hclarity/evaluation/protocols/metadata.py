"""The JSON files of a challenge: who hears which song, and how it shall be changed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hclarity.errors import BadDataError, MissingInputError
from hclarity.hearing.audiogram import Listener
from hclarity.hearing.formats.reading import read_listeners
from hclarity.hearing.strict_json import as_list, as_number, as_object, as_text, parse

__all__ = ["Entry", "Metadata", "Scene"]

_SCENES = ("scenes", "scene")
_PAIRS = ("scene_listeners", "scenes_listeners")


@dataclass(frozen=True)
class Entry:
    """An object of a file, whose values are asked for by kind.

    All raise a BadDataError that names file, object and key.

    Args:
        where: it stands, for errors.
        values: by key.
    """

    where: str
    values: Mapping[str, object]

    def text(self, key: str) -> str:
        """Return a text."""
        return as_text(self._value(key), f"{self.where}: {key}")

    def number(self, key: str) -> float:
        """Return a number."""
        return as_number(self._value(key), f"{self.where}: {key}")

    def numbers(self, key: str) -> tuple[float, ...]:
        """Return a list of numbers."""
        values = as_list(self._value(key), f"{self.where}: {key}")
        return tuple(as_number(value, f"{self.where}: {key}") for value in values)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        values = as_list(self._value(key), f"{self.where}: {key}")
        return tuple(as_text(value, f"{self.where}: {key}") for value in values)

    def entry(self, key: str) -> "Entry":
        """Return an object."""
        value = as_object(self._value(key), f"{self.where}: {key}")
        return Entry(f"{self.where}: {key}", value)

    def entries(self) -> Iterator[tuple[str, "Entry"]]:
        """Return all, which are objects."""
        return ((key, self.entry(key)) for key in self.values)

    def numbers_by_name(self, key: str) -> dict[str, float]:
        """Return an object of numbers."""
        entry = self.entry(key)
        return {name: entry.number(name) for name in entry.values}

    def _value(self, key: str) -> object:
        if key not in self.values:
            raise BadDataError(f"{self.where} has no {key!a}")
        return self.values[key]


@dataclass(frozen=True)
class Scene:
    """What is heard, and by whom."""

    name: str
    entry: Entry
    listeners: tuple[Listener, ...]


class Metadata:
    """The files of one split, such as ``scenes.valid.json``; those of all, such as ``gains.json``.

    Args:
        folder: where they lie.
        split: the middle of their names.
    """

    def __init__(self, folder: Path, split: str) -> None:
        self._folder = folder
        self._split = split

    @classmethod
    def splits(cls, folder: Path, *kinds: str) -> list["Metadata"]:
        """Return the metadata of all splits that have a file of a kind, maybe none.

        Raises:
            MissingInputError: when there is no such folder.
        """
        if not folder.is_dir():
            raise MissingInputError(f"no folder of metadata at {folder}")
        names = [path.name.split(".") for path in sorted(folder.iterdir())]
        found = [
            name[1] if len(name) == 3 else ""
            for name in names
            if name[0] in kinds and name[-1] == "json" and len(name) in (2, 3)
        ]
        return [cls(folder, split) for split in dict.fromkeys(found)]

    def path(self, *kinds: str) -> Path:
        """Return the file of a kind, which may have several names."""
        endings = [f".{self._split}.json", ".json"] if self._split else [".json"]
        for kind in kinds:
            for ending in endings:
                if (path := self._folder / f"{kind}{ending}").is_file():
                    return path
        raise MissingInputError(f"{self._folder} lacks {kinds[0]}{endings[0]}")

    def read(self, *kinds: str) -> Entry:
        """Read the file of a kind, which is an object; a list gets its numbers as keys."""
        path = self.path(*kinds)
        try:
            content = parse(path.read_text(encoding="utf-8-sig"))
        except OSError as error:
            raise MissingInputError(f"{path}: cannot be read: {error.strerror}") from None
        except (BadDataError, UnicodeDecodeError) as error:
            raise BadDataError(f"{path}: {error}") from None
        if isinstance(content, list):
            content = {str(number): value for number, value in enumerate(content)}
        return Entry(str(path), as_object(content, str(path)))

    def listeners(self, wanted: Sequence[Listener]) -> list[Listener]:
        """Return those wanted, or all of the split."""
        return list(wanted) or [one.listener for one in read_listeners(self.path("listeners"))]

    @classmethod
    def with_scenes(cls, folder: Path) -> list["Metadata"]:
        """Return the metadata of all splits that have scenes.

        Raises:
            MissingInputError: when there is none.
        """
        if not (found := cls.splits(folder, *_SCENES)):
            raise MissingInputError(f"{folder} has no {_SCENES[0]}.SPLIT.json")
        return found

    def scenes(self, wanted: Sequence[Listener]) -> Iterator[Scene]:
        """Return the scenes of the split with those of their listeners who are wanted, or all.

        Raises:
            MissingInputError: when a file is not there.
            BadDataError: when one is wrong, or names a listener without an audiogram.
        """
        scenes, pairs = self.read(*_SCENES), self.read(*_PAIRS)
        known = {listener.name: listener for listener in self.listeners(wanted)}
        for name, entry in scenes.entries():
            if name in pairs.values:
                ids = pairs.texts(name)
                unknown = [who for who in ids if who not in known]
                if unknown and not wanted:
                    raise BadDataError(
                        f"{self.path(*_PAIRS)}: {name} is for {unknown[0]!a}, of whom"
                        f" {self.path('listeners')} has no audiogram; choose --listeners"
                    )
                yield Scene(name, entry, tuple(known[who] for who in ids if who in known))
