"""What is known of a data set: how its songs are found, how many there are, where to get them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hclarity.datasets.tracks import Track

__all__ = ["DataSet"]

Finder = Callable[[Path, str], list[Track]]
BareFinder = Callable[[Path, str], list[tuple[str, str]]]


@dataclass(frozen=True)
class DataSet:
    """Songs with true stems that others have made, or a way to lay out one's own.

    Args:
        name: by which commands know it.
        title: in full.
        find: the songs of a split below a root, those with missing stems too.
        layout: what is expected below the root, in words.
        splits: how many songs each should have; None where any number will do.
        more_splits: whether there may be splits of other names.
        page: where to get it.
        licence: of the recordings.
        size: of the download, in GB.
        stems: that every song must have; none where songs differ.
        same_stems: whether songs should have the same stems, where none are named.
        find_bare: folders of a split that hold no song, and why, in words.
        mixture_error_db: how far below the mixture its difference from the sum of the stems is.
    """

    name: str
    title: str
    find: Finder
    layout: str
    splits: Mapping[str, int | None]
    more_splits: bool = True
    page: str | None = None
    licence: str | None = None
    size: float | None = None
    stems: tuple[str, ...] = ()
    same_stems: bool = False
    find_bare: BareFinder | None = None
    mixture_error_db: float = -40.0

    def is_in(self, root: Path, split: str) -> bool:
        """Whether there is a song of this set, by the names of its stems."""
        tracks = self.find(root, split)
        return any(not self.stems or set(self.stems) & set(track.names) for track in tracks)

    def missing(self, track: Track) -> tuple[str, ...]:
        """Return the stems that a track should have and has not."""
        return tuple(name for name in self.stems if name not in track.stems)
