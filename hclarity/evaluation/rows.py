"""What has a row in the table of scores, and what it made of a song."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from hclarity.audio.values import Samples
from hclarity.errors import BadDataError
from hclarity.evaluation.songs import Song

__all__ = ["Kind", "Output", "Row"]

Kind = Literal["floor", "model", "estimates", "ceiling"]


class Row(Protocol):
    """A separator, in the widest sense.

    Attributes:
        name: as the table has it.
        kind: what it is.
        digest: changes when any of its estimates might.
        seen: whether it was trained on the songs that are to score it.
        enhanced: folder of what it made for the listeners of a challenge, where that is all there
            is of it.
    """

    @property
    def name(self) -> str: ...  # noqa: D102

    @property
    def kind(self) -> Kind: ...  # noqa: D102

    @property
    def digest(self) -> str: ...  # noqa: D102

    @property
    def seen(self) -> bool: ...  # noqa: D102

    @property
    def enhanced(self) -> Path | None: ...  # noqa: D102

    def digest_of(self, song: Song) -> str:
        """Return what changes when its estimate of this song might."""

    def files_of(self, song: Song) -> Mapping[Path, str]:
        """Return the files that its estimate of this song is read from, with their digests."""

    def estimate(self, song: Song) -> Mapping[str, Samples]:
        """Return its stems of a song, ``[channels, frames]`` each, as long as the song.

        None where it has nothing to say of any stem of the song.

        Raises:
            HclarityError: when it cannot.
        """


@dataclass(frozen=True)
class Output:
    """What a row makes of a song; separated once, when it is first asked for."""

    row: Row
    song: Song

    @cached_property
    def stems(self) -> Mapping[str, Samples]:
        """The estimated stems, ``[channels, frames]`` each, as long as the song and finite.

        Raises:
            BadDataError: when one is neither, naming it.
            HclarityError: what `Row.estimate` does.
        """
        stems, wanted = self.row.estimate(self.song), self.song.mixture.shape
        for stem, samples in stems.items():
            what = f"{self.row.name}: the estimate of {stem} in {self.song.name}"
            if samples.shape != wanted:
                shapes = f"{list(samples.shape)} and {list(wanted)}"
                raise BadDataError(f"{what} and the song differ in channels or frames: {shapes}")
            if not np.isfinite(samples).all():
                raise BadDataError(f"{what} has values that are not finite")
        return stems
