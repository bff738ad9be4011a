"""MUSDB18 and MUSDB18-HQ. The package musdb is asked which songs validate, and never imported."""

import importlib.util
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from audio_files import stempeg_example
from stem_folders import noise, write_folder

from hclarity.datasets.musdb import STEMS, VALIDATION, find_stem_files, find_wav_folders


def names(tracks):
    return [track.name for track in tracks]


def touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def test_the_songs_to_validate_with_are_those_of_musdb():
    spec = importlib.util.find_spec("musdb")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("musdb is not installed")
    text = Path(spec.submodule_search_locations[0], "configs", "mus.yaml").read_text()
    listed = re.findall(r"^\s*- '(.*)'$", text.partition("validation_tracks")[2], re.MULTILINE)
    assert len(listed) == 14
    assert set(listed) == VALIDATION


def test_all_150_songs_have_their_split(tmp_path):
    songs = [*VALIDATION, *(f"Artist - Song {n}" for n in range(86))]
    for song in songs:
        touch(tmp_path / "train" / song / "vocals.wav")
    for n in range(50):
        touch(tmp_path / "test" / f"Artist - Test {n}" / "vocals.wav")
    splits = {
        split: names(find_wav_folders(tmp_path, split)) for split in ("train", "valid", "test")
    }
    assert {split: len(found) for split, found in splits.items()} == {
        "train": 86,
        "valid": 14,
        "test": 50,
    }
    assert set(splits["valid"]) == VALIDATION
    assert set(splits["train"]).isdisjoint(VALIDATION)
    for found in splits.values():
        assert found == sorted(found)


def test_a_folder_to_validate_with_comes_before_the_names(tmp_path):
    for name in ("train/ANiMAL - Rockshow", "train/a", "valid/b"):
        write_folder(tmp_path / name)
    assert names(find_wav_folders(tmp_path, "valid")) == ["b"]
    assert names(find_wav_folders(tmp_path, "train")) == ["a"]


def test_stems_come_in_their_order_and_no_others(tmp_path):
    files = {
        f"{name}.flac": noise(3) for name in ("Vocals", "Drums", "Bass", "Other", "linear_mixture")
    }
    write_folder(tmp_path / "test" / "song", files)
    (track,) = find_wav_folders(tmp_path, "test")
    assert track.names == STEMS == ("drums", "bass", "other", "vocals")


@pytest.fixture
def stem_files(tmp_path):
    for name in ("Artist - Song", "Leaf - Summerghost"):
        target = tmp_path / "train" / f"{name}.stem.mp4"
        target.parent.mkdir(exist_ok=True)
        shutil.copy(stempeg_example(), target)
    touch(tmp_path / "train" / "README.txt")
    return tmp_path


def test_stem_files_are_songs(stem_files):
    assert names(find_stem_files(stem_files, "valid")) == ["Leaf - Summerghost"]
    (track,) = find_stem_files(stem_files, "train")
    assert track.name == "Artist - Song"
    assert track.names == STEMS
    assert (track.sample_rate, track.channels, track.frames) == (44100, 2, 268288)
    total = sum(track.read(name) for name in STEMS)
    mixture = track.read_mixture()
    error = 10 * np.log10(np.mean((mixture - total) ** 2) / np.mean(mixture**2))
    assert -40 < error < -15  # AAC's own noise, and no stem is another's


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::SyntaxWarning")
def test_stem_files_are_read_as_stempeg_reads_them(stem_files):
    """Whose second crop is of other frames: it decodes from the beginning, in s and not frames."""
    if shutil.which("ffmpeg") is None:
        pytest.skip("stempeg needs ffmpeg")
    stempeg = pytest.importorskip("stempeg")
    (track,) = find_stem_files(stem_files, "train")
    samples, rate = stempeg.read_stems(str(stem_files / "train" / "Artist - Song.stem.mp4"))
    assert rate == track.sample_rate
    for stream, name in enumerate(STEMS, 1):
        theirs = samples[stream].T
        ours = track.read(name)
        assert ours.shape == theirs.shape
        assert np.abs(ours - theirs).max() < 1e-6
        np.testing.assert_array_equal(track.read(name, 100_000, 777), ours[:, 100_000:100_777])
