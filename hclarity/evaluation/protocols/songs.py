"""What protocols have in common: tasks out of scenes, and checks of what they are given."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from hclarity.audio.values import Samples
from hclarity.errors import BadDataError, MissingInputError
from hclarity.evaluation.measures import Task
from hclarity.evaluation.protocols.metadata import Metadata

__all__ = ["require_some", "required", "tasks_of_scenes"]


def required(stems: Mapping[str, Samples], names: Sequence[str]) -> Mapping[str, Samples]:
    """Return the stems of these names.

    Raises:
        BadDataError: when one is not there.
    """
    lacking = [name for name in names if name not in stems]
    if lacking:
        raise BadDataError(
            f"no estimate of {', '.join(lacking)}, which the remix needs; there are"
            f" {', '.join(stems) or 'none'}"
        )
    return {name: stems[name] for name in names}


def require_some(tasks: list[Task], metadata: Path) -> list[Task]:
    """Return the tasks.

    Raises:
        MissingInputError: when there are none.
    """
    if not tasks:
        raise MissingInputError(
            f"nothing in {metadata} is about a song of the data set and a listener that are given"
        )
    return tasks


def tasks_of_scenes(
    protocol: str,
    metadata: Path | None,
    needs: str,
    of_split: Callable[[Metadata], Iterable[Task]],
) -> list[Task]:
    """Return the tasks of every split whose scenes lie in the metadata folder.

    Args:
        protocol: its name.
        metadata: the folder, if there is one.
        needs: which files it must hold, in words.
        of_split: the tasks of a split.

    Raises:
        MissingInputError: without a folder, or when there are none.
    """
    if metadata is None:
        raise MissingInputError(f"{protocol} needs --metadata, a folder with {needs}")
    tasks = [task for files in Metadata.with_scenes(metadata) for task in of_split(files)]
    return require_some(tasks, metadata)
