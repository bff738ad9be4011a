"""What an item is made of, and how that becomes the stems a net shall find."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hclarity.audio.values import Samples
from hclarity.datasets.tracks import Track
from hclarity.errors import BadDataError
from hclarity.separation.naming import rest_name

__all__ = ["ACCOMPANIMENT", "Sources", "sources_of"]

ACCOMPANIMENT = "accompaniment"
"""The stem that is all which the other stems of a recipe leave of a song."""


@dataclass(frozen=True)
class Sources:
    """The sounds whose sum is a mixture, and the stems wanted of it.

    Args:
        names: of all stems that any song has.
        stems: wanted: some of those names, or sums of them (`ACCOMPANIMENT`, ``no_vocals``).
    """

    names: tuple[str, ...]
    stems: tuple[str, ...]

    def parts(self, stem: str) -> tuple[str, ...]:
        """Return which sources a wanted stem is the sum of."""
        if stem in self.names:
            return (stem,)
        if stem == ACCOMPANIMENT:
            return tuple(name for name in self.names if name not in self.stems)
        return tuple(name for name in self.names if rest_name(name) != stem)

    def matrix(self) -> Samples:
        """Return ``[stems, sources]``: the wanted stems of an item are its product with them."""
        rows = [[float(name in self.parts(stem)) for name in self.names] for stem in self.stems]
        return np.array(rows, np.float32)

    def wanted(self, sources: Mapping[str, Samples]) -> dict[str, Samples]:
        """Return the wanted stems of a song; one of which it has nothing is not there.

        The song may have other stems than those that items are made of: a sum is of its own.
        """
        song = Sources(tuple(sources), self.stems)
        found = {
            stem: [sources[name] for name in song.parts(stem)]
            for stem in self.stems
            if stem in sources or stem not in self.names
        }
        return {stem: np.sum(parts, axis=0) for stem, parts in found.items() if parts}


def sources_of(tracks: Iterable[Track], stems: Sequence[str]) -> Sources:
    """Return what the items of these songs are made of.

    Args:
        tracks: the songs.
        stems: that a recipe wants.

    Raises:
        BadDataError: for a stem that no song has.
    """
    there = {name for track in tracks for name in track.names}
    first = tuple(stem for stem in stems if stem in there)
    sources = Sources((*first, *sorted(there - set(first))), tuple(stems))
    for stem in stems:
        known = stem in there or stem == ACCOMPANIMENT or _without(stem) in there
        if not known or not sources.parts(stem):
            raise BadDataError(
                f"no song has a stem {stem!r}; there are {', '.join(sources.names) or 'none'}"
            )
    return sources


def _without(stem: str) -> str:
    """The source that a stem such as ``no_vocals`` leaves out; nothing for any other."""
    return stem.removeprefix(rest_name("")) if stem.startswith(rest_name("")) else ""
