import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hclarity.errors import CannotCreateError, MissingInputError, StorageError
from hclarity.registry.whole_files import clear_unfinished, copy_whole, make_folder, write_whole


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / ("long name " * 24)
    write_whole(path, b"old, and longer")
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, contents: bytes) -> int:
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "weights"
    write_whole(path, b"old")
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StorageError, match=r"weights cannot be written: No space left"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_read_only_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "write_bytes", fails)
    with pytest.raises(CannotCreateError, match="Read-only file system"):
        write_whole(tmp_path / "file", b"new")


def test_what_comes_first_comes_when_all_is_written(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def look() -> None:
        assert path.read_bytes() == b"old"
        (part,) = tmp_path.glob(".*.part")
        assert part.read_bytes() == b"new"

    write_whole(path, b"new", first=look)
    assert path.read_bytes() == b"new"


def test_what_the_dead_have_left_is_cleared(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    names = [
        f".song.{ended.pid}-0123abcd.part",
        f".song.{os.getpid()}-0123abcd.part",
        ".song.part",
        "song",
    ]
    for name in names:
        (tmp_path / name).touch()
    clear_unfinished(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(names[1:])
    clear_unfinished(tmp_path / "nowhere")


def test_where_no_file_can_be(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    for path in (tmp_path / "none" / "a", tmp_path / "folder", tmp_path / "file" / "a"):
        with pytest.raises(CannotCreateError, match="cannot be created: "):
            write_whole(path, b"new")


def test_pipes_and_devices_are_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(CannotCreateError, match="pipe is a device or a pipe; name a file"):
        write_whole(path, b"new")
    assert path.is_fifo()


def test_a_copy_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, path = tmp_path / "source", tmp_path / "copy"
    source.write_bytes(bytes(3_000_000))
    copy_whole(source, path)
    assert path.read_bytes() == source.read_bytes()

    def full(source, copy, length: int) -> None:
        copy.write(b"new")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("shutil.copyfileobj", full)
    with pytest.raises(StorageError, match="copy cannot be written: No space left"):
        copy_whole(source, path)
    assert path.read_bytes() == source.read_bytes()
    assert set(tmp_path.iterdir()) == {source, path}


def test_what_cannot_be_copied(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match=r"cannot read .*none"):
        copy_whole(tmp_path / "none", tmp_path / "copy")
    (tmp_path / "source").touch()
    with pytest.raises(CannotCreateError, match="copy cannot be created"):
        copy_whole(tmp_path / "source", tmp_path / "folder" / "copy")


def test_a_folder_where_there_may_be_one(tmp_path: Path) -> None:
    for _ in range(2):
        make_folder(tmp_path / "a" / "b")
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "b"):
        with pytest.raises(CannotCreateError, match="cannot be made a folder"):
            make_folder(path)


def test_no_link_can_be_laid_where_a_file_is_written(tmp_path: Path) -> None:
    """A file is made whole under a name that differs each time."""
    names: set[str] = set()
    replaced = Path.replace

    def watched(part: Path, target: Path) -> Path:
        names.add(part.name)
        return replaced(part, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "replace", watched)
        for _ in range(3):
            write_whole(tmp_path / "a", b"new")
    assert len(names) == 3


def test_a_link_is_replaced_and_not_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"old")
    (tmp_path / "a").symlink_to(tmp_path / "precious")
    write_whole(tmp_path / "a", b"new")
    assert (tmp_path / "precious").read_bytes() == b"old"
    assert (tmp_path / "a").read_bytes() == b"new"
