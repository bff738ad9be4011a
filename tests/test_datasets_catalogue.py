"""Data sets by name, and what is said where they are not."""

import shutil

import pytest
from stem_folders import VDBO, noise, write_folder

from hclarity.datasets.catalogue import DATASETS, data_set, open_tracks
from hclarity.errors import MissingInputError, UsageError


def refusal(name, root, split="train"):
    """The one line that a wrong root is refused with."""
    with pytest.raises(MissingInputError) as refused:
        open_tracks(name, root, split)
    line = str(refused.value)
    assert "\n" not in line
    assert f"no {split} songs of {DATASETS[name].title} in {root}: expected" in line
    assert DATASETS[name].layout in line
    return line.partition("; found ")[2]


def test_every_data_set_says_where_it_is_and_what_is_allowed():
    assert list(DATASETS) == ["musdb", "musdb18", "ensembleset", "woodwind", "folder"]
    for name, known in DATASETS.items():
        assert known.name == name
        assert {"train", "valid"} <= known.splits.keys()
        if name != "folder":
            assert known.page.startswith("https://zenodo.org/records/")
            assert known.licence
            assert known.size > 1


@pytest.mark.parametrize("name", ["musdb", "folder"])
def test_songs_come_in_one_order(tmp_path, name):
    for song in ("b", "c", "a"):
        write_folder(tmp_path / "train" / song)
    tracks = open_tracks(name, tmp_path, "train")
    assert [track.name for track in tracks] == ["a", "b", "c"]
    assert tracks == open_tracks(name, tmp_path, "train")
    assert set(tracks[0].names) == set(VDBO)


def test_only_some_have_splits_of_other_names(tmp_path):
    write_folder(tmp_path / "mine" / "song")
    assert len(open_tracks("folder", tmp_path, "mine")) == 1
    with pytest.raises(
        UsageError, match=r"MUSDB18-HQ has no split 'mine', only train, valid, test"
    ):
        open_tracks("musdb", tmp_path, "mine")


def test_a_set_of_another_name():
    with pytest.raises(
        UsageError, match=r"no data set named 'musbd'; there are musdb, musdb18, ens"
    ):
        data_set("musbd")


@pytest.mark.parametrize("name", DATASETS)
def test_what_there_is_instead(tmp_path, name):
    place = tmp_path / "place"
    assert refusal(name, place).startswith("no such folder")
    place.write_text("mine")
    assert refusal(name, place).startswith("a file")
    place.unlink()
    place.mkdir()
    assert refusal(name, place).startswith("an empty folder")
    for number in range(6):
        (place / f"{number}.txt").touch()
    assert refusal(name, place).startswith("0.txt, 1.txt, 2.txt, 3.txt and 2 more")
    (place / "set.zip").touch()
    assert refusal(name, place).startswith("set.zip: unpack it first")


def test_the_page_and_the_licence_are_told(tmp_path):
    line = refusal("ensembleset", tmp_path)
    assert line.endswith("get it at https://zenodo.org/records/6519024 (CC BY-NC 4.0)")
    assert "get it" not in refusal("folder", tmp_path)


def test_a_root_one_level_up_or_down_is_named(tmp_path):
    write_folder(tmp_path / "sets" / "musdb18hq" / "train" / "song")
    right = tmp_path / "sets" / "musdb18hq"
    assert refusal("musdb", right.parent).startswith(f"them elsewhere: use --root {right};")
    assert refusal("musdb", right / "train").startswith(f"them elsewhere: use --root {right};")


def test_another_set_is_recognised(tmp_path):
    (tmp_path / "mp4" / "train").mkdir(parents=True)
    (tmp_path / "mp4" / "train" / "Artist - Song.stem.mp4").touch()
    assert refusal("musdb", tmp_path / "mp4").startswith("MUSDB18: use --dataset musdb18;")
    write_folder(tmp_path / "pop" / "train" / "song")
    assert refusal("musdb18", tmp_path / "pop").startswith("MUSDB18-HQ: use --dataset musdb;")
    write_folder(tmp_path / "raw" / "EnsembleSet" / "Bach" / "Mix_1", {"Cello.flac": noise(1)})
    assert refusal("woodwind", tmp_path / "raw").startswith(
        "EnsembleSet: use --dataset ensembleset;"
    )


def test_a_set_that_is_there_goes_before_a_place_one_level_down(tmp_path):
    write_folder(tmp_path / "audio" / "train" / "piece", {"Flute.flac": noise(1)})
    for name in ("musdb", "musdb18"):
        assert refusal(name, tmp_path).startswith("CadenzaWoodwind: use --dataset woodwind;")
    assert refusal("folder", tmp_path) == "CadenzaWoodwind: use --dataset woodwind"


def test_what_is_one_level_down_must_have_the_stems(tmp_path):
    write_folder(tmp_path / "mine" / "train" / "piece", {"guitar.wav": noise(1)})
    assert refusal("musdb", tmp_path).startswith("mine;")
    told = f"them elsewhere: use --root {tmp_path}/mine"
    assert refusal("folder", tmp_path).startswith(told)


def test_a_song_of_another_set_tells_which_by_its_stems(tmp_path):
    write_folder(tmp_path / "train" / "piece", {"guitar.wav": noise(1)})
    assert refusal("musdb18", tmp_path).startswith("your own: use --dataset folder;")


@pytest.mark.parametrize("name", ["musdb", "folder"])
@pytest.mark.parametrize("split", ["train", "test"])
def test_a_songs_own_folder_leads_to_the_root(tmp_path, name, split):
    write_folder(tmp_path / split / "song")
    told = "them" if split == "train" else "songs of other splits"
    for place in (tmp_path / split / "song", tmp_path / split):
        assert refusal(name, place).startswith(f"{told} elsewhere: use --root {tmp_path}")


def test_a_pieces_own_folder_leads_to_the_root(tmp_path):
    piece = tmp_path / "audio" / "train" / "piece"
    write_folder(piece / "Mix_1", {"Cello.flac": noise(1)})
    for place in (piece / "Mix_1", piece, piece.parent, piece.parent.parent):
        told = refusal("ensembleset", place)
        assert told.startswith(f"them elsewhere: use --root {tmp_path};")


def test_another_split_is_told(tmp_path):
    write_folder(tmp_path / "test" / "song")
    assert refusal("musdb", tmp_path).startswith("only test songs;")


def test_songs_without_a_split_are_told_where_to_go(tmp_path):
    write_folder(tmp_path / "songs" / "a song")
    for name in ("musdb", "folder"):
        told = refusal(name, tmp_path / "songs")
        assert told.startswith(f"songs that are in no split: move them into {tmp_path}/songs/train")


def test_songs_that_lack_stems_are_counted(tmp_path):
    for song in ("a", "b", "c"):
        write_folder(tmp_path / "train" / song)
        (tmp_path / "train" / song / "vocals.wav").unlink()
    told = refusal("musdb", tmp_path)
    assert told.startswith("3 songs without all stems, the first a without vocals.wav;")
    shutil.rmtree(tmp_path / "train" / "b")
    shutil.rmtree(tmp_path / "train" / "a")
    write_folder(tmp_path / "train" / "a")
    assert refusal("musdb", tmp_path).startswith("c without vocals.wav;")
    assert len(open_tracks("folder", tmp_path, "train")) == 2
