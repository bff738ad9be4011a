import numpy as np
import pytest
from cli_program import files_in

from hclarity.audio.reading import read_audio
from hclarity.audio.values import Stems
from hclarity.datasets import writing
from hclarity.datasets.writing import write_song
from hclarity.errors import CannotCreateError


@pytest.fixture
def stems():
    noise = 0.04 * np.random.default_rng(0).standard_normal((4, 2, 5000))
    noise[0, 0, :10] = 1.5  # clipped, and still summed as it is written
    noise[1, 0, :10] = -0.9
    return Stems(("drums", "bass", "other", "vocals"), noise.astype(np.float32), 44100)


@pytest.mark.parametrize("lossless", ["wav", "flac"])
def test_the_mixture_is_the_sum_to_the_bit(tmp_path, stems, lossless):
    mixture = write_song(stems, tmp_path / "song", mixture="mix", lossless=lossless)
    assert mixture == tmp_path / "song" / f"mix.{lossless}"
    read = {
        name: read_audio(tmp_path / "song" / f"{name}.{lossless}").samples for name in stems.names
    }
    np.testing.assert_array_equal(read_audio(mixture).samples, sum(read.values()))
    for name, samples in read.items():
        true = np.clip(stems[name].samples, -1, 1)
        assert np.abs(samples - true).max() <= 2**-23


def test_a_song_is_whole_or_not_there(tmp_path, stems, monkeypatch):
    whole = writing._write
    written = []

    def write(audio, path, encoding):
        if len(written) == 3:
            raise KeyboardInterrupt
        whole(audio, path, encoding)
        written.append(path)

    monkeypatch.setattr(writing, "_write", write)
    with pytest.raises(KeyboardInterrupt):
        write_song(stems, tmp_path / "train" / "song")
    assert len(written) == 3
    assert list((tmp_path / "train").iterdir()) == []


def test_a_folder_that_is_there_is_left_alone(tmp_path, stems):
    (tmp_path / "song").mkdir()
    (tmp_path / "song" / "mine.txt").write_text("mine")
    with pytest.raises(CannotCreateError, match="song is there already; remove it"):
        write_song(stems, tmp_path / "song")
    assert files_in(tmp_path) == ["song/mine.txt"]


def test_a_place_that_cannot_be_made(tmp_path, stems):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(CannotCreateError, match="file cannot be made a folder"):
        write_song(stems, tmp_path / "file" / "song")
