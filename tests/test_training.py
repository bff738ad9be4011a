from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from hclarity.errors import BadDataError, ConfigurationError
from hclarity.registry.upstream.layouts import read_published
from hclarity.training import loop
from hclarity.training.augmentations import training_item
from hclarity.training.losses import thresholded_snr_loss
from hclarity.training.recipe import Recipe, read_recipe
from hclarity.training.songs import read_songs

SHIPPED = Path(__file__).parent.parent / "models" / "demucs" / "recipe.toml"


def recipe(**changes) -> Recipe:
    values = {
        "net": "hdemucs",
        "arguments": {"width": 4, "depth": 5, "ratio_mask": True, "dconv_init": 0.1},
        "stems": ("drums", "bass", "other", "vocals"),
        "channels": 2,
        "sample_rate": 44100,
        "crop_seconds": 0.25,
        "batch": 2,
        "steps": 4,
        "learning_rate": 2e-3,
        "warmup": 2,
        "cooldown": 2,
        "clip": 5.0,
        "averaging": 0.9,
        "precision": "fp32",
        "seed": 3,
    }
    return Recipe(**{**values, **changes})


@pytest.fixture(scope="module")
def songs() -> list[np.ndarray]:
    """Two songs whose stems lie in bands of their own: easy to tell apart."""
    rng = np.random.default_rng(0)
    made = []
    for _ in range(2):
        noise = np.fft.rfft(rng.standard_normal((4, 2, 44100)))
        hertz = np.fft.rfftfreq(44100, 1 / 44100)
        edges = (0, 300, 1200, 5000, 22050)
        for stem, (low, high) in enumerate(pairwise(edges)):
            noise[stem, :, (hertz < low) | (hertz >= high)] = 0
        stems = np.fft.irfft(noise, 44100)
        stems /= stems.std(axis=(1, 2), keepdims=True)
        made.append((stems * 3000).clip(-32768, 32767).astype(np.int16))
    return made


def test_the_shipped_recipe_is_valid():
    assert read_recipe(SHIPPED).net == "hdemucs"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("setps = 3", "steps"),
        ("steps = 0", "above 0"),
        ('precision = "fp8"', "fp8"),
        ("averaging = 1.0", "averaging"),
        ('batch = "two"', "whole number"),
        ("seed", "not a TOML file"),
    ],
)
def test_a_wrong_recipe_is_refused_in_one_line(tmp_path, change, told):
    name = change.split(" ")[0]
    lines = [line for line in SHIPPED.read_text().splitlines() if not line.startswith(name)]
    path = tmp_path / "recipe.toml"
    path.write_text("\n".join([*lines, change]))
    with pytest.raises(ConfigurationError, match=told) as refusal:
        read_recipe(path)
    assert str(path) in str(refusal.value)
    assert "\n" not in str(refusal.value).strip()


def test_an_unknown_net_is_refused(songs, tmp_path):
    with pytest.raises(ConfigurationError, match="hdemucs"):
        loop.train(recipe(net="hdemux"), songs, tmp_path)


def test_the_loss_is_the_level_of_the_error_below_the_mixture():
    stems = torch.randn(2, 4, 2, 5000, generator=torch.Generator().manual_seed(0))
    assert thresholded_snr_loss(stems, stems).item() == pytest.approx(-30, abs=1e-4)
    nothing = thresholded_snr_loss(torch.zeros_like(stems), stems).item()
    assert nothing == pytest.approx(-6, abs=0.5)  # each of four stems is a quarter of the energy


def test_a_silent_mixture_has_a_finite_loss_and_gradient():
    estimates = torch.full((1, 4, 2, 100), 1e-3, requires_grad=True)
    thresholded_snr_loss(estimates, torch.zeros(1, 4, 2, 100)).backward()
    assert estimates.grad.isfinite().all()


def test_an_item_depends_on_its_generator_alone(songs):
    first, again, other = (
        training_item(songs, 8000, 8000, np.random.default_rng(n)) for n in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_items_are_finite_and_their_mixture_has_unit_level(songs):
    for number in range(50):
        item = training_item(songs, 8000, 8000, np.random.default_rng(number))
        assert item.shape == (4, 2, 8000)
        assert item.dtype == np.float32
        assert np.isfinite(item).all()
        assert item.sum(axis=0).std() == pytest.approx(1, abs=0.01)


def test_a_song_shorter_than_a_crop_is_followed_by_silence(songs):
    item = training_item([song[..., :100] for song in songs], 4000, 8000, np.random.default_rng(0))
    assert item.shape == (4, 2, 4000)


def test_training_learns_bands_apart(songs, tmp_path):
    losses = []
    loop.train(recipe(steps=25, cooldown=1), songs, tmp_path, report=lambda _, x: losses.append(x))
    assert np.mean(losses[-5:]) < np.mean(losses[:5]) - 0.3


def test_a_resumed_run_equals_an_uninterrupted_one(songs, tmp_path):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    for folder in (whole, broken):
        folder.mkdir()
    loop.train(recipe(), songs, whole, checkpoint_every=2)

    def interrupt(step: int, loss: float) -> None:
        if step == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        loop.train(recipe(), songs, broken, checkpoint_every=2, report=interrupt)
    loop.train(recipe(), songs, broken, checkpoint_every=2)
    ours, theirs = (load_file(folder / loop.WEIGHTS) for folder in (whole, broken))
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert not list(tmp_path.rglob("*.part"))


def test_the_weights_say_of_which_net_they_are(songs, tmp_path):
    """So nothing is lost where they are taken elsewhere: no shape shows a ratio mask."""
    trained = recipe(steps=1)
    loop.train(trained, songs, tmp_path)
    published = read_published(tmp_path / loop.WEIGHTS)
    assert (published.net, published.arguments) == (trained.net, trained.arguments)
    assert (published.stems, published.sample_rate) == (trained.stems, trained.sample_rate)
    assert published.channels == trained.channels
    assert {tensor.dtype for tensor in published.state.values()} == {torch.float16}


def test_a_damaged_checkpoint_is_refused(songs, tmp_path):
    (tmp_path / loop.CHECKPOINT).write_bytes(b"not a checkpoint")
    with pytest.raises(BadDataError, match="cannot continue"):
        loop.train(recipe(), songs, tmp_path)


def test_a_loss_that_is_no_number_stops_the_run_before_the_weights_are_kept(
    songs, tmp_path, monkeypatch
):
    def lost(estimates, stems):
        return thresholded_snr_loss(estimates, stems) * float("nan")

    monkeypatch.setattr(loop, "thresholded_snr_loss", lost)
    with pytest.raises(BadDataError, match="step 1"):
        loop.train(recipe(), songs, tmp_path)
    assert not list(tmp_path.iterdir())


def test_songs_of_another_rate_are_refused(tmp_path):
    from hclarity.audio.values import Stems
    from hclarity.datasets.folders import write_song

    names = recipe().stems
    write_song(Stems(names, np.zeros((4, 2, 100)), 22050), tmp_path / "song")
    with pytest.raises(BadDataError, match=r"22050.*44100"):
        read_songs([tmp_path / "song"], recipe())
