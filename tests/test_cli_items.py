import os
from pathlib import Path

import pytest
from cli_program import write_song

from hclarity.cli.items import Item, wanted_items
from hclarity.errors import UsageError

pytestmark = pytest.mark.usefixtures("workplace")
OUT = Path("separated")


def names(*words: str, **more: object) -> dict[str, str]:
    """Where each item is, by its name."""
    items = wanted_items([Path(word) for word in words], results=[OUT], **more)  # type: ignore[arg-type]
    return {item.name: item.path.as_posix() for item in items}


@pytest.fixture
def library(workplace: Path) -> None:
    for song in ("music/a.flac", "music/cd 1/01.flac", "music/cd 2/01.flac", "b.flac"):
        write_song(Path(song))
    Path("music/cover.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(99))
    Path("music/notes.txt").write_text("la la la")
    write_song(Path("music/.hidden/c.flac"))
    write_song(Path("music/.hidden.flac"))


@pytest.mark.usefixtures("library")
def test_a_folder_is_all_sound_below_it_by_its_place_there() -> None:
    below = {"a": "a.flac", "cd 1/01": "cd 1/01.flac", "cd 2/01": "cd 2/01.flac"}
    assert names("music") == {name: f"music/{path}" for name, path in below.items()}
    assert list(names("music")) == ["a", "cd 1/01", "cd 2/01"]


@pytest.mark.usefixtures("library")
def test_patterns_and_files_and_what_is_named_twice() -> None:
    assert names("music/**/01.flac") == {"01": "music/cd 2/01.flac"}  # both are called so
    found = wanted_items([Path("b.flac"), Path("music/**/*.flac"), Path("b.flac")], results=[OUT])
    assert [item.path.as_posix() for item in found] == [
        "b.flac",
        "music/a.flac",
        "music/cd 1/01.flac",
        "music/cd 2/01.flac",
    ]


def test_a_name_with_a_star_is_a_name_where_there_is_such_a_file() -> None:
    write_song(Path("a*.flac"))
    write_song(Path("ab.flac"))
    assert names("a*.flac") == {"a*": "a*.flac"}


@pytest.mark.usefixtures("library")
def test_what_we_made_is_no_song() -> None:
    write_song(Path("separated/demucs/a/vocals.flac"))
    write_song(Path("elsewhere/a/vocals.flac"))
    Path("elsewhere/a/separation.json").write_text("{}")
    assert set(names(".")) == {"b", "music/a", "music/cd 1/01", "music/cd 2/01"}


def test_what_is_not_there_or_holds_nothing_is_kept_to_be_told_of() -> None:
    Path("empty").mkdir()
    assert names("missing.flac", "empty", "none/*.flac") == {
        "missing": "missing.flac",
        "empty": "empty",
        "*": "none/*.flac",
    }


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\0"])
def test_a_list(end: bytes) -> None:
    lines = [b"a.flac", b"my song.flac", b"\xff.flac", b"", b"a.flac"]
    Path("list").write_bytes(end.join(lines) + end)
    found = wanted_items(None, Path("list"), results=[OUT])
    assert [item.path for item in found] == [
        Path("a.flac"),
        Path("my song.flac"),
        Path(os.fsdecode(b"\xff.flac")),
    ]


def test_a_list_up_to_each_nul_holds_any_name() -> None:
    Path("list").write_bytes(b"two\nlines.flac\0b.flac\0")
    assert [item.path for item in wanted_items(None, Path("list"), results=[OUT])] == [
        Path("two\nlines.flac"),
        Path("b.flac"),
    ]


@pytest.mark.usefixtures("library")
def test_shares_are_the_same_whatever_the_way_to_the_folder() -> None:
    shares = [set(names("music", shard=f"{index}/2")) for index in range(2)]
    assert shares[0] | shares[1] == set(names("music"))
    assert not shares[0] & shares[1]
    os.chdir("music")
    assert set(names(".", shard="0/2")) == shares[0]


def test_a_folder_that_is_an_item() -> None:
    for song in ("x/vocals.flac", "album/y/vocals.flac", "album/z/song.flac"):
        write_song(Path(song))
    items = wanted_items(
        [Path("x"), Path("album")],
        results=[OUT],
        is_item=lambda folder: (folder / "vocals.flac").exists(),
    )
    assert items == [
        Item(Path("x"), "x"),
        Item(Path("album/y"), "y"),
        Item(Path("album/z/song.flac"), "z/song"),
    ]


def test_nothing_named_and_lists_that_cannot_be_read() -> None:
    with pytest.raises(UsageError, match="name songs, folders of songs, or --from-file"):
        wanted_items(None, results=[OUT])
    with pytest.raises(UsageError, match="--from-file gone cannot be read: No such file"):
        wanted_items(None, Path("gone"), results=[OUT])
    with pytest.raises(UsageError, match="expected --shard I/N"):
        wanted_items([Path("a.flac")], None, "1", results=[OUT])
