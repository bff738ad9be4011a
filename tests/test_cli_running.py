from pathlib import Path
from typing import Any

import pytest

from hclarity.batch.executors.local import LocalExecutor
from hclarity.cli.running import Running
from hclarity.errors import UsageError

NEEDS = {"bytes_each": 10**9, "folder": Path("out")}


def workers(monkeypatch: pytest.MonkeyPatch, items: int = 40, **words: Any) -> object:
    made: list[tuple[int, float]] = []

    def remember(self: LocalExecutor, jobs: int, *, timeout: float) -> None:
        made.append((jobs, timeout))

    monkeypatch.setattr(LocalExecutor, "__init__", remember)
    assert Running(**words).workers(items, **NEEDS) is not None
    return made[0]


def test_without_a_word_the_work_is_done_here() -> None:
    assert Running().workers(10_000, **NEEDS) is None


def test_as_many_as_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert workers(monkeypatch, jobs="3", timeout="1m30s") == (3, 90)
    assert workers(monkeypatch, executor="local", jobs="1") == (1, float("inf"))


@pytest.mark.parametrize(
    ("cores", "gigabytes", "items", "jobs"),
    [
        (8, 64, 40, 4),
        (8, 2.5, 40, 2),
        (8, 64, 3, 3),
        (1, 64, 40, 1),
        (8, 0.1, 40, 1),
        (8, None, 9, 4),
    ],
)
def test_as_many_as_cores_memory_and_inputs_allow(
    monkeypatch: pytest.MonkeyPatch, cores: int, gigabytes: float | None, items: int, jobs: int
) -> None:
    free = None if gigabytes is None else int(gigabytes * 10**9)
    monkeypatch.setattr("hclarity.batch.machine.cores", lambda: cores)
    monkeypatch.setattr("hclarity.batch.machine.free_bytes", lambda: free)
    for words in ({"jobs": "auto"}, {"timeout": "5m"}, {"executor": "local"}):
        found = workers(monkeypatch, items, **words)
        assert isinstance(found, tuple)
        assert found[0] == jobs


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"jobs": "0"}, "expected --jobs N, from 1, or auto, got '0'"),
        ({"jobs": "many"}, "expected --jobs N"),
        ({"timeout": "soon"}, "expected a length of time"),
        ({"ray_address": "auto"}, "mean nothing without --executor ray"),
        ({"ray_gpus": 0.5, "executor": "slurm", "jobs": "2"}, "mean nothing without"),
        ({"slurm": ["a=b"]}, "--slurm means nothing without --executor slurm"),
        ({"slurm": ["partition"], "executor": "slurm", "jobs": "2"}, "expected --slurm KEY=VALUE"),
        ({"executor": "ray"}, "--executor ray needs --jobs N"),
        ({"executor": "slurm", "jobs": "auto"}, "--executor slurm needs --jobs N"),
    ],
)
def test_words_that_mean_nothing(words: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        Running(**words)
