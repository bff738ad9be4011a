"""What `web/` is built into is what it says, and its own tests pass."""

import shutil
import subprocess
from pathlib import Path

import pytest

WEB = Path(__file__).parents[1] / "web"


@pytest.mark.parametrize("task", ["check", "test"])
def test_the_pages_are_those_of_their_sources(task: str) -> None:
    if shutil.which("npm") is None or not (WEB / "node_modules").is_dir():
        pytest.skip("needs node: npm ci in web/")
    ended = subprocess.run(["npm", "run", "-s", task], cwd=WEB, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
