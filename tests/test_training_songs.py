import json
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from training_songs import RATE, STEMS, bands, write_recipe, write_songs

from hclarity.datasets.catalogue import open_tracks
from hclarity.errors import BadDataError, CannotCreateError, ConfigurationError, MissingInputError
from hclarity.training.activity import active_segments, find_activity
from hclarity.training.recipe import read_recipe
from hclarity.training.run_folder import RunFolder
from hclarity.training.songs import Place, open_songs
from hclarity.training.sources import Sources, sources_of


@pytest.fixture
def root(tmp_path):
    return write_songs(tmp_path / "songs")


def test_the_songs_beside_judge_if_there_are_any(root):
    recipe = read_recipe(write_recipe(root))
    learn = Place("folder", root, "train")
    assert open_songs(recipe, learn).document() == {
        "train": ["song0", "song1"], "valid": [], "seen": []
    }  # fmt: skip
    write_songs(root, "valid", songs=1)
    assert open_songs(recipe, learn).document()["valid"] == ["song0"]
    write_songs(root, "test", songs=2)
    judged = open_songs(recipe, learn, Place("folder", root, "test"))
    assert judged.document()["valid"] == ["song0", "song1"]
    with pytest.raises(MissingInputError):
        open_songs(recipe, learn, Place("folder", root, "nowhere"))


def test_what_was_heard_of_a_public_data_set_is_noted(root):
    for track in (root / "train").iterdir():
        sf.write(track / "mixture.wav", sum(bands(1.0, 0).values()).T, RATE)
    recipe = read_recipe(write_recipe(root))
    songs = open_songs(recipe, Place("musdb", root, "train"))
    assert songs.seen == ("musdb/train",)
    assert songs.in_words == "2 songs of musdb/train"


def test_songs_that_do_not_fit_the_recipe_are_refused(root):
    path = write_recipe(root)
    learn = Place("folder", root, "train")
    with pytest.raises(BadDataError, match="song0 is at 8000 Hz, the recipe wants 16000 Hz"):
        open_songs(read_recipe(path, ["sample_rate=16000"]), learn)
    with pytest.raises(BadDataError, match="song0 has 2 channels, the recipe wants 1"):
        open_songs(read_recipe(path, ["channels=1"]), learn)


def test_a_run_is_not_replaced_and_goes_on_only_as_it_was_begun(root, tmp_path):
    path = write_recipe(root)
    recipe, learn = read_recipe(path), Place("folder", root, "train")
    songs, run = open_songs(recipe, learn), RunFolder(tmp_path / "runs" / "mine")
    run.require_free(False, recipe, songs)
    run.require_free(True, recipe, songs)
    run.begin(recipe, songs)
    assert run.require_free(True, read_recipe(path, ["seed=4"]), songs) == []  # nothing is lost
    run.checkpoint.touch()
    with pytest.raises(CannotCreateError, match="holds a run already: --resume goes on with it"):
        run.require_free(False, recipe, songs)
    assert run.require_free(True, recipe, songs) == []
    may = ["optimiser.learning_rate=1e-4", "optimiser.clip=1.5", "run.precision=bf16"]
    changed = run.require_free(True, read_recipe(path, [*may, "run.steps=99"]), songs)
    assert sorted(changed) == [
        "optimiser.clip is 1.5, was 5.0",
        "optimiser.learning_rate is 0.0001, was 0.003",
        "run.precision is 'bf16', was 'fp32'",
        "run.steps is 99, was 6",
    ]
    other = read_recipe(path, ["optimiser.name=adamw", "optimiser.clip=1.5", "seed=4"])
    with pytest.raises(ConfigurationError, match=r"optimiser\.name is 'adamw'") as told:
        run.require_free(True, other, songs)
    assert "seed is 4, was 3" in str(told.value)
    assert "clip" not in str(told.value)
    write_songs(root, "valid", songs=1)
    with pytest.raises(ConfigurationError, match="with other songs to valid"):
        run.require_free(True, recipe, open_songs(recipe, learn))
    (run.path / "data.json").write_text("{")
    with pytest.raises(BadDataError, match=r"data\.json is damaged"):
        run.require_free(True, recipe, songs)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(CannotCreateError, match="file is a file"):
        RunFolder(tmp_path / "file").require_free(False, recipe, songs)


@pytest.mark.parametrize("file", ["card.toml", "recipe.toml"])
@pytest.mark.parametrize("resume", [False, True])
def test_a_model_or_recipe_that_no_run_wrote_is_left_alone(root, tmp_path, file, resume):
    recipe = read_recipe(write_recipe(root))
    songs = open_songs(recipe, Place("folder", root, "train"))
    (tmp_path / file).write_text("mine")
    with pytest.raises(CannotCreateError, match=f"{file} is of no run"):
        RunFolder(tmp_path).require_free(resume, recipe, songs)


def test_a_run_has_a_name_that_a_model_may_have(root, tmp_path, monkeypatch):
    recipe = read_recipe(write_recipe(root))
    songs = open_songs(recipe, Place("folder", root, "train"))
    with pytest.raises(ConfigurationError, match=r"the run's folder must be named .* got 'my run'"):
        RunFolder(tmp_path / "my run").require_free(False, recipe, songs)
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path / "mine")
    assert RunFolder(Path()).require_free(False, recipe, songs) == []


