"""Files of any name that a file system allows."""

import os
from pathlib import Path

import pytest
from cells import cell
from cli_program import write_song
from forked import run
from musdb_songs import write_set
from training_songs import write_recipe, write_songs

from hclarity.registry.portable_names import portable_name

pytestmark = [pytest.mark.usefixtures("stage"), pytest.mark.slow]

NAMES = [
    "two\nlines",
    "-m",
    "--help",
    "\N{MUSICAL NOTE}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER} \N{HOT BEVERAGE}",
    "dots...",
    " spaces  ",
    "$(x) `y` %s {track} \\ \"'",
    "\u0627\u0644 \u65e5\u672c e\u0301",
    "o" * 250,  # 255 bytes with its suffix
    "\u65e5" * 83,  # 254
]
NO_UNICODE = os.fsdecode(b"\xff\xfe")


def _folder_of_songs(folder: Path) -> list[Path]:
    """Songs of all these names, by paths that no option could be."""
    return [write_song(folder / f"{name}.flac") for name in NAMES]


@cell("names", separate="any name; no Unicode: 66 and a line, the others are done")
def test_separate(tmp_path: Path) -> None:
    songs = _folder_of_songs(tmp_path / "songs")
    words = ("separate", "-m", "tiny", "-q", "--stems", "vocals", "--bits", "16")
    ended = run(*words, "songs", folder=tmp_path)
    assert ended.code == 0, ended
    separated = tmp_path / "separated" / "tiny"
    assert {path.parent.name for path in separated.rglob("vocals.flac")} == {
        portable_name(song.stem) for song in songs
    }
    odd = tmp_path / "odd"
    odd.mkdir()
    os.chdir(odd)
    (odd / "-m.flac").write_bytes(songs[1].read_bytes())
    (odd / f"{NO_UNICODE}.flac").write_bytes(songs[1].read_bytes())
    ended = run(*words, "--", "-m.flac", f"{NO_UNICODE}.flac", folder=odd)
    assert (ended.code, ended.paths) == (1, ["separated/tiny/-m/vocals.flac"])
    assert "its name is not UTF-8; rename it first" in ended.err


@cell("names", remix="any name; no Unicode: 66 and a line, the others are done")
def test_remix(tmp_path: Path) -> None:
    songs = _folder_of_songs(tmp_path / "songs")
    (tmp_path / "songs" / f"{NO_UNICODE}.flac").write_bytes(songs[0].read_bytes())
    ended = run("remix", "-m", "tiny", "-q", "--audiogram", "N3", "songs", folder=tmp_path)
    assert ended.code == 1, ended
    made = {path.stem for path in (tmp_path / "remixed").glob("*.flac")}
    assert made == {portable_name(song.stem) for song in songs}
    errors = [line for line in ended.lines if line.startswith("error: ")]
    assert len(errors) == 1, ended
    assert "its name is not UTF-8; rename it first" in errors[0]


@cell("names", eval="any name; no Unicode: told, the others are scored, 1")
def test_eval(tmp_path: Path) -> None:
    root = write_set(tmp_path / "set", songs=1, seconds=1)
    for name in (*NAMES, NO_UNICODE):
        (root / "test" / name).symlink_to(root / "test" / "a song")
    words = ("eval", "--dataset", "musdb", "--root", "set", "-m", "tiny", "--metrics", "usdr")
    ended = run(*words, "--csv", "s.csv", "-q", folder=tmp_path)
    assert (ended.code, len(ended.lines)) == (1, 1), ended
    assert "its name is not UTF-8; rename it first" in ended.err
    again = run(*words, folder=tmp_path)
    assert f"{3 * (len(NAMES) + 1)} of {3 * (len(NAMES) + 2)} measurements" in again.err


@cell("names", train="songs of any name; no Unicode: 66; a run of a name no model has: 78")
def test_train(tmp_path: Path) -> None:
    root = write_songs(tmp_path / "songs")
    write_songs(root, "valid", songs=1)
    write_recipe(root)
    for number, name in enumerate(NAMES):
        (root / "train" / name).symlink_to(root / "train" / f"song{number % 2}")
    words = ("train", "songs/tiny.toml", "--root", "songs", "--workers", "0", "-q", "--resume")
    for _ in range(2):
        ended = run(*words, "-o", "run", folder=tmp_path)
        assert (ended.code, ended.out) == (0, "run\n"), ended
    for name in ("two\nlines", NO_UNICODE, "dots..."):
        ended = run(*words, "-o", f"./{name}", folder=tmp_path)
        assert (ended.code, len(ended.lines)) == (78, 1), ended
    (root / "train" / NO_UNICODE).symlink_to(root / "train" / "song0")
    ended = run(*words, "-o", "other", folder=tmp_path)
    assert (ended.code, len(ended.lines)) == (66, 1), ended
