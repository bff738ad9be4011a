from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf
from cli_program import Ended, files_in, hclarity
from safetensors.numpy import load_file
from tiny_model import STEMS

from hclarity.training import loop

pytestmark = pytest.mark.usefixtures("workplace")

RECIPE = """
net = "hdemucs"
arguments = { width = 4, depth = 5, ratio_mask = true }
stems = ["drums", "bass", "other", "vocals"]
sample_rate = 44100
channels = 2
crop_seconds = 0.5
batch = 1
steps = 4
learning_rate = 1e-3
warmup = 1
cooldown = 1
clip = 5.0
averaging = 0.9
precision = "fp32"
seed = 0
"""


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("songs")
    words = ("dataset", "generate", folder, "--songs", "1", "--seconds", "1", "--seed", "7", "-q")
    assert hclarity(*words).code == 0
    return folder


def train(songs: Path, *words: object, out: str = "run") -> Ended:
    Path("recipe.toml").write_text(RECIPE)
    return hclarity("train", "recipe.toml", "--root", songs, "-o", out, *words)


def test_generated_songs_are_the_sum_of_their_stems_and_made_once(songs: Path) -> None:
    track = songs / "train" / "song0007"
    assert files_in(songs) == sorted(f"train/song0007/{name}.wav" for name in ("mixture", *STEMS))
    samples = {path.stem: sf.read(path)[0] for path in track.iterdir()}
    mixture = samples.pop("mixture")
    assert mixture.shape == (44100, 2)
    np.testing.assert_allclose(sum(samples.values()), mixture, rtol=0, atol=1e-6)
    before = {path: path.stat().st_mtime_ns for path in track.iterdir()}
    words = ("dataset", "generate", songs, "--songs", "1", "--seconds", "1", "--seed", "7")
    ended = hclarity(*words)
    assert (ended.code, ended.paths) == (0, [str(songs / "train")])
    assert {path: path.stat().st_mtime_ns for path in track.iterdir()} == before


def test_songs_and_a_recipe_become_weights(songs: Path) -> None:
    ended = train(songs)
    assert (ended.code, ended.paths) == (0, ["run/weights.safetensors"])
    assert ended.lines == ["reading songs", "training 4 steps"]
    assert files_in(Path("run")) == ["checkpoint.pt", "weights.safetensors"]
    again = train(songs)
    assert (again.code, again.lines) == (0, ["reading songs"])


def test_an_interrupted_training_goes_on(songs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And its weights are those of one that was not interrupted."""
    monkeypatch.setattr(loop, "train", partial(loop.train, checkpoint_every=1))
    assert train(songs, out="whole").code == 0
    kept = loop.save_weights
    steps: list[int] = []

    def interrupted(*what: Any) -> None:
        kept(*what)
        steps.append(len(steps))
        if len(steps) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(loop, "save_weights", interrupted)
    ended = train(songs, "-q")
    assert (ended.code, ended.out) == (130, "")
    assert ended.lines == ["error: interrupted; the same command again does what is missing"]
    assert train(songs).code == 0
    assert len(steps) == 4
    whole, resumed = (load_file(f"{run}/weights.safetensors") for run in ("whole", "run"))
    assert whole.keys() == resumed.keys()
    for name, weights in whole.items():
        np.testing.assert_array_equal(resumed[name], weights, err_msg=name)


def test_what_cannot_be_trained(songs: Path) -> None:
    Path("file").write_text("mine")
    Path("wrong.toml").write_text(RECIPE.replace("steps", "stepps"))
    Path("other.toml").write_text(RECIPE.replace("44100", "22050"))
    root = ("--root", songs)
    for words, code, told in [
        (("missing.toml", *root, "-o", "run"), 66, "cannot read missing.toml"),
        (("wrong.toml", *root, "-o", "run"), 78, "unknown key stepps (did you mean 'steps'?)"),
        (("other.toml", *root, "-o", "run"), 65, "is at 44100 Hz, the recipe wants 22050 Hz"),
        (("other.toml", "--root", "nowhere", "-o", "run"), 66, "no songs under nowhere/train"),
        (("other.toml", *root, "-o", "file"), 73, "file cannot be made a folder"),
        (("other.toml", *root), 2, "missing option '-o' / '--out'"),
    ]:
        ended = hclarity("train", *words, "-q")
        assert ended.code == code, ended
        (line,) = ended.lines
        assert line.startswith("error: ")
        assert told in line


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--seconds", "nan"), "invalid value for '--seconds'"),
        (("--seconds", "0"), "invalid value for '--seconds'"),
        (("--songs", "0"), "invalid value for '--songs'"),
        (("--tier", "poor"), "'poor' is not one of 'synthetic', 'rich'"),
    ],
)
def test_songs_that_cannot_be_generated(words: tuple[str, ...], told: str) -> None:
    ended = hclarity("dataset", "generate", "here", *words)
    assert ended.code == 2
    (line,) = ended.lines
    assert told in line
    assert not Path("here").exists()
