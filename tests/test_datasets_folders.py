import numpy as np
import pytest

from hclarity.audio.reading import read_audio
from hclarity.audio.values import Stems
from hclarity.datasets.folders import find_tracks, read_stems, write_song
from hclarity.errors import BadDataError, MissingInputError

NAMES = ("drums", "bass", "other", "vocals")


@pytest.fixture
def stems() -> Stems:
    noise = 0.1 * np.random.default_rng(0).standard_normal((4, 2, 500))
    return Stems(NAMES, noise, 44100)


def test_what_is_written_is_read_back_to_24_bits(tmp_path, stems):
    write_song(stems, tmp_path / "train" / "a song")
    (track,) = find_tracks(tmp_path, "train")
    again = read_stems(track, NAMES)
    assert again.names == NAMES
    assert np.abs(again.samples - stems.samples).max() <= 2**-23


def test_the_mixture_is_the_sum_of_the_stems(tmp_path, stems):
    mixture = read_audio(write_song(stems, tmp_path)[0])
    assert np.abs(mixture.samples - stems.mix().samples).max() <= 2**-23


def test_a_folder_without_songs_says_what_was_expected(tmp_path):
    with pytest.raises(MissingInputError, match=r"train/TRACK/STEM\.wav"):
        find_tracks(tmp_path, "train")


def test_a_track_without_a_stem_says_which(tmp_path, stems):
    write_song(stems, tmp_path)
    (tmp_path / "bass.wav").unlink()
    with pytest.raises(MissingInputError, match=r"bass\.wav"):
        read_stems(tmp_path, NAMES)


def test_stems_of_unlike_length_are_refused(tmp_path, stems):
    write_song(stems, tmp_path)
    write_song(Stems(NAMES, stems.samples[..., :400], 44100), tmp_path / "short")
    (tmp_path / "short" / "bass.wav").replace(tmp_path / "bass.wav")
    with pytest.raises(BadDataError, match=r"500 frames.*400"):
        read_stems(tmp_path, NAMES)
