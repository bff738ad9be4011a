"""By submitit's own executor on this machine: there is no Slurm here."""

import os
import sys
from pathlib import Path

import pytest
from executor_tasks import begin_in_vain, outcome

from hclarity.batch.executors.slurm import SlurmExecutor
from hclarity.errors import UnavailableError, UsageError

pytest.importorskip("submitit")
HERE = {"cluster": "local"}


@pytest.fixture(autouse=True)
def _jobs_find_these_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))


def test_all_is_done_once_in_as_many_jobs_as_wanted(tmp_path: Path) -> None:
    came, lost, workers = outcome(SlurmExecutor(2, tmp_path, HERE), ["a", "b", "c"])
    assert came == {number: [f"{word} 1", f"{word} 2"] for number, word in enumerate("abc")}
    assert lost == {}
    assert len(workers) == 2


def test_a_job_that_died_once_is_submitted_again(tmp_path: Path) -> None:
    word = f"die-once {tmp_path / 'diary'}"
    came, lost, _ = outcome(SlurmExecutor(1, tmp_path / "jobs", HERE), [word, "a"])
    assert sorted(came) == [0, 1]
    assert lost == {}


@pytest.mark.slow
def test_a_job_that_always_dies_loses_its_share_only(tmp_path: Path) -> None:
    came, lost, _ = outcome(SlurmExecutor(2, tmp_path, HERE), ["die", "a", "x", "b"])
    assert sorted(came) == [1, 3]
    assert sorted(lost) == [0, 2]
    assert "killed 3 times" in lost[0]


@pytest.mark.slow
def test_what_hangs_is_ended(tmp_path: Path) -> None:
    came, lost, _ = outcome(SlurmExecutor(2, tmp_path, HERE, timeout=1.0), ["hang", "a"])
    assert (sorted(came), sorted(lost)) == ([1], [0])


def test_errors_are_raised(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="no weights here"):
        outcome(SlurmExecutor(1, tmp_path, HERE), ["a"], begin_in_vain)
    with pytest.raises(RuntimeError, match="ZeroDivisionError: a bug"):
        outcome(SlurmExecutor(1, tmp_path, HERE), ["break"])


def test_words_that_submitit_does_not_know(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--slurm: .*colour"):
        SlurmExecutor(1, tmp_path, {**HERE, "colour": "red"})
    with pytest.raises(UsageError, match="--slurm: "):
        SlurmExecutor(1, tmp_path, {"cluster": "none such"})


def test_where_it_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hclarity.batch.executors.slurm.find_spec", lambda name: None)
    with pytest.raises(UnavailableError, match=r"pip install 'hclarity\[slurm\]'"):
        SlurmExecutor(1, tmp_path, HERE)
