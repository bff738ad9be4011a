"""Processes that read songs for a training: they end with it."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cells import cell
from cli_program import start
from training_runs import step_of, wait_for, words
from training_songs import write_recipe, write_songs

pytestmark = pytest.mark.usefixtures("workplace")


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_songs(tmp_path_factory.mktemp("songs"))
    write_songs(root, "valid", songs=1)
    write_recipe(root)
    return root


@cell("workers signalled", train="130, 143 and how to go on; all is kept, no reader left")
@pytest.mark.parametrize(
    ("to", "number", "code"),
    [
        (os.kill, signal.SIGINT, 130),
        pytest.param(os.killpg, signal.SIGINT, 130, marks=pytest.mark.slow),
        pytest.param(os.killpg, signal.SIGTERM, 143, marks=pytest.mark.slow),
        pytest.param(os.killpg, signal.SIGHUP, 129, marks=pytest.mark.slow),
    ],
)
def test_a_run_that_was_asked_to_end_keeps_all_and_says_how_to_go_on(
    songs: Path, to: Callable[[int, int], None], number: int, code: int
) -> None:
    asked = words(songs, "run", "--workers", "2", "--set", "run.checkpoint_minutes=60.0")
    program = start(
        *asked, "--steps", "100000", "--set", "run.validate_every=100000", start_new_session=True
    )
    wait_for(lambda: bool(list(Path("run").glob("tensorboard/*"))), program)
    time.sleep(1)
    to(program.pid, number)
    out, err = program.communicate(timeout=120)
    assert (program.returncode, out) == (code, b"")
    (line,) = err.decode().splitlines()
    assert line.startswith("error: interrupted after step ")
    assert line.endswith("--resume")
    step = int(line.split()[4].rstrip(","))
    assert step_of(Path("run/checkpoint.pt")) == step
    assert not list(Path("run").rglob("*.part"))


def test_readers_do_not_outlive_a_run_that_was_killed(songs: Path) -> None:
    asked = words(songs, "run", "--workers", "2", "--steps", "100000")
    program = start(*asked, start_new_session=True)
    wait_for(lambda: Path("run/checkpoint.pt").exists(), program)
    program.send_signal(signal.SIGKILL)
    program.communicate()  # until nobody holds its streams
    for _ in range(600):  # what has ended is there until the system has taken note of it
        try:
            os.killpg(program.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("readers are still there")
