"""Work for executors: words that say what shall happen."""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hclarity.batch.executors.executor import Came, Ended, Executor, Lost, Tell, Told, Work
from hclarity.errors import UnavailableError

__all__ = ["begin", "begin_in_vain", "outcome"]


def begin(tell: Tell) -> Work:
    """A worker that does what a word says, and tells who it is."""
    tell(os.getpid())
    return work


def begin_in_vain(tell: Tell) -> Work:
    raise UnavailableError("no weights here")


def work(word: str) -> Iterator[str]:
    yield f"{word} 1"
    match word.split()[0]:
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "die-once":
            diary = Path(word.split()[1])
            if not diary.exists():
                diary.touch()
                os.kill(os.getpid(), signal.SIGKILL)
        case "hang":
            time.sleep(600)
        case "unsendable":
            yield lambda: word  # type: ignore[misc]
        case "break":
            raise ZeroDivisionError("a bug")
    yield f"{word} 2"


def outcome(
    executor: Executor, tasks: Sequence[Any], begin: Any = begin
) -> tuple[dict[int, list[str]], dict[int, str], set[int]]:
    """What came of each task that ended, why others were lost, and who the workers were."""
    came: dict[int, list[str]] = {}
    ended: set[int] = set()
    lost: dict[int, str] = {}
    workers: set[int] = set()
    for event in executor.run(begin, tasks):
        match event:
            case Came(task, value):
                came.setdefault(task, []).append(value)
            case Ended(task):
                assert task not in ended
                ended.add(task)
            case Lost(task, reason):
                lost[task] = reason
            case Told(value):
                workers.add(value)
    return {task: values for task, values in came.items() if task in ended}, lost, workers
