import errno
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


def test_what_has_the_name_makes_way_if_it_may(tmp_path: Path) -> None:
    path = tmp_path / "it"
    path.mkdir()
    (path / "old").touch()
    with whole_folder(path) as folder:
        folder.write("new", b"")
        assert os.listdir(path) == ["old"]
        with pytest.raises(CannotCreateError, match="it is there already and was not made by"):
            folder.finish(lambda path: False)
        assert os.listdir(path) == ["old"]
    with whole_folder(path) as folder:
        folder.write("new", b"")
        folder.finish(lambda path: os.listdir(path) == ["old"])
    assert os.listdir(path) == ["new"]
    assert os.listdir(tmp_path) == ["it"]


def test_what_makes_way_comes_back_where_the_new_one_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "it"
    path.mkdir()
    (path / "old").touch()
    rename = Path.rename

    def refused(path: Path, name: Path) -> Path:
        if name.name == "it" and not (path / "old").exists():
            raise OSError(errno.EIO, "Input/output error")
        return rename(path, name)

    monkeypatch.setattr(Path, "rename", refused)
    with whole_folder(path) as folder:
        folder.write("new", b"")
        with pytest.raises(CannotCreateError, match="Input/output error"):
            folder.finish(lambda path: True)
    assert os.listdir(path) == ["old"]
    assert os.listdir(tmp_path) == ["it"]


def test_a_link_is_no_folder_to_replace(tmp_path: Path) -> None:
    (tmp_path / "it").symlink_to("nowhere")
    with whole_folder(tmp_path / "it") as folder, pytest.raises(CannotCreateError):
        folder.finish(lambda path: False)
    assert (tmp_path / "it").is_symlink()


def test_what_killed_runs_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".it.123-0123abcd.part" / "sound").mkdir(parents=True)
    (tmp_path / ".it.more.123-0123abcd.part").mkdir()
    with whole_folder(tmp_path / "it"):
        pass
    assert os.listdir(tmp_path) == [".it.more.123-0123abcd.part"]


def test_names_that_begin_alike_are_told_apart(tmp_path: Path) -> None:
    begin = "A very long name of a very long album by somebody, track "
    with whole_folder(tmp_path / f"{begin}1") as first:
        with whole_folder(tmp_path / f"{begin}2") as second:
            second.write("two", b"2")
            second.finish(never)
        first.write("one", b"1")
        first.finish(never)
    assert sorted(os.listdir(tmp_path)) == [f"{begin}1", f"{begin}2"]


def test_a_place_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(CannotCreateError, match="cannot be made a folder"),
        whole_folder(tmp_path / "file" / "it"),
    ):
        pass
