import numpy as np
import pytest
from stem_folders import VDBO, noise, write_folder

from hclarity.datasets.folders import find_tracks


def test_every_folder_with_sounds_is_a_song(tmp_path):
    for name in ("b", "a", "C"):
        files = write_folder(tmp_path / "train" / name)
    (tmp_path / "train" / "empty").mkdir()
    (tmp_path / "train" / "notes.txt").write_text("mine")
    (tmp_path / "train" / "a" / "cover.jpg").write_text("none")
    tracks = find_tracks(tmp_path, "train")
    assert [track.name for track in tracks] == ["C", "a", "b"]
    for track in tracks:
        assert track.names == VDBO
        assert track.mixture is not None
        np.testing.assert_array_equal(track.read("bass"), files["bass.wav"])
        np.testing.assert_array_equal(track.read_mixture(), files["mixture.wav"])


def test_hidden_and_unfinished_things_are_passed_over(tmp_path):
    write_folder(tmp_path / "train" / "song")
    write_folder(tmp_path / "train" / ".unfinished")
    (tmp_path / "train" / "song" / "._bass.wav").write_text("as macOS leaves them")
    (track,) = find_tracks(tmp_path, "train")
    assert (track.name, track.names) == ("song", VDBO)


def test_names_and_suffixes_of_any_case(tmp_path):
    files = write_folder(
        tmp_path / "valid" / "song",
        {"Guitar.WAV": noise(1), "VOICE.flac": noise(2)},
        mixture="Mixture.wav",
    )
    (track,) = find_tracks(tmp_path, "valid")
    assert track.names == ("guitar", "voice")
    np.testing.assert_array_equal(track.read("voice"), files["VOICE.flac"])
    assert track.mixture is not None


def test_of_wav_and_flac_the_wav_is_read(tmp_path):
    write_folder(tmp_path / "train" / "song", {"a.flac": noise(1), "a.wav": noise(2)}, mixture=None)
    (track,) = find_tracks(tmp_path, "train")
    np.testing.assert_array_equal(track.read("a"), noise(2))


@pytest.mark.parametrize("split", ["train", "none"])
def test_a_split_that_is_not_there_has_no_songs(tmp_path, split):
    write_folder(tmp_path / "test" / "song")
    assert find_tracks(tmp_path, split) == []
    assert find_tracks(tmp_path / "nowhere", split) == []
