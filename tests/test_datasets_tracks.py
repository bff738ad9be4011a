import pickle

import numpy as np
import pytest
from stem_folders import RATE, noise, write_folder

from hclarity.datasets.tracks import Sound, Track
from hclarity.errors import BadDataError, MissingInputError


@pytest.fixture
def track(tmp_path):
    write_folder(
        tmp_path, {"violin_1.wav": noise(1), "violin_2.flac": noise(2), "cello.wav": noise(3)}
    )
    violins = (Sound(tmp_path / "violin_1.wav"), Sound(tmp_path / "violin_2.flac"))
    stems = {"violin": violins, "cello": (Sound(tmp_path / "cello.wav"),)}
    return Track("a piece", stems, Sound(tmp_path / "mixture.wav"))


def test_its_shape_is_that_of_its_files(track):
    assert track.names == ("violin", "cello")
    assert (track.sample_rate, track.channels, track.frames) == (RATE, 2, 2000)


def test_several_players_of_one_instrument_are_summed(track):
    np.testing.assert_array_equal(track.read("violin"), noise(1) + noise(2))
    np.testing.assert_array_equal(track.read("cello"), noise(3))


@pytest.mark.parametrize(("start", "frames"), [(0, 1), (7, 100), (1999, 1), (500, None), (2000, 0)])
def test_a_crop_is_part_of_the_whole(track, start, frames):
    end = None if frames is None else start + frames
    for read in (lambda *crop: track.read("violin", *crop), track.read_mixture):
        crop = read(start, frames)
        assert crop.dtype == np.float32
        np.testing.assert_array_equal(crop, read()[:, start:end])


def test_the_mixture_is_its_file_or_else_the_sum(track, tmp_path):
    np.testing.assert_array_equal(track.read_mixture(), noise(1) + noise(2) + noise(3))
    np.testing.assert_array_equal(
        Track("a piece", track.stems).read_mixture(), track.read_mixture()
    )
    write_folder(tmp_path, {"mixture.wav": noise(9)}, mixture=None)
    np.testing.assert_array_equal(track.read_mixture(), noise(9))


def test_it_is_as_long_as_its_shortest_file(track, tmp_path):
    write_folder(tmp_path, {"cello.wav": noise(3, 1990)}, mixture=None)
    assert track.frames == 1990
    assert track.read("violin").shape == (2, 1990)


def test_nothing_is_read_before_it_is_asked_for(tmp_path):
    track = Track("gone", {"bass": (Sound(tmp_path / "bass.wav"),)})
    assert track.names == ("bass",)
    with pytest.raises(MissingInputError, match=r"bass\.wav is not there"):
        _ = track.frames


@pytest.mark.parametrize("asked", [False, True])
def test_another_process_reads_the_same(track, asked):
    if asked:
        assert track.frames == 2000
    again = pickle.loads(pickle.dumps(track))
    assert again == track
    np.testing.assert_array_equal(again.read("violin", 5, 9), track.read("violin", 5, 9))


@pytest.mark.parametrize(
    ("start", "frames"), [(-1, 5), (1999, 2), (0, 2001), (5, -1), (2001, None)]
)
def test_a_crop_that_is_not_inside_is_refused(track, start, frames):
    with pytest.raises(BadDataError, match="of 2000 there are"):
        track.read("cello", start, frames)


def test_a_stem_that_is_not_there_is_refused(track):
    with pytest.raises(BadDataError, match=r"no stem 'drums'; there are violin, cello"):
        track.read("drums")


@pytest.mark.parametrize(
    ("files", "rate"),
    [({"cello.wav": noise(3, channels=1)}, RATE), ({"cello.wav": noise(3)}, 44100)],
)
def test_files_that_do_not_agree_are_refused(track, tmp_path, files, rate):
    write_folder(tmp_path, files, rate=rate, mixture=None)
    with pytest.raises(BadDataError, match=r"must agree: .*violin_1\.wav has 2 .*cello\.wav has"):
        _ = track.sample_rate
