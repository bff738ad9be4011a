import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import istft, stft
from stem_folders import noise, write_folder

from hclarity.datasets.folders import find_tracks
from hclarity.evaluation import oracles
from hclarity.evaluation.oracles import IdealMaskRow, MixtureRow, ideal_ratio_mask
from hclarity.evaluation.songs import Song


def whole_song_mask(truth, mixture):
    """The mask of the whole spectrogram at once."""
    window = {"nperseg": 4096, "noverlap": 3072}
    magnitudes = {stem: np.abs(stft(samples, **window)[2]) for stem, samples in truth.items()}
    total = sum(magnitudes.values()) + 1e-9
    heard = stft(mixture, **window)[2]
    return {
        stem: istft(heard * magnitude / total, **window)[1][:, : mixture.shape[1]]
        for stem, magnitude in magnitudes.items()
    }


@settings(deadline=None, max_examples=10)
@given(frames=st.integers(4096, 60_000))
def test_blocks_change_nothing(frames):
    truth = {"a": noise(1, frames), "b": 0.2 * noise(2, frames), "c": np.zeros((2, frames), "f")}
    mixture = sum(truth.values())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(oracles, "BLOCK", 8 * oracles.HOP)
        found = ideal_ratio_mask(truth, mixture)
    for stem, sound in whole_song_mask(truth, mixture).items():
        np.testing.assert_allclose(found[stem], sound, atol=1e-6)
        assert found[stem].dtype == np.float32


@pytest.mark.parametrize("frames", [1, 100, 4095, 4097])
def test_estimates_are_as_long_as_the_song_and_sum_to_it(frames):
    truth = {"a": noise(1, frames), "b": noise(2, frames)}
    mixture = truth["a"] + truth["b"]
    found = ideal_ratio_mask(truth, mixture)
    assert found["a"].shape == mixture.shape
    np.testing.assert_allclose(sum(found.values()), mixture, atol=1e-5)


def test_what_sounds_at_different_times_or_hertz_is_told_apart():
    time = np.arange(16384) / 8000
    low = np.sin(2 * np.pi * 200 * time, dtype=np.float32)[np.newaxis] * 0.5
    high = np.sin(2 * np.pi * 3000 * time, dtype=np.float32)[np.newaxis] * 0.5
    found = ideal_ratio_mask({"low": low, "high": high}, low + high)
    inside = slice(200, -200)  # where the song does not begin or end, which has all hertz
    np.testing.assert_allclose(found["low"][:, inside], low[:, inside], atol=0.01)


def test_silence_stays_silent():
    silent = np.zeros((2, 5000), np.float32)
    found = ideal_ratio_mask({"a": silent, "b": silent}, silent)
    assert not found["a"].any()


def test_rows_frame_a_table(tmp_path):
    write_folder(tmp_path / "test" / "song")
    song = Song("song", find_tracks(tmp_path, "test")[0])
    floor, ceiling = MixtureRow(), IdealMaskRow()
    assert (floor.name, floor.kind, ceiling.name, ceiling.kind) == (
        "mixture",
        "floor",
        "ideal ratio mask",
        "ceiling",
    )
    assert not floor.seen
    assert floor.enhanced is None
    mixtures, masked = floor.estimate(song), ceiling.estimate(song)
    assert list(mixtures) == list(masked) == list(song.stems)
    for stem, true in song.stems.items():
        assert np.array_equal(mixtures[stem], song.mixture)
        assert np.abs(masked[stem] - true).mean() < np.abs(song.mixture - true).mean()
    assert floor.digest_of(song) == floor.digest != ceiling.digest


def test_rows_answer_for_sums_of_stems_too(tmp_path):
    write_folder(tmp_path / "test" / "song")
    song = Song("song", find_tracks(tmp_path, "test")[0])
    sums = ("accompaniment", "no_piano")
    names = [*song.track.names, "accompaniment"]
    assert list(MixtureRow(sums).estimate(song)) == names
    masked = IdealMaskRow(sums).estimate(song)
    assert list(masked) == names
    np.testing.assert_array_equal(
        masked["accompaniment"], masked["bass"] + masked["drums"] + masked["other"]
    )
    assert IdealMaskRow(sums).digest != IdealMaskRow().digest
