"""Songs of a split, compared with each other and with what should be there."""

import pytest
from stem_folders import VDBO, noise, write_folder

from hclarity.datasets.catalogue import data_set
from hclarity.datasets.comparing import check_split


@pytest.fixture
def found(tmp_path):
    """What is found in the split "train" as a whole: songs, kinds and words."""

    def check(name="folder"):
        known = data_set(name)
        findings = check_split(known, tmp_path, "train", known.find(tmp_path, "train"))
        return [(finding.track, finding.kind, finding.words) for finding in findings]

    return check


@pytest.fixture
def train(tmp_path):
    """The folder of a split of three songs in which nothing is wrong."""
    for name in "abc":
        write_folder(tmp_path / "train" / name)
    return tmp_path / "train"


def test_good_songs(found, train):
    assert found() == []


def test_songs_that_a_published_set_lacks(found, train):
    assert found("musdb") == [(None, "missing", "83 of 86 songs")]
    for number in range(83):
        write_folder(train / f"more{number}", {f"{name}.wav": noise(1, 4) for name in VDBO})
    assert found("musdb") == []


def test_songs_of_another_rate_than_most(found, train):
    write_folder(train / "b", rate=44100)
    write_folder(train / "d")
    (train / "d" / "bass.wav").write_text("no sound")
    assert found() == [("b", "rate", "44100 Hz, where most songs have 22050 Hz")]


def test_songs_of_other_channels_than_most(found, train):
    write_folder(train / "c", {f"{name}.wav": noise(1, channels=1) for name in VDBO})
    assert found() == [("c", "channels", "1 channel, where most songs have 2 channels")]


@pytest.mark.parametrize("name", ["folder", "woodwind"])
def test_a_stem_in_two_formats(found, tmp_path, name):
    folder = tmp_path / ("train" if name == "folder" else "audio/train") / "song"
    write_folder(folder, {"flute.wav": noise(1), "Flute.flac": noise(2), "oboe.wav": noise(3)})
    assert found(name) == [("song", "twice", "flute is there as flute.wav, Flute.flac; keep one")]


@pytest.mark.parametrize("name", ["folder", "musdb"])
def test_folders_without_stems(found, train, name):
    (train / "empty").mkdir()
    (train / "papers").mkdir()
    (train / "papers" / "read.me").touch()
    (train / "gone").symlink_to("nowhere")
    assert [finding for finding in found(name) if finding[0]] == [
        ("empty", "missing", "no stems: an empty folder"),
        ("papers", "missing", "no stems"),
        ("gone", "missing", "gone is a link to nowhere, which is not there"),
    ]


def test_a_stem_that_most_other_songs_have(found, train):
    (train / "b" / "vocals.wav").unlink()
    write_folder(train / "c", {"guitar.wav": noise(5)}, mixture=None)
    assert found() == [("b", "missing", "no vocals, which most songs have")]


def test_links_that_lead_nowhere(found, train):
    (train / "b" / "vocals.wav").unlink()
    (train / "b" / "vocals.wav").symlink_to("elsewhere.wav")
    (train / "b" / "cover.jpg").symlink_to("elsewhere.jpg")
    assert found() == [
        ("b", "missing", "vocals.wav is a link to elsewhere.wav, which is not there"),
        ("b", "missing", "no vocals, which most songs have"),
    ]
