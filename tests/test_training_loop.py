import csv
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from training_songs import RATE, STEMS, bands, trained, write_songs

from hclarity.audio.values import Audio
from hclarity.errors import BadDataError, ConfigurationError
from hclarity.metrics.sdr import usdr
from hclarity.registry.cards import read_card
from hclarity.registry.nets import build_net, load_net
from hclarity.registry.weights import ResolvedWeights
from hclarity.separation.separator import separate
from hclarity.training import learner, standing, validation
from hclarity.training.losses import thresholded_snr_loss
from hclarity.training.recipe import read_recipe


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("songs")
    write_songs(root)
    return write_songs(root, "valid")


def checkpoint(run: Path) -> dict:
    return torch.load(run / "checkpoint.pt", weights_only=True)


def rows(run: Path) -> list[dict[str, str]]:
    """What metrics.csv says, but for the times."""
    with (run / "metrics.csv").open() as file:
        return [
            {name: value for name, value in row.items() if "second" not in name}
            for row in csv.DictReader(file)
        ]


def assert_same(one: object, other: object, where: str = "") -> None:
    """Equal to the bit, tensors too."""
    assert type(one) is type(other), where
    if isinstance(one, torch.Tensor):
        assert torch.equal(one, other), where
    elif isinstance(one, dict):
        assert one.keys() == other.keys(), where
        for key in one:
            assert_same(one[key], other[key], f"{where}.{key}")
    elif isinstance(one, list):
        for number, pair in enumerate(zip(one, other, strict=True)):
            assert_same(*pair, f"{where}.{number}")
    else:
        assert one == other, where


def assert_same_runs(one: Path, other: Path) -> None:
    first, second = checkpoint(one), checkpoint(other)
    assert_same(first["learner"], second["learner"])
    assert_same(first["rate"], second["rate"])
    assert rows(one) == rows(other)
    ours, theirs = (load_file(run / "weights.safetensors") for run in (one, other))
    assert_same(ours, theirs)


def test_a_training_learns_bands_apart_and_its_model_separates(songs, tmp_path):
    run = tmp_path / "run"
    outcome, seen = trained(
        songs, run, "run.steps=60", "run.validate_every=20", "optimiser.learning_rate=1e-2"
    )
    assert outcome.complete
    assert np.mean(seen.losses[-10:]) < np.mean(seen.losses[:5]) - 1
    assert [row["step"] for row in seen.rows] == [20, 40, 60]
    assert seen.rows[-1]["usdr"] > seen.rows[0]["usdr"] + 0.3
    assert outcome.best_step == 60

    card = read_card(run / "card.toml")
    weights = run / "weights.safetensors"
    net = load_net(card, ResolvedWeights(weights, "bundled", ""))
    scores = {name: [] for name in STEMS}
    for number in range(2):
        true = bands(1.0, 500 + number)
        mixture = Audio(sum(true.values()), RATE)
        estimates = separate(mixture, net, card)
        for name in STEMS:
            scores[name].append(usdr(true[name], estimates[name].samples))
    for name in STEMS:
        told = card.weights["bundled"].scores[f"validation_usdr_{name}"]
        assert told == pytest.approx(np.mean(scores[name]), abs=2e-3)
        assert told == pytest.approx(outcome.scores[name], abs=1e-3)


@pytest.mark.parametrize(
    "settings",
    [
        (),
        ("run.precision=bf16", "schedule.name=cosine", "optimiser.name=adamw"),
        ("run.precision=fp16", "run.accumulate=2", "schedule.name=decay", "schedule.every=1"),
        ("run.accumulate=4", "schedule.name=plateau", "schedule.every=1", "loss.name=l1"),
    ],
    ids=["fp32", "bf16", "fp16", "accumulated"],
)
@pytest.mark.parametrize("after", [2, 3])
def test_a_stopped_and_resumed_training_is_the_uninterrupted_one(songs, tmp_path, settings, after):
    """Stopped where no validation is due, and where one is and is owed."""
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    complete, _ = trained(songs, whole, *settings)
    stopped, _ = trained(songs, broken, *settings, stop_after=after)
    assert (stopped.complete, stopped.step) == (False, after)
    resumed, seen = trained(songs, broken, *settings)
    assert seen.steps == list(range(after + 1, 7))
    assert resumed == complete
    assert_same_runs(whole, broken)
    assert not list(tmp_path.rglob("*.part"))


def test_accumulated_gradients_are_those_of_the_whole_batch(songs, tmp_path):
    together, apart = tmp_path / "together", tmp_path / "apart"
    trained(songs, together)
    trained(songs, apart, "run.accumulate=2")
    ours, theirs = (checkpoint(run)["learner"]["net"] for run in (together, apart))
    for name, weights in ours.items():
        torch.testing.assert_close(theirs[name], weights, rtol=1e-4, atol=1e-6)


