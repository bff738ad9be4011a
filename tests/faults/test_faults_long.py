"""Very many inputs, and a very long one."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from cells import cell
from cli_program import Ended, music, write_song
from forked import Forked, fork, run
from tiny_model import make_quick_model

pytestmark = [pytest.mark.usefixtures("stage"), pytest.mark.slow]

_SONGS, _HOURS = 2000, 6
_RATE = 8000
_MORE_MEMORY, _MORE_HANDLES = 100, 8  # MB; files


@pytest.fixture
def quick(tmp_path: Path) -> dict[str, str]:
    """A model that takes next to no time."""
    make_quick_model(tmp_path / "models" / "quick")
    return {"HCLARITY_MODELS": "models"}


def _watched(program: Forked) -> Ended:
    """Wait for the end of a run, which must not come to take much more than at its beginning."""
    looks: list[tuple[int, int]] = []
    while not program.has_ended(0.2):
        with suppress(OSError):  # it has ended
            looks.append((_memory(program.pid), _handles(program.pid)))
    for most, more in zip(zip(*looks, strict=True), (_MORE_MEMORY, _MORE_HANDLES), strict=True):
        assert max(most) <= max(most[: max(1, len(most) // 5)]) + more
    return program.ended()


def _memory(pid: int) -> int:
    """Of a process, in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20


def _handles(pid: int) -> int:
    """How many files a process has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))


@cell("thousands", separate="all done, files and memory bounded; resumed, nothing is done again")
def test_thousands_of_songs(tmp_path: Path, quick: dict[str, str]) -> None:
    first = write_song(tmp_path / "songs" / "0.flac", music(0.1))
    for number in range(1, _SONGS):
        shutil.copy(first, first.with_name(f"{number}.flac"))
    words = ("separate", "-m", "quick", "--stems", "vocals", "--bits", "16", "songs")
    ended = _watched(fork(*words, folder=tmp_path, environment=quick))
    assert (ended.code, len(ended.paths)) == (0, _SONGS), ended
    again = run(*words, folder=tmp_path, **quick)
    assert (again.code, again.out) == (0, ended.out)
    assert again.lines[-1] == f"done 0, already done {_SONGS}"


def _write_hours(path: Path) -> int:
    """Write a song of silence with some noise; return its frames."""
    noise = 0.1 * np.random.default_rng(0).standard_normal(_RATE)
    silence = np.zeros(59 * _RATE)
    with sf.SoundFile(path, "w", _RATE, 1, "PCM_16", format="FLAC") as file:
        for _ in range(60 * _HOURS):
            file.write(noise)
            file.write(silence)
    return 60 * 60 * _HOURS * _RATE


@cell(
    "long",
    separate="memory as in its first hour, the right length",
    remix="memory as in its first hour, the right length",
)
def test_hours(tmp_path: Path, quick: dict[str, str]) -> None:
    frames = _write_hours(tmp_path / "song.flac")
    how = ("-m", "quick", "-q", "--bits", "16", "--engine", "torch", "song.flac")
    assert _watched(fork("separate", *how, folder=tmp_path, environment=quick)).code == 0
    stems = tmp_path / "separated" / "quick" / "song"
    assert [sf.info(path).frames for path in stems.glob("*.flac")] == [frames] * 2
    words = ("remix", stems, "--audiogram", "N3", "--gain", "vocals=3", "-q")
    ended = _watched(fork(*words, folder=tmp_path, environment=quick))
    assert ended.code == 0, ended
    assert sf.info(tmp_path / "remixed" / "song.flac").frames == frames
