import os
from pathlib import Path

from hclarity.audio.part_names import clear_left_over, clear_old, part_name

LONG = "A very long name of a very long album by somebody, track "


def test_names_are_hidden_short_and_all_different() -> None:
    for name in ("song.flac", f"{LONG}1.flac"):
        names = {part_name(Path("folder") / name).name for _ in range(9)}
        assert len(names) == 9
        assert all(one.startswith(".") and one.endswith(".part") for one in names)
        assert max(map(len, names)) < 80


def test_what_is_left_of_one_file_goes_and_of_others_stays(tmp_path: Path) -> None:
    for name in ("song.flac", "song.flac.png", f"{LONG}1", f"{LONG}2"):
        part_name(tmp_path / name).write_text("half")
    part_name(tmp_path / "song.flac").mkdir()
    (tmp_path / ".song.flac.notes.part").touch()
    for name in ("song.flac", f"{LONG}1"):
        clear_left_over(tmp_path / name)
    left = sorted(os.listdir(tmp_path))
    assert len(left) == 3
    assert ".song.flac.notes.part" in left
    assert any(name.startswith(".song.flac.png.") for name in left)


def test_what_is_a_day_old_goes_whatever_lies_between(tmp_path: Path) -> None:
    paths = [part_name(tmp_path / name) for name in "abc"]
    for path in paths[:2]:
        path.mkdir()
        (path / "sound").touch()
    paths[2].touch()
    os.utime(paths[0], (0, 0))
    os.utime(paths[2], (0, 0))
    clear_old(tmp_path)
    assert [path.exists() for path in paths] == [False, True, False]
    clear_old(tmp_path / "nowhere")
