"""What protocols have to check of the songs and stems they are given."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from hclarity.audio.values import Samples
from hclarity.errors import BadDataError, MissingInputError
from hclarity.evaluation.measures import Task

__all__ = ["require_some", "required"]


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
