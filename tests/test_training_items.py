import os
import signal
from itertools import islice

import numpy as np
import pytest
import soundfile as sf
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import fftconvolve
from training_songs import RATE, bands, write_recipe, write_songs

from hclarity.datasets.catalogue import open_tracks
from hclarity.errors import BadDataError, ConfigurationError, HclarityError, UnavailableError
from hclarity.training.items import Crops, Share, batches
from hclarity.training.recipe import read_recipe
from hclarity.training.sources import sources_of


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return write_songs(tmp_path_factory.mktemp("songs"), songs=3)


def crops(root, *settings, active=None) -> Crops:
    recipe = read_recipe(write_recipe(root), settings)
    tracks = open_tracks("folder", root, "train")
    return Crops(tracks, sources_of(tracks, recipe.stems), recipe, active)


def places(root, item, seconds=1.0) -> list[tuple[int, int]]:
    """The song and first frame from which each source of an item was cut."""
    found = []
    for number, cut in enumerate(item):
        for song in range(3):
            whole = list(bands(seconds, 500 + song).values())[number]
            at = int(np.argmax(fftconvolve(whole[0], cut[0, ::-1], "valid")))
            if np.array_equal(whole[:, at : at + cut.shape[-1]], cut):
                found.append((song, at))
    return found


def test_an_item_depends_on_its_number_alone(root):
    one, other = crops(root), crops(root)
    for number in (0, 7, 12345):
        (first, drawn), (second, again) = one[number], other[number]
        np.testing.assert_array_equal(first, second)
        assert drawn.keys() == again.keys()
        for name in drawn:
            np.testing.assert_array_equal(drawn[name], again[name])
    assert not np.array_equal(one[0][0], one[1][0])
    assert not np.array_equal(one[0][0], crops(root, "seed=4")[0][0])


def test_coherent_items_are_cut_from_one_place_of_one_song(root):
    songs = set()
    for number in range(12):
        item, _ = crops(root, "data.coherent=1.0")[number]
        assert item.dtype == np.float32
        assert item.shape == (4, 2, RATE // 4)
        found = places(root, item)
        assert len(found) == 4
        assert len(set(found)) == 1
        songs.add(found[0][0])
    assert songs == {0, 1, 2}


def test_other_items_pair_stems_of_different_songs(root):
    pairs = [places(root, crops(root, "data.coherent=0.0")[number][0]) for number in range(12)]
    assert all(len(found) == 4 for found in pairs)
    assert sum(len({song for song, _ in found}) > 1 for found in pairs) > 8
    assert {song for found in pairs for song, _ in found} == {0, 1, 2}


def test_the_share_of_coherent_items_is_as_asked_for(root):
    some = crops(root, "data.coherent=0.5")
    coherent = [len(set(places(root, some[number][0]))) == 1 for number in range(60)]
    assert 18 <= sum(coherent) <= 42  # 3 standard deviations


def test_a_song_shorter_than_a_crop_is_followed_by_silence(tmp_path):
    root = write_songs(tmp_path, songs=1, seconds=0.1)
    item, _ = crops(root)[0]
    assert item.shape == (4, 2, 2000)
    assert np.abs(item[..., :800]).max(axis=-1).all()
    assert not item[..., 800:].any()


def test_stems_that_a_song_lacks_are_silent_and_mono_is_heard_on_both_sides(tmp_path):
    folder = tmp_path / "train" / "duo"
    folder.mkdir(parents=True)
    sf.write(folder / "vocals.wav", bands(1.0, 0)["vocals"][0], RATE, subtype="FLOAT")
    write_songs(tmp_path, songs=1)
    some = crops(tmp_path, "data.coherent=0.0", 'stems=["vocals"]')
    items = [some[number][0] for number in range(20)]
    lone = [item for item in items if not item[1:].any()]  # vocals come first
    assert 2 <= len(lone) <= 18
    assert any(np.array_equal(item[0, 0], item[0, 1]) for item in items)


def test_crops_begin_where_a_stem_is_heard(root):
    """As far as it is known; of a stem that is nowhere heard, anywhere."""
    active = {f"song{number}": {"vocals": [6000] if number else []} for number in range(3)}
    some = crops(root, "data.coherent=0.0", active=active)
    vocals = [places(root, some[number][0])[3] for number in range(20)]
    assert {song for song, _ in vocals} == {1, 2}
    assert all(at == 6000 for _, at in vocals)  # the song ends 2000 frames later


@given(
    processes=st.integers(1, 5),
    accumulate=st.integers(1, 4),
    own=st.integers(1, 3),
    step=st.integers(0, 1000),
)
@settings(deadline=None, max_examples=50)
def test_a_step_is_made_of_the_same_items_however_many_share_it(processes, accumulate, own, step):
    batch = processes * accumulate * own
    numbers = [
        number
        for rank in range(processes)
        for micro in range(accumulate)
        for number in Share(rank, processes, batch, accumulate).numbers(step, micro)
    ]
    assert sorted(numbers) == list(range(step * batch, (step + 1) * batch))


def test_a_batch_that_cannot_be_shared_is_refused():
    with pytest.raises(ConfigurationError, match="a batch of 5 items cannot be shared by 2"):
        Share(0, 2, 5, 1)


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_are_the_items_in_their_order_from_any_step_on(root, workers):
    some, share = crops(root), Share(1, 2, 8, 2)
    found = list(batches(some, share, first_step=3, steps=5, workers=workers))
    assert len(found) == 4
    for (sources, drawn), (step, micro) in zip(
        found, [(3, 0), (3, 1), (4, 0), (4, 1)], strict=True
    ):
        for place, number in enumerate(share.numbers(step, micro)):
            expected, its = some[number]
            assert torch.equal(sources[place], torch.from_numpy(expected))
            assert drawn.keys() == its.keys()
            for name in its:
                np.testing.assert_array_equal(drawn[name][place].numpy(), its[name])


@pytest.mark.parametrize("workers", [0, 1])
def test_a_song_that_breaks_is_told_in_one_line_whoever_reads_it(tmp_path, workers):
    root = write_songs(tmp_path, songs=1)
    some = crops(root)
    assert some[0]  # what the headers say is known now
    (root / "train" / "song0" / "bass.wav").write_bytes(b"broken")
    with pytest.raises(HclarityError, match=r"bass\.wav") as told:
        next(islice(batches(some, Share(0, 1, 2, 1), first_step=0, steps=1, workers=workers), 1))
    assert isinstance(told.value, BadDataError)
    assert "\n" not in str(told.value)


def test_a_reader_that_is_killed_is_told_in_one_line(root):
    some = crops(root)
    some._start = lambda *what: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[method-assign]
    with pytest.raises(UnavailableError, match="maybe for lack of memory"):
        next(batches(some, Share(0, 1, 2, 1), first_step=0, steps=1, workers=1))
