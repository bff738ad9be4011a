"""What several test files share: a place to work in, with a tiny model."""

import gc
from pathlib import Path

import pytest
import torch
from leftovers import Watch
from tiny_model import make_tiny_model

_WATCH = pytest.StashKey[Watch]()

# Two threads gain little on nets this small, and lose much where the other core is busy.
torch.set_num_threads(1)


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models: `tiny`, and `demucs` in the place of the one that comes with hclarity."""
    models = tmp_path_factory.mktemp("models")
    for name in ("tiny", "demucs"):
        make_tiny_model(models / name)
    return models


@pytest.fixture
def workplace(tiny_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to run `hclarity` in, without a network and without OpenVINO.

    That takes seconds to compile even a tiny net; `test_cli_engines` is where it is at home.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HCLARITY_MODELS", str(tiny_models))
    monkeypatch.setenv("HCLARITY_OFFLINE", "1")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setattr("hclarity.separation.engines.choice.find_spec", lambda name: None)
    for name in ("HCLARITY_DEBUG", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave OpenVINO to the end: its threads do not go well with tests that fork this process.

    No command does both.
    """
    items.sort(key=lambda item: "engines" in item.path.name)


def pytest_collection_finish() -> None:
    """Let the collector of garbage pass over what stays: modules, and thousands of tests."""
    gc.collect()
    gc.freeze()


def pytest_configure(config: pytest.Config) -> None:
    """Begin to watch for what is left behind."""
    config.stash[_WATCH] = Watch(config.rootpath)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that leaves temporary files or programs behind."""
    left = session.config.stash[_WATCH].left()
    if left:
        print(f"\nthe tests left behind:\n{chr(10).join(left)}")
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED
