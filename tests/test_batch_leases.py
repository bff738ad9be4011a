import os
import pickle
import subprocess
import sys
import time
from pathlib import Path

import pytest

import hclarity as package
from hclarity.batch.leases import Busy, forget_the_dead, leased
from hclarity.errors import CannotCreateError, StorageError

_HOLDER = """
import sys, time
from pathlib import Path
from hclarity.batch.leases import leased
with leased(Path(sys.argv[1]), "song"):
    print("held", flush=True)
    time.sleep(600)
"""


def holder(folder: Path) -> "subprocess.Popen[bytes]":
    """Another program that is at work on a song."""
    program = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(folder)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(package.__file__).parent.parent)},
    )
    assert program.stdout is not None
    assert program.stdout.readline() == b"held\n"
    return program


def kill(program: "subprocess.Popen[bytes]") -> None:
    program.kill()
    program.communicate()


def test_a_thing_has_one_holder(tmp_path: Path) -> None:
    held = leased(tmp_path, "song")
    with held, leased(tmp_path, "other"), pytest.raises(Busy), leased(tmp_path, "song"):
        pass
    with leased(tmp_path, "song"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_holder_held_is_free_at_once(tmp_path: Path) -> None:
    program = holder(tmp_path)
    with pytest.raises(Busy), leased(tmp_path, "song"):
        pass
    kill(program)
    assert len(list(tmp_path.iterdir())) == 1
    with leased(tmp_path, "song"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_what_is_done_is_not_held_by_the_dead(tmp_path: Path) -> None:
    program = holder(tmp_path)
    forget_the_dead(tmp_path, "song")
    assert len(list(tmp_path.iterdir())) == 1
    kill(program)
    for _ in range(2):
        forget_the_dead(tmp_path, "song")
        assert list(tmp_path.iterdir()) == []


def test_waiting_ends_when_the_holder_does(tmp_path: Path) -> None:
    program = holder(tmp_path)
    busy = None
    try:
        with leased(tmp_path, "song"):
            pass
    except Busy as raised:
        busy = raised
    assert busy is not None
    kill(program)
    pickle.loads(pickle.dumps(busy)).wait()
    with leased(tmp_path, "song"):
        pass


def test_a_clock_that_goes_backwards_frees_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = holder(tmp_path)
    for hours in (-48, 48):
        now = time.time() + hours * 3600
        monkeypatch.setattr(time, "time", lambda now=now: now)
        with pytest.raises(Busy), leased(tmp_path, "song"):
            pass
    kill(program)


def test_a_folder_is_made_and_taken_away_again_if_nothing_comes_of_it(tmp_path: Path) -> None:
    with leased(tmp_path / "a" / "b", "song"):
        assert (tmp_path / "a" / "b").is_dir()
    assert not (tmp_path / "a" / "b").exists()
    with leased(tmp_path / "c", "song"):
        (tmp_path / "c" / "stem").touch()
    assert (tmp_path / "c" / "stem").exists()


@pytest.mark.parametrize("name", ["", "..", "x" * 5000, "\udcff", "a\nb", "../../etc"])
def test_any_name_will_do(tmp_path: Path, name: str) -> None:
    with leased(tmp_path, name):
        assert [path.parent for path in tmp_path.iterdir()] == [tmp_path]


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    place = leased(tmp_path / "file" / "folder", "song")
    with pytest.raises(CannotCreateError, match="cannot be made a folder"), place:
        pass


def take_over(folder: Path) -> None:
    """Do what another program does when a lease has not been touched for long."""
    (lease,) = folder.iterdir()
    lease.unlink()
    lease.write_text("somebody else")


def test_whoever_lost_a_lease_learns_of_it_before_naming_anything(tmp_path: Path) -> None:
    with leased(tmp_path, "song") as require:
        require()
        take_over(tmp_path)
        with pytest.raises(Busy):
            require()


def test_what_goes_wrong_for_a_lost_lease_is_told_so(tmp_path: Path) -> None:
    def work() -> None:
        with leased(tmp_path, "song"):
            take_over(tmp_path)
            raise StorageError("an unfinished file is gone")

    with pytest.raises(Busy):
        work()
