import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from leftovers import Watch


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Another watch, over another folder, within the one that all tests are under."""
    for name in ("TMPDIR", "PYTEST_DEBUG_TEMPROOT", "HCLARITY_TESTS_RUN"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("leftovers._PATIENCE", 0.5)
    return Watch(tmp_path)


def test_a_tidy_run_leaves_nothing(watch: Watch) -> None:
    with tempfile.TemporaryDirectory():
        subprocess.run([sys.executable, "-c", "pass"], check=True)
    assert watch.left() == []


def test_what_is_left_is_named(watch: Watch, tmp_path: Path) -> None:
    (tmp_path / ".song.flac.1-00000000.part").touch()
    forgotten = Path(tempfile.mkdtemp())
    program = subprocess.Popen(["sleep", "60"])
    while not Path(f"/proc/{program.pid}/environ").read_bytes():  # it has not begun yet
        time.sleep(0.01)
    try:
        left = watch.left()
    finally:
        program.kill()
        program.wait()
    assert left == [
        f"a temporary file: {forgotten}",
        f"an unfinished file: {tmp_path / '.song.flac.1-00000000.part'}",
        f"a program that still runs: {program.pid}: sleep 60 ",
    ]
