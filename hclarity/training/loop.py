"""The training loop: items in, weights out."""

import math
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from hclarity.errors import BadDataError
from hclarity.registry.nets import build_net
from hclarity.training.augmentations import Songs
from hclarity.training.checkpoints import load_checkpoint, save_checkpoint, save_weights
from hclarity.training.items import batches
from hclarity.training.losses import thresholded_snr_loss
from hclarity.training.recipe import Recipe

__all__ = ["CHECKPOINT", "WEIGHTS", "train"]

CHECKPOINT = "checkpoint.pt"
WEIGHTS = "weights.safetensors"


def train(
    recipe: Recipe,
    songs: Songs,
    run: Path,
    *,
    checkpoint_every: int = 200,
    report: Callable[[int, float], None] = lambda step, loss: None,
) -> None:
    """Train a net, or go on where the run's last checkpoint stands.

    Args:
        recipe: which net, and how.
        songs: what to draw items from.
        run: an existing folder; gets the checkpoint and the averaged weights.
        checkpoint_every: steps between checkpoints.
        report: called after each step with its number and loss.

    Raises:
        BadDataError: when the loss is not a number; the last checkpoint stands.
    """
    torch.manual_seed(recipe.seed)
    net = build_net(
        recipe.net,
        recipe.stems,
        sample_rate=recipe.sample_rate,
        channels=recipe.channels,
        arguments=recipe.arguments,
    )
    average = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(recipe.averaging))  # type: ignore[no-untyped-call]
    optimiser = torch.optim.Adam(net.parameters(), lr=recipe.learning_rate)
    checkpoint = run / CHECKPOINT
    done = load_checkpoint(checkpoint, net, average, optimiser) if checkpoint.exists() else 0
    items = batches(
        songs, frames=recipe.crop, sample_rate=recipe.sample_rate, batch=recipe.batch,
        seed=recipe.seed,
        first_step=done, steps=recipe.steps,
    )  # fmt: skip
    net.train()
    for step, stems in enumerate(items, done + 1):
        for group in optimiser.param_groups:
            group["lr"] = recipe.learning_rate * _schedule(step, recipe)
        loss = _step(net, optimiser, stems, recipe)
        if not math.isfinite(loss):
            raise BadDataError(f"the loss of step {step} is {loss}; lower the learning rate")
        average.update_parameters(net)
        report(step, loss)
        if step % checkpoint_every == 0 or step == recipe.steps:
            save_checkpoint(checkpoint, net, average, optimiser, step)
            save_weights(run / WEIGHTS, average.module.state_dict(), recipe)


def _step(net: nn.Module, optimiser: torch.optim.Optimizer, stems: Tensor, recipe: Recipe) -> float:
    """Learn from one batch and return its loss."""
    with torch.autocast("cpu", torch.bfloat16, enabled=recipe.precision == "bf16"):
        estimates = net(stems.sum(dim=1))
    loss = thresholded_snr_loss(estimates.float(), stems)
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(net.parameters(), recipe.clip)
    optimiser.step()
    return float(loss.detach())


def _schedule(step: int, recipe: Recipe) -> float:
    """Share of the learning rate: a rise, a plateau, a fall in a line to a hundredth.

    On the plateau nothing depends on the number of steps, so a run can be prolonged.
    """
    rise = step / max(1, recipe.warmup)
    fall = (recipe.steps - step) / max(1, recipe.cooldown)
    return max(0.01, min(1, rise, fall))
