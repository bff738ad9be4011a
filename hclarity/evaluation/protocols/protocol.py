"""What a challenge's protocol is."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol as Interface

from hclarity.datasets.tracks import Track
from hclarity.evaluation.ear_quality import Engine
from hclarity.evaluation.measures import Task
from hclarity.hearing.audiogram import Listener

__all__ = ["Protocol"]


class Protocol(Interface):
    """How a challenge scores: which excerpts, who hears them, what is made of stems for them.

    Attributes:
        name: on the command line.
    """

    @property
    def name(self) -> str: ...  # noqa: D102

    def tasks(
        self,
        tracks: Sequence[Track],
        metadata: Path | None,
        listeners: Sequence[Listener],
        *,
        strict: bool,
        engine: Engine,
    ) -> list[Task]:
        """Return what is to be measured.

        Args:
            tracks: songs; scenes of other songs are left out.
            metadata: the folder with the challenge's JSON files.
            listeners: only these hear; by default all whom the metadata names.
            strict: with the baseline's known defects.
            engine: our own HAAQI, or pyclarity's.

        Raises:
            MissingInputError: when a file is needed and not there, naming it; when no scene is of a
                song, or for a listener, that there is.
            BadDataError: when a file is not what it should be, naming it.
        """
