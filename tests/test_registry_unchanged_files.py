import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hclarity.errors import BadDataError, MissingInputError
from hclarity.registry.unchanged_files import UnchangedFiles


@pytest.fixture
def song(tmp_path: Path) -> Path:
    path = tmp_path / "song.flac"
    path.write_bytes(b"one version")
    return path


def test_what_stays_as_it_is(song: Path) -> None:
    files = UnchangedFiles([song])
    song.read_bytes()
    files.require()


def shorten(song: Path) -> None:
    song.write_bytes(b"one")


def write_as_long(song: Path) -> None:
    song.write_bytes(b"two version")
    os.utime(song, ns=(0, song.stat().st_mtime_ns + 1))  # as a fine clock would have it


def replace(song: Path) -> None:
    other = song.with_name("other")
    other.write_bytes(b"two version")
    looks = song.stat()
    os.utime(other, ns=(looks.st_atime_ns, looks.st_mtime_ns))
    other.replace(song)


@pytest.mark.parametrize("change", [shorten, write_as_long, replace])
def test_what_changes(song: Path, change: Callable[[Path], None]) -> None:
    files = UnchangedFiles([song])
    change(song)
    with pytest.raises(BadDataError, match=r"song\.flac changed while it was read"):
        files.require()


def test_what_goes(song: Path) -> None:
    files = UnchangedFiles([song])
    song.unlink()
    with pytest.raises(MissingInputError, match=r"cannot read .*song\.flac: No such file"):
        files.require()
    with pytest.raises(MissingInputError):
        UnchangedFiles([song])