def test_readers_change_nothing(songs, tmp_path):
    alone, helped = tmp_path / "alone", tmp_path / "helped"
    trained(songs, alone)
    trained(songs, helped, workers=2)
    assert_same_runs(alone, helped)


def test_a_finished_training_has_nothing_to_do_and_may_be_prolonged(songs, tmp_path):
    run = tmp_path / "run"
    first, _ = trained(songs, run)
    again, seen = trained(songs, run)
    assert again == first
    assert not seen.steps
    _, seen = trained(songs, run, "run.steps=9")
    assert seen.steps == [7, 8, 9]
    assert [row["step"] for row in rows(run)] == ["3", "6", "9"]


def test_a_loss_that_is_no_number_ends_the_run_with_the_step_and_its_items(
    songs, tmp_path, monkeypatch
):
    def lost(estimates, stems, mixture):
        loss = thresholded_snr_loss(estimates, stems, mixture)
        calls.append(loss)
        return loss * math.nan if len(calls) == 5 else loss

    calls: list[torch.Tensor] = []
    monkeypatch.setattr(learner, "build_loss", lambda name, **parameters: lost)
    run = tmp_path / "run"
    with pytest.raises(BadDataError, match=r"loss of step 5 is nan.*bad-batch-5\.pt") as told:
        trained(songs, run)
    assert "\n" not in str(told.value)
    ((sources, drawn),) = torch.load(run / "bad-batch-5.pt")
    assert sources.shape == (4, 4, 2, RATE // 4)
    assert set(drawn) == {"swap", "gain"}
    assert "--resume goes on from the last checkpoint" in str(told.value)
    assert checkpoint(run)["standing"]["step"] == 4
    monkeypatch.undo()
    whole = tmp_path / "whole"
    trained(songs, whole)
    trained(songs, run)
    assert_same_runs(whole, run)


def test_a_gradient_that_is_no_number_ends_the_run(songs, tmp_path, monkeypatch):
    class Lost(torch.autograd.Function):
        @staticmethod
        def forward(context, loss):
            return loss.clone()

        @staticmethod
        def backward(context, gradient):
            return gradient * math.inf

    monkeypatch.setattr(
        learner,
        "build_loss",
        lambda name, **parameters: lambda *what: Lost.apply(thresholded_snr_loss(*what)),
    )
    with pytest.raises(BadDataError, match=r"gradient of step 1 is (inf|nan)") as told:
        trained(songs, tmp_path / "run", "run.checkpoint_minutes=60.0")
    assert "there is no checkpoint yet: --resume begins again" in str(told.value)
    with pytest.raises(BadDataError, match="no step of the last 31 had a finite loss"):
        trained(songs, tmp_path / "half", "run.precision=fp16", "run.steps=60")
    assert (tmp_path / "run" / "bad-batch-1.pt").exists()


def test_half_precision_skips_a_step_that_overflows(songs, tmp_path, monkeypatch):
    monkeypatch.setattr(
        learner,
        "build_loss",
        lambda name, **parameters: lambda *what: 1e9 * thresholded_snr_loss(*what),
    )
    run = tmp_path / "run"
    trained(songs, run, "run.precision=fp16", "run.steps=1", "run.validate_every=1")
    kept = checkpoint(run)["learner"]
    assert kept["scaler"]["scale"] == 32768  # half of what it begins with
    torch.manual_seed(3)
    recipe = read_recipe(songs / "tiny.toml")
    form = {"sample_rate": RATE, "channels": 2, "arguments": recipe.arguments}
    first = build_net(recipe.net, recipe.stems, **form).state_dict()
    assert_same(kept["net"], first)


@pytest.mark.parametrize(
    ("before", "after"), [("fp32", "fp16"), ("fp16", "fp32"), ("fp16", "bf16")]
)
def test_a_run_goes_on_with_another_precision_rate_and_clip(songs, tmp_path, before, after):
    run = tmp_path / "run"
    trained(songs, run, f"run.precision={before}", stop_after=2)
    changed = (f"run.precision={after}", "optimiser.learning_rate=1e-5", "optimiser.clip=0.1")
    outcome, seen = trained(songs, run, *changed)
    assert (outcome.complete, seen.steps) == (True, [3, 4, 5, 6])
    assert max(seen.rates) == pytest.approx(1e-5)
    kept = checkpoint(run)["learner"]
    assert bool(kept["scaler"]) == (after == "fp16")
    assert all(group["fused"] == (after != "fp16") for group in kept["optimiser"]["param_groups"])


def test_no_step_follows_a_validation_that_took_the_time_left(songs, tmp_path, monkeypatch):
    def slow(self, *what):
        now["seconds"] += 50.0
        return scores(self, *what)

    def second(step):
        now["seconds"] += 1.0

    def tick():
        now["seconds"] += 1e-6
        return now["seconds"]

    now = {"seconds": 0.0}
    scores = validation.Validation.scores
    monkeypatch.setattr(validation.Validation, "scores", slow)
    monkeypatch.setattr(standing.time, "monotonic", tick)
    settings = ("run.steps=1000", "run.validate_every=5")
    outcome, seen = trained(
        songs, tmp_path / "run", *settings, then=second, max_seconds=30.0, begun=0.0
    )
    assert outcome.complete
    assert (seen.steps[-1], [row["step"] for row in seen.rows]) == (5, [5])
    assert now["seconds"] == pytest.approx(55, abs=0.5)


def test_patience_ends_a_run(songs, tmp_path):
    settings = ("run.patience=2", "run.steps=40", "run.validate_every=2")
    outcome, seen = trained(songs, tmp_path / "run", *settings, "optimiser.learning_rate=1e-12")
    assert outcome.complete
    assert len(seen.rows) < 20
    assert seen.rows[-1]["usdr"] <= max(row["usdr"] for row in seen.rows[:-2])


def test_a_run_ends_in_its_time_with_validated_weights(songs, tmp_path):
    settings = ("run.steps=1000000", "run.validate_every=1000000", "schedule.cooldown=0.5")
    run = tmp_path / "run"
    outcome, seen = trained(songs, run, *settings, max_seconds=2.0)
    assert outcome.complete
    assert 0 < outcome.step < 1000000
    assert seen.rows[-1]["step"] == outcome.step == outcome.best_step
    assert seen.rates[-1] < 0.2 * max(seen.rates)  # it fell in time
    again, seen = trained(songs, run, *settings, max_seconds=2.0)
    assert again == outcome
    assert not seen.steps


def test_without_songs_to_judge_the_last_weights_are_kept(tmp_path):
    root = write_songs(tmp_path / "songs")
    outcome, seen = trained(root, tmp_path / "run")
    assert (outcome.scores, outcome.best_step) == ({}, 6)
    assert "usdr" not in seen.rows[0]
    average = checkpoint(tmp_path / "run")["learner"]["average"]
    for name, weights in load_file(tmp_path / "run" / "weights.safetensors").items():
        assert torch.equal(weights, average[f"module.{name}"])


def test_the_best_weights_are_kept_not_the_last(songs, tmp_path, monkeypatch):
    """A learning rate that ruins the net after the first validation."""
    run = tmp_path / "run"
    trained(songs, run, "run.steps=3")
    best = (run / "weights.safetensors").read_bytes()
    monkeypatch.setattr(learner.Learner, "move", ruined(learner.Learner.move))
    outcome, seen = trained(songs, run, "run.steps=6")
    assert seen.rows[-1]["usdr"] < outcome.scores["drums"]
    assert outcome.best_step == 3
    assert (run / "weights.safetensors").read_bytes() == best


def ruined(move):
    def ruining(self, step, factor):
        move(self, step, 1000.0)

    return ruining


def test_one_stem_is_learnt_from_all_and_accompaniment_is_their_sum(songs, tmp_path):
    outcome, _ = trained(songs, tmp_path / "one", 'stems=["vocals"]')
    assert set(outcome.scores) == {"vocals"}
    outcome, _ = trained(songs, tmp_path / "two", 'stems=["vocals", "accompaniment"]')
    assert set(outcome.scores) == {"vocals", "accompaniment"}


@pytest.mark.parametrize(
    ("settings", "error", "told"),
    [
        (("net=convtasnett",), ConfigurationError, "convtasnet"),
        (("loss.floor=2",), ConfigurationError, "floor"),
        (('stems=["vocals", "guitar"]',), BadDataError, "no song has a stem 'guitar'"),
        (("run.batch=3", "run.accumulate=2"), ConfigurationError, "a batch of 3 items"),
        (("augmentation.level=none",), ConfigurationError, "level must be"),
    ],
)
def test_what_cannot_be_trained(songs, tmp_path, settings, error, told):
    with pytest.raises(error, match=told):
        trained(songs, tmp_path / "run", *settings)


def test_a_damaged_or_foreign_checkpoint_is_refused(songs, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    for contents in (b"not a checkpoint", b""):
        (run / "checkpoint.pt").write_bytes(contents)
        with pytest.raises(BadDataError, match=r"cannot go on from .*checkpoint\.pt"):
            trained(songs, run)
    torch.save({"standing": {}}, run / "checkpoint.pt")
    with pytest.raises(BadDataError, match="cannot go on"):
        trained(songs, run)
