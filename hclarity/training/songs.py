"""The songs of a training: those to learn from, and those that judge."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hclarity.datasets.catalogue import data_set, open_tracks
from hclarity.datasets.tracks import Track
from hclarity.errors import BadDataError
from hclarity.training.recipe import Recipe

__all__ = ["Place", "Songs", "open_songs"]


@dataclass(frozen=True)
class Place:
    """Where songs are: a split of a data set, below a root."""

    dataset: str
    root: Path
    split: str

    def tracks(self) -> list[Track]:
        """Find them; raises what `open_tracks` does."""
        return open_tracks(self.dataset, self.root, self.split)

    @property
    def exists(self) -> bool:
        """Whether there are songs, sound or not."""
        known = data_set(self.dataset)
        return self.split in known.splits and bool(known.find(self.root, self.split))

    @property
    def public_name(self) -> str:
        """``DATASET/SPLIT``; empty for songs in folders, whose names are nobody else's."""
        return "" if self.dataset == "folder" else f"{self.dataset}/{self.split}"


@dataclass(frozen=True)
class Songs:
    """The songs of a training.

    Args:
        tracks: to learn from.
        validation: that judge; none where there are none.
        in_words: what the training hears.
        seen: ``DATASET/SPLIT`` of what no fair test may use afterwards.
    """

    tracks: Sequence[Track]
    validation: Sequence[Track] = ()
    in_words: str = ""
    seen: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return {
            "train": [track.name for track in self.tracks],
            "valid": [track.name for track in self.validation],
            "seen": list(self.seen),
        }


def open_songs(recipe: Recipe, learn: Place, judge: Place | None = None) -> Songs:
    """Find the songs of a training, and look whether they are fit for it.

    Args:
        recipe: what they must be fit for.
        learn: where the songs to learn from are.
        judge: where those that judge are; by default the split ``valid`` beside the others, if
            there is one.

    Raises:
        UsageError: for a data set or split that does not exist.
        MissingInputError: when there are no songs.
        BadDataError: for songs of another sample rate, or with more channels, than the recipe has.
    """
    tracks = learn.tracks()
    beside = Place(learn.dataset, learn.root, "valid")
    validation = judge.tracks() if judge else beside.tracks() if beside.exists else []
    for track in (*tracks, *validation):
        _require_fit(track, recipe)
    places = [learn, judge or beside] if validation else [learn]
    seen = tuple(dict.fromkeys(place.public_name for place in places if place.public_name))
    songs = f"{len(tracks)} songs of {learn.public_name or 'a folder'}"
    return Songs(tracks, validation, songs, seen)


def _require_fit(track: Track, recipe: Recipe) -> None:
    if track.sample_rate != recipe.sample_rate:
        raise BadDataError(
            f"{track.name} is at {track.sample_rate} Hz, the recipe wants {recipe.sample_rate} Hz"
        )
    if track.channels not in (1, recipe.channels):
        raise BadDataError(
            f"{track.name} has {track.channels} channels, the recipe wants {recipe.channels}"
        )