def test_sources_are_all_stems_and_wanted_ones_their_sums(root):
    tracks = open_tracks("folder", root, "train")
    all_four = sources_of(tracks, STEMS)
    assert all_four.names == STEMS
    np.testing.assert_array_equal(all_four.matrix(), np.eye(4))
    one = sources_of(tracks, ["vocals"])
    assert one.names == ("vocals", "bass", "drums", "other")
    np.testing.assert_array_equal(one.matrix(), [[1, 0, 0, 0]])
    two = sources_of(tracks, ["vocals", "accompaniment"])
    np.testing.assert_array_equal(two.matrix(), [[1, 0, 0, 0], [0, 1, 1, 1]])
    without = sources_of(tracks, ["bass", "no_vocals"])
    assert without.parts("no_vocals") == ("bass", "drums", "other")


def test_wanted_stems_of_a_song_are_what_the_matrix_makes(root):
    sources = Sources(("violin", "cello", "flute"), ("violin", "accompaniment"))
    rng = np.random.default_rng(0)
    sounds = {name: rng.standard_normal((2, 50)).astype(np.float32) for name in sources.names}
    wanted = sources.wanted(sounds)
    stacked = np.stack(list(sounds.values()))
    product = np.einsum("ts,scf->tcf", sources.matrix(), stacked)
    np.testing.assert_allclose(np.stack(list(wanted.values())), product, rtol=0, atol=1e-6)
    assert set(sources.wanted({"violin": sounds["violin"]})) == {"violin"}


@pytest.mark.parametrize("stem", ["guitar", "no_guitar"])
def test_a_stem_that_no_song_has_is_refused(root, stem):
    with pytest.raises(BadDataError, match=f"no song has a stem '{stem}'; there are"):
        sources_of(open_tracks("folder", root, "train"), [stem])


def test_accompaniment_of_all_there_is_is_refused(root):
    with pytest.raises(BadDataError, match="accompaniment"):
        sources_of(open_tracks("folder", root, "train"), [*STEMS, "accompaniment"])


def test_only_segments_where_a_stem_is_heard_are_active(tmp_path):
    """20 s: silence, a tone from 7 s to 16 s, and hiss at -70 dBFS under all of it."""
    frames = 20 * RATE
    rng = np.random.default_rng(0)
    sound = 10 ** (-70 / 20) * rng.standard_normal((2, frames))
    sound[:, 7 * RATE : 16 * RATE] += 0.3 * np.sin(np.arange(9 * RATE) * 0.3)
    folder = tmp_path / "songs" / "train" / "song"
    folder.mkdir(parents=True)
    sf.write(folder / "vocals.wav", sound.T, RATE, subtype="FLOAT")
    sf.write(folder / "bass.wav", np.zeros((frames, 2)), RATE)
    (track,) = open_tracks("folder", tmp_path / "songs", "train")
    # Segments begin every 3 s; those of which more than 3 s are the tone begin at 6, 9 and 12 s.
    assert active_segments(track, "vocals") == [6 * RATE, 9 * RATE, 12 * RATE]
    assert active_segments(track, "bass") == []

    heard: list[None] = []
    kept = tmp_path / "activity.json"
    found = find_activity([track], kept, lambda: heard.append(None))
    assert found["song"]["vocals"] == [6 * RATE, 9 * RATE, 12 * RATE]
    assert len(heard) == 1
    assert find_activity([track], kept, lambda: heard.append(None)) == found
    assert len(heard) == 1  # it was kept
    kept.write_text(json.dumps({"another": {}}))
    with pytest.raises(BadDataError, match="of other songs"):
        find_activity([track], kept)


def test_songs_that_judge_must_fit_too(root):
    write_songs(root, "valid", songs=1)
    odd = root / "valid" / "song0"
    for path in odd.glob("*.wav"):
        sf.write(path, np.zeros((RATE, 3)), RATE)
    with pytest.raises(BadDataError, match="has 3 channels"):
        open_songs(read_recipe(write_recipe(root)), Place("folder", root, "train"))


def test_an_incomplete_song_to_judge_by_is_told_of(root):
    write_songs(root, "valid", songs=1)
    for split in ("train", "valid"):
        for track in (root / split).iterdir():
            sf.write(track / "mixture.wav", np.zeros((RATE, 2)), RATE)
    (root / "valid" / "song0" / "vocals.wav").unlink()
    with pytest.raises(MissingInputError, match="vocals"):
        open_songs(read_recipe(write_recipe(root)), Place("musdb", root, "train"))


def test_a_sum_is_of_all_that_the_song_itself_has():
    """A song that judges may have instruments that no song to learn from has."""
    sources = Sources(("violin", "cello"), ("violin", "accompaniment"))
    song = {name: np.full((2, 3), level) for name, level in (("cello", 1.0), ("flute", 0.5))}
    wanted = sources.wanted(song)
    assert list(wanted) == ["accompaniment"]
    np.testing.assert_array_equal(wanted["accompaniment"], np.full((2, 3), 1.5))
