"""What an executor does, and what it tells."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

__all__ = [
    "ATTEMPTS",
    "Begin",
    "Came",
    "Ended",
    "Event",
    "Executor",
    "Lost",
    "Tell",
    "Told",
    "Work",
]

ATTEMPTS = 3
"""How often a task is begun in all, where processes die of it or hang."""

Tell = Callable[[Any], None]
"""How a worker tells of itself what belongs to no task, such as a warning."""

Work = Callable[[Any], Iterable[Any]]
"""Does a task; yields what comes of it, as it comes. It tells itself what goes wrong."""

Begin = Callable[[Tell], Work]
"""Makes a worker ready, once in its life; raises where nothing can be done by any."""


@dataclass(frozen=True)
class Came:
    """Something came of a task."""

    task: int
    value: Any


@dataclass(frozen=True)
class Ended:
    """Nothing more will come of a task: it has been done."""

    task: int


@dataclass(frozen=True)
class Lost:
    """Nothing more will come of a task: all who tried it died or hung."""

    task: int
    reason: str


@dataclass(frozen=True)
class Told:
    """Something that a worker told of itself."""

    value: Any


Event = Came | Ended | Lost | Told


class Executor(Protocol):
    """Does tasks in processes of its own, several at once, each worker one after the other.

    A worker that dies, as the system ends what takes too much memory, or that takes longer over a
    task than it may, takes nothing with it: another begins in its place, and its task goes to the
    end of the queue, so that it is in nobody's way. After `ATTEMPTS` the task is lost.
    """

    def run(self, begin: Begin, tasks: Sequence[Any]) -> Iterator[Event]:
        """Do tasks; what comes of several comes in no certain order.

        When the iteration is left, however it is, no process is left.

        Args:
            begin: makes a worker ready; it is pickled.
            tasks: pickled, too; each is looked up when a worker is to begin with it, so that what
                came of an earlier attempt can be taken out of it meanwhile.

        Raises:
            Exception: what ``begin`` raised, or the work itself, which is a bug; its trace is in
                a note.
        """
