import errno
import os
from pathlib import Path

import pytest

from hclarity.cli.files import refuse_to_replace, write_text
from hclarity.errors import CannotCreateError, StorageError


def test_text_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / ("long name " * 24 + ".json")
    write_text(path, "älter")
    write_text(path, "neu ♪")
    assert path.read_text(encoding="utf-8") == "neu ♪"
    assert list(tmp_path.iterdir()) == [path]


def test_names_that_are_no_unicode_are_escaped(tmp_path: Path) -> None:
    path = tmp_path / "songs.csv"
    write_text(path, os.fsdecode(b"a \xff,1"))
    assert path.read_text(encoding="utf-8") == r"a \udcff,1"


def test_text_that_cannot_be_written_leaves_the_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.json"
    write_text(path, "old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StorageError, match=r"report\.json cannot be written: No space left"):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_output_is_never_an_input(tmp_path: Path) -> None:
    (tmp_path / "song").touch()
    (tmp_path / "link").symlink_to(tmp_path / "song")
    for name in ("song", "link"):
        with pytest.raises(CannotCreateError, match="would be replaced by"):
            refuse_to_replace(tmp_path / name, [tmp_path / "song"])
    refuse_to_replace(tmp_path / "other", [tmp_path / "song", tmp_path / "gone"])
