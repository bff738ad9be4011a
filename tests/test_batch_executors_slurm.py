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


@pytest.fixture(autouse=True)
def _disks_are_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here what a dead job has not written does not come 15 s later."""
    monkeypatch.setattr("submitit.core.core.Job._results_timeout_s", 1)


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
def test_a_task_that_kills_its_job_costs_the_others_of_its_share_nothing(tmp_path: Path) -> None:
    came, lost, _ = outcome(SlurmExecutor(2, tmp_path, HERE), ["die", "a", "x", "b"])
    assert sorted(came) == [1, 2, 3]
    assert list(lost) == [0]
    assert "its job died" in lost[0]
    assert lost[0].endswith("tried 3 times")
    assert list(tmp_path.glob("*.events")) == []


@pytest.mark.slow
def test_jobs_that_cannot_even_begin_lose_their_share(tmp_path: Path) -> None:
    def begin_by_dying(tell: object) -> None:
        os._exit(1)

    came, lost, _ = outcome(SlurmExecutor(1, tmp_path, HERE), ["a", "b"], begin_by_dying)
    assert (came, sorted(lost)) == ({}, [0, 1])


def test_jobs_that_slurm_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import submitit

    def refuse(*_: object) -> None:
        raise RuntimeError("sbatch: error: invalid partition specified: gpu")

    monkeypatch.setattr(submitit.AutoExecutor, "map_array", refuse)
    with pytest.raises(UnavailableError, match="Slurm refused the jobs: sbatch: error: invalid"):
        outcome(SlurmExecutor(1, tmp_path, HERE), ["a"])


def test_where_there_is_no_slurm(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="no Slurm here"):
        SlurmExecutor(1, tmp_path, {})


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
