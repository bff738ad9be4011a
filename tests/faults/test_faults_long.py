"""Very many inputs, and a very long one."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from cells import cell
from cli_program import RATE, music, write_song
from forked import Forked, fork, run
from tiny_model import make_quick_model

pytestmark = [pytest.mark.usefixtures("stage"), pytest.mark.slow]

_HOURS = 6


@pytest.fixture
def quick(tmp_path: Path) -> dict[str, str]:
    """A model that takes next to no time."""
    make_quick_model(tmp_path / "models" / "quick")
    return {"HCLARITY_MODELS": "models"}


def _watched(program: Forked, look: Callable[[int], int]) -> tuple[int, int]:
    """The highest of some number in the first fifth of a run, and in all of it."""
    looks: list[int] = []
    while not program.has_ended(0.2):
        looks.append(look(program.pid))
    return max(looks[: max(1, len(looks) // 5)]), max(looks)


def _memory(pid: int) -> int:
    """Of a process, in MB; 0 where it has ended."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20


def _handles(pid: int) -> int:
    """How many files a process has open."""
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return 0


@cell("thousands", separate="all done, files and memory bounded; resumed, nothing is done again")
@pytest.mark.parametrize(("look", "more"), [(_handles, 8), (_memory, 100)])
def test_thousands_of_songs(
    look: Callable[[int], int], more: int, tmp_path: Path, quick: dict[str, str]
) -> None:
    songs = 2000 if look is _handles else 500
    first = write_song(tmp_path / "songs" / "0.flac", music(0.1))
    for number in range(1, songs):
        shutil.copy(first, first.with_name(f"{number}.flac"))
    words = ("separate", "-m", "quick", "--stems", "vocals", "--bits", "16", "songs")
    program = fork(*words, folder=tmp_path, environment=quick)
    early, highest = _watched(program, look)
    ended = program.ended()
    assert (ended.code, len(ended.paths)) == (0, songs), ended
    assert highest <= early + more
    again = run(*words, folder=tmp_path, **quick)
    assert (again.code, again.out) == (0, ended.out)
    assert f"done 0, already done {songs}, failed 0" in again.err


def _write_hours(path: Path) -> int:
    """Write a song of silence with some noise; return its frames."""
    noise = 0.1 * np.random.default_rng(0).standard_normal(RATE)
    silence = np.zeros(59 * RATE)
    with sf.SoundFile(path, "w", RATE, 1, "PCM_16", format="FLAC") as file:
        for _ in range(60 * _HOURS):
            file.write(noise)
            file.write(silence)
    return 60 * 60 * _HOURS * RATE


@cell(
    "long",
    separate="memory as in its first hour, the right length",
    remix="memory as in its first hour, the right length",
)
def test_hours(tmp_path: Path, quick: dict[str, str]) -> None:
    frames = _write_hours(tmp_path / "song.flac")
    how = ("-m", "quick", "-q", "--bits", "16", "song.flac")
    program = fork("separate", *how, "--engine", "torch", folder=tmp_path, environment=quick)
    early, highest = _watched(program, _memory)
    assert program.ended().code == 0
    assert highest <= early + 100
    stems = tmp_path / "separated" / "quick" / "song"
    assert [sf.info(path).frames for path in stems.glob("*.flac")] == [frames] * 2
    words = ("remix", str(stems), "--audiogram", "N3", "--gain", "vocals=3", "-q")
    program = fork(*words, folder=tmp_path, environment=quick)
    early, highest = _watched(program, _memory)
    ended = program.ended()
    assert ended.code == 0, ended
    assert highest <= early + 100
    assert sf.info(tmp_path / "remixed" / "song.flac").frames == frames
