import os
from pathlib import Path

import pytest

from hclarity.errors import CannotCreateError
from hclarity.registry.whole_folders import whole_folder


def never(path: Path) -> None:
    raise AssertionError(f"{path} is there already")


def test_a_folder_is_there_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "below" / "a folder"
    with whole_folder(path) as folder:
        folder.write("one", b"1")
        folder.write("more/two", b"2")
        assert not path.exists()
        folder.finish(never)
    assert (path / "one").read_bytes() == b"1"
    assert (path / "more" / "two").read_bytes() == b"2"
    assert os.listdir(path.parent) == ["a folder"]


def test_what_is_broken_off_leaves_nothing(tmp_path: Path) -> None:
    def break_off() -> None:
        with whole_folder(tmp_path / "it") as folder:
            folder.write("one", b"1")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    assert os.listdir(tmp_path) == []


def test_what_has_the_name_makes_way_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "it"
    path.mkdir()
    (path / "old").touch()
    with whole_folder(path) as folder:
        folder.write("new", b"")
        assert os.listdir(path) == ["old"]
        with pytest.raises(CannotCreateError, match="it cannot be written"):
            folder.finish(lambda path: None)
        assert os.listdir(path) == ["old"]

    def clear(path: Path) -> None:
        (path / "old").unlink()
        path.rmdir()

    with whole_folder(path) as folder:
        folder.write("new", b"")
        folder.finish(clear)
    assert os.listdir(path) == ["new"]


def test_what_killed_runs_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".it.123-0123abcd.part" / "sound").mkdir(parents=True)
    (tmp_path / ".it.more.123-0123abcd.part").mkdir()
    with whole_folder(tmp_path / "it"):
        pass
    assert os.listdir(tmp_path) == [".it.more.123-0123abcd.part"]


def test_a_place_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(CannotCreateError, match="cannot be made a folder"),
        whole_folder(tmp_path / "file" / "it"),
    ):
        pass
