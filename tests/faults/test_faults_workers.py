"""Workers of ``-j`` that die, hang, have no memory, or are to end."""

import csv
import os
import shutil
import signal
import time
from pathlib import Path

import pytest
from cells import cell
from cli_program import Ended, music, write_song
from forked import fork, run
from musdb_songs import write_set

import hclarity

pytestmark = [pytest.mark.usefixtures("stage"), pytest.mark.slow]

_MEDDLER = """
import os, signal, time
from pathlib import Path
from hclarity.audio.reading import AudioReader

begun = AudioReader.__init__

def begin(reader, path, **more):
    if "deadly" in str(path):
        with open(os.environ["DIARY"], "a") as diary:
            diary.write("x")
        {}
    begun(reader, path, **more)

AudioReader.__init__ = begin
"""
_FATES = {
    "killed": "os.kill(os.getpid(), signal.SIGKILL)",
    "killed once": "_ = os.path.getsize(os.environ['DIARY']) == 1 and "
    "os.kill(os.getpid(), signal.SIGKILL)",
    "hung": "time.sleep(3600)",
    "without memory": "raise MemoryError",
}
_REASONS = {
    "killed": "its process died, maybe for want of memory; fewer --jobs take less; tried 3 times",
    "hung": "it took longer than 15 s (--timeout); tried 3 times",
    "without memory": "out of memory; close other programs, or use fewer --jobs",
}
_WORDS: dict[str, tuple[str, ...]] = {
    "separate": ("separate", "-m", "tiny", "-q", "deadly.flac", "a.flac", "b.flac"),
    "remix": ("remix", "-m", "tiny", "-q", "--audiogram", "N3", "deadly.flac", "a.flac", "b.flac"),
    "eval": ("eval", "--dataset", "musdb", "--root", "set", "-m", "tiny", "-q", "--csv", "s.csv"),
}
_DONE = {"separate": 2 * 4, "remix": 2 * 2, "eval": 0}


def _struck(command: str, fate: str, folder: Path, *more: str) -> Ended:
    """Run a command with two workers, who meet their fate at one of three songs."""
    for name in ("deadly", "a", "b"):
        write_song(folder / f"{name}.flac")
    write_set(folder / "set")
    shutil.copytree(folder / "set" / "test" / "a song", folder / "set" / "test" / "deadly song")
    meddler = folder / "meddler"
    meddler.mkdir()
    (meddler / "sitecustomize.py").write_text(_MEDDLER.format(_FATES[fate]))
    path = f"{meddler}{os.pathsep}{Path(hclarity.__file__).parent.parent}"
    diary = str(folder / "diary")
    return run(*_WORDS[command], "-j", "2", *more, folder=folder, PYTHONPATH=path, DIARY=diary)


def _left_over(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.suffix in (".part", ".lease")]


@cell(
    "workers",
    separate="tried 3 times, then told; the others are done, 1",
    remix="tried 3 times, then told; the others are done, 1",
    eval="tried 3 times, then told; the others are scored, 1",
)
@pytest.mark.parametrize(
    ("command", "fate"),
    [
        ("separate", "killed"),
        ("separate", "hung"),
        ("separate", "without memory"),
        ("remix", "killed"),
        ("remix", "without memory"),
        ("eval", "killed"),
        ("eval", "hung"),
    ],
)
def test_a_worker_that_fails(command: str, fate: str, tmp_path: Path) -> None:
    ended = _struck(command, fate, tmp_path, *(("--timeout", "15s") if fate == "hung" else ()))
    assert ended.code == 1, ended
    errors = [line for line in ended.lines if line.startswith("error: ")]
    assert len(errors) == 1, ended
    assert "deadly" in errors[0]
    assert _REASONS[fate] in errors[0]
    assert (tmp_path / "diary").read_text() == ("x" if fate == "without memory" else "xxx")
    if command == "eval":
        with (tmp_path / "s.csv").open(newline="") as file:
            assert {line["song"] for line in csv.DictReader(file)} == {"a song", "b song"}
    else:
        assert len(ended.paths) == _DONE[command]
        assert all((tmp_path / path).is_file() for path in ended.paths)


def test_what_was_killed_once_is_done(tmp_path: Path) -> None:
    ended = _struck("separate", "killed once", tmp_path)
    assert (ended.code, len(ended.paths)) == (0, 3 * 4), ended
    assert _left_over(tmp_path) == []


@cell(
    "workers signalled",
    separate="143 or 130 and a line; nothing half-written, no process left",
    remix="143 or 130 and a line; nothing half-written, no process left",
    eval="143 or 130 and a line; scores kept, no process left",
)
@pytest.mark.parametrize(
    ("command", "number"),
    [
        ("separate", signal.SIGTERM),
        ("separate", signal.SIGINT),
        ("remix", signal.SIGTERM),
        ("eval", signal.SIGINT),
    ],
)
def test_workers_end_with_the_program(command: str, number: int, tmp_path: Path) -> None:
    for name in ("deadly", "a", "b"):
        write_song(tmp_path / f"{name}.flac", music(90))
    write_set(tmp_path / "set", songs=2, seconds=60)
    program = fork(*_WORDS[command], "-j", "2", folder=tmp_path)
    program.wait_for(lambda: bool(list(tmp_path.rglob("*.lease"))))
    program.signal(number)
    ended = program.ended()
    assert (ended.code, ended.out) == (128 + number, "")
    assert ended.lines == ["error: interrupted; the same command again does what is missing"]
    assert _left_over(tmp_path) == []
    _require_none_of(program.pid)


def _require_none_of(group: int) -> None:
    """All processes of a group have ended, as soon as the system has taken note of it."""
    for _ in range(600):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("a process is still there")
