"""What all tests of faults share; and the table of what they have shown."""

import os
from collections.abc import Iterator
from multiprocessing import current_process
from pathlib import Path

import pytest
from cells import TABLE, Cells, cells_of, table
from commands import CONTENT, EVERY, Command
from loopback import Site, serving
from stage import Stage

_shown: Cells = {}
_failed: Cells = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Function, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Note which cells a test has shown, or failed to."""
    report = yield
    parameters = item.callspec.params if hasattr(item, "callspec") else None
    cells = cells_of(item.iter_markers(), parameters)
    if report.failed:
        _failed.update(cells)
    elif report.when == "call" and report.passed:
        _shown.update(cells)
    return report


def pytest_sessionfinish() -> None:
    """Write the table, if all was run for it."""
    if os.environ.get("HCLARITY_WRITE_FAULTS"):
        shown = {key: outcome for key, outcome in _shown.items() if key not in _failed}
        TABLE.write_text(table(shown), encoding="utf-8")


@pytest.fixture(scope="session", autouse=True)
def _meeting_place(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the socket of what forks programs with all that tests leave: it stays until the end."""
    current_process()._config["tempdir"] = str(tmp_path_factory.mktemp("fork"))  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _said(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what programs say with all else that tests leave."""
    folder: Path = tmp_path_factory.getbasetemp() / "said"
    folder.mkdir(exist_ok=True)
    monkeypatch.setenv("PYTEST_SAID", str(folder))


@pytest.fixture(scope="session")
def _stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with serving(Site(CONTENT)) as site:
        yield Stage(tmp_path_factory.mktemp("stage"), site.url)


@pytest.fixture
def stage(_stage: Stage, workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return _stage


@pytest.fixture
def command(request: pytest.FixtureRequest) -> Command:
    """By its name, as tests are parametrised with it."""
    return EVERY[request.param]
