import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from executor_tasks import begin, begin_in_vain, outcome

import hclarity as package
from hclarity.batch.executors.executor import Came
from hclarity.batch.executors.local import LocalExecutor
from hclarity.errors import UnavailableError


@pytest.fixture(autouse=True)
def _nobody_is_left():
    yield
    assert multiprocessing.active_children() == []


def test_all_is_done_once_by_as_many_workers_as_wanted() -> None:
    came, lost, workers = outcome(LocalExecutor(2), ["a", "b", "c", "d"])
    assert came == {number: [f"{word} 1", f"{word} 2"] for number, word in enumerate("abcd")}
    assert lost == {}
    assert len(workers) <= 2
    assert os.getpid() not in workers


def test_a_worker_that_dies_takes_nothing_with_it() -> None:
    came, lost, workers = outcome(LocalExecutor(2), ["a", "die", "b", "c"])
    assert sorted(came) == [0, 2, 3]
    assert list(lost) == [1]
    assert lost[1].startswith("its process died, maybe for want of memory")
    assert lost[1].endswith("tried 3 times")
    assert len(workers) >= 4


def test_what_died_once_is_done_in_the_end(tmp_path: Path) -> None:
    word = f"die-once {tmp_path / 'diary'}"
    came, lost, _ = outcome(LocalExecutor(1), [word, "a"])
    assert lost == {}
    assert came[0][-2:] == [f"{word} 1", f"{word} 2"]


def test_what_hangs_is_ended() -> None:
    came, lost, _ = outcome(LocalExecutor(2, timeout=1.0), ["hang", "a", "b"])
    assert sorted(came) == [1, 2]
    assert "took longer than 1 s" in lost[0]


def test_an_error_of_ours_is_raised_with_its_trace() -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError: a bug") as caught:
        outcome(LocalExecutor(2), ["a", "break"])
    assert "executor_tasks.py" in "".join(caught.value.__notes__)


def test_what_cannot_be_sent_is_an_error_of_ours() -> None:
    with pytest.raises(RuntimeError, match="pickle"):
        outcome(LocalExecutor(1), ["unsendable"])


def test_what_no_worker_can_begin_with_is_raised() -> None:
    with pytest.raises(UnavailableError, match="no weights here"):
        outcome(LocalExecutor(2), ["a", "b"], begin_in_vain)


def test_tasks_are_looked_up_when_they_begin() -> None:
    tasks = ["a", "b", "c"]
    for event in LocalExecutor(1).run(begin, tasks):
        if event == Came(0, "a 1"):
            tasks[2] = "z"
        last = event
    assert last.task == 2  # type: ignore[union-attr]


def test_leaving_early_ends_the_workers() -> None:
    events = LocalExecutor(2).run(begin, ["a", "hang", "hang"])
    assert next(event for event in events if isinstance(event, Came)).value.endswith(" 1")
    events.close()  # type: ignore[attr-defined]


_PARENT = """
import sys
sys.path[:0] = sys.argv[1:3]
from executor_tasks import begin
from hclarity.batch.executors.executor import Told
from hclarity.batch.executors.local import LocalExecutor
if __name__ == "__main__":
    for event in LocalExecutor(1).run(begin, ["hang"]):
        if isinstance(event, Told):
            print(event.value, flush=True)
"""


def test_no_worker_outlives_a_parent_that_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(_PARENT)
    places = [str(Path(__file__).parent), str(Path(package.__file__).parent.parent)]
    program = subprocess.Popen(
        [sys.executable, str(script), *places], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert program.stdout is not None
    worker = int(program.stdout.readline())
    program.send_signal(signal.SIGKILL)
    program.communicate()
    for _ in range(200):
        try:
            os.kill(worker, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("it lives on")
