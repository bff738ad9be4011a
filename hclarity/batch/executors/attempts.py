"""Which tasks wait, and how often each has been tried."""

from collections import deque

from hclarity.batch.executors.executor import ATTEMPTS, Lost

__all__ = ["Attempts"]


class Attempts:
    """The queue of an executor: a task whose worker died goes to its end, a few times.

    Args:
        tasks: how many there are.
    """

    def __init__(self, tasks: int) -> None:
        self.waiting = deque(range(tasks))
        self._begun = [0] * tasks

    def begin(self) -> int:
        """Take the next task."""
        number = self.waiting.popleft()
        self._begun[number] += 1
        return number

    def died(self, number: int, reason: str) -> Lost | None:
        """A worker died of a task: let it wait again, or return that it is lost."""
        if self._begun[number] < ATTEMPTS:
            self.waiting.append(number)
            return None
        return Lost(number, f"{reason}; tried {ATTEMPTS} times")
