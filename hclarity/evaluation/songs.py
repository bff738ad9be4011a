"""A song to be scored on, or an excerpt of one; read when it is first asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from hclarity.audio.values import Samples
from hclarity.datasets.tracks import Track

__all__ = ["Song"]


@dataclass(frozen=True)
class Song:
    """A song with true stems, whole or in part.

    Args:
        name: of the track, or of the excerpt where a track has several.
        track: where it is read from.
        start: the first frame.
        frames: how many; by default all that follow.
    """

    name: str
    track: Track
    start: int = 0
    frames: int | None = None

    @property
    def sample_rate(self) -> int:
        """In Hz."""
        return self.track.sample_rate

    @cached_property
    def stems(self) -> Mapping[str, Samples]:
        """The true stems, ``[channels, frames]`` each; raises what `Track.read` does."""
        return {name: self.track.read(name, self.start, self.frames) for name in self.track.names}

    @cached_property
    def mixture(self) -> Samples:
        """What they sound like together, ``[channels, frames]``."""
        return self.track.read_mixture(self.start, self.frames)
