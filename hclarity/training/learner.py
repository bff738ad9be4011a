"""A net that learns: its optimiser, its average, and one step of both."""

import math
from collections.abc import Iterable
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor
from torch.optim import Adam, AdamW, Optimizer

from hclarity.errors import BadDataError
from hclarity.nets.separation_net import SeparationNet
from hclarity.registry.nets import build_net
from hclarity.training.augmenting import augmented
from hclarity.training.averaging import averaged
from hclarity.training.items import Batch
from hclarity.training.losses import build_loss
from hclarity.training.processes import Fabric
from hclarity.training.recipe import Recipe
from hclarity.training.sections import Optimiser
from hclarity.training.sources import Sources

__all__ = ["Learner", "NotFiniteError"]


_PROBE = 8192  # frames


class NotFiniteError(BadDataError):
    """A loss or gradient is NaN or infinite."""


class Learner:
    """A net with its optimiser and its moving average.

    Args:
        recipe: how it learns.
        sources: of which its items are made.
        fabric: where it computes.
    """

    def __init__(self, recipe: Recipe, sources: Sources, fabric: Fabric) -> None:
        self._recipe, self._fabric = recipe, fabric
        torch.manual_seed(recipe.seed)
        net = build_net(
            recipe.net,
            recipe.stems,
            sample_rate=recipe.sample_rate,
            channels=recipe.channels,
            arguments=recipe.arguments,
        )
        net.to(fabric.device).train()
        if fabric.world_size > 1:
            _freeze_unused(net)
        self.plain: SeparationNet = net
        self.average = averaged(net, recipe.run.averaging)
        # Gradients are scaled, and must be unscaled before they are clipped, only in fp16.
        optimiser = _optimiser(recipe.optimiser, net, fused=recipe.run.precision != "fp16")
        self._net, self._optimiser = fabric.setup(net, optimiser)
        self._loss = build_loss(recipe.loss.name, **recipe.loss.parameters)
        self._matrix = torch.from_numpy(sources.matrix()).to(fabric.device)

    @property
    def averaged_net(self) -> SeparationNet:
        """The net with averaged weights, in evaluation mode."""
        net: SeparationNet = self.average.module  # type: ignore[assignment]
        return net

    def loss_of(self, batch: Batch) -> Tensor:
        """Return the loss of a batch, as it came from the reading processes."""
        sources, drawn = self._fabric.to_device(batch)
        recipe = self._recipe
        with torch.no_grad():
            sound = augmented(
                sources,
                drawn,
                recipe.augmentation,
                sample_rate=recipe.sample_rate,
                frames=recipe.crop,
            )
            stems = torch.einsum("ts,bscf->btcf", self._matrix, sound)
            mixture = sound.sum(dim=1)
        loss: Tensor = self._loss(self._net(mixture).float(), stems, mixture)
        return loss

    def gradients(self, step: int, batches: Iterable[Batch]) -> float:
        """Add up the gradients of the micro-batches of a step; return their mean loss."""
        recipe, losses = self._recipe, []
        count = recipe.run.accumulate
        for micro, batch in enumerate(batches):
            # Whatever a net draws belongs to the step, so a resumed run draws it again.
            torch.manual_seed(_seed(recipe.seed, step, micro, self._fabric.global_rank))
            with self._fabric.no_backward_sync(self._net, enabled=micro < count - 1):
                loss = self.loss_of(batch) / count
                self._fabric.backward(loss)
            losses.append(loss.detach())
        return float(torch.stack(losses).sum())

    def move(self, step: int, factor: float) -> bool:
        """Take the step that the gradients tell, at a share of the learning rate.

        Returns:
            Whether it was taken; in fp16, one whose gradients are not finite is skipped.

        Raises:
            NotFiniteError: for gradients that are not, but in fp16.
        """
        optimiser = self._recipe.optimiser
        for group in self._optimiser.param_groups:
            group["lr"] = optimiser.learning_rate * factor
        largest = optimiser.clip or math.inf
        clipped = self._fabric.clip_gradients(
            self._net, self._optimiser, max_norm=largest, error_if_nonfinite=False
        )
        norm = float(cast("Tensor", clipped))
        if not math.isfinite(norm) and self._recipe.run.precision != "fp16":
            raise NotFiniteError(f"the gradient of step {step} is {norm}")
        self._optimiser.step()
        self._optimiser.zero_grad()
        self.average.update_parameters(self.plain)
        return math.isfinite(norm)

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return {
            "net": self.plain.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "scaler": self._fabric.strategy.precision.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where a checkpoint stands."""
        self.plain.load_state_dict(state["net"])
        self.average.load_state_dict(state["average"])
        # The precision may have changed, and with it how the optimiser computes.
        for old, new in zip(
            state["optimiser"]["param_groups"], self._optimiser.param_groups, strict=True
        ):
            old["fused"] = new["fused"]
        self._optimiser.load_state_dict(state["optimiser"])
        if state["scaler"]:
            self._fabric.strategy.precision.load_state_dict(state["scaler"])


def _freeze_unused(net: SeparationNet) -> None:
    """Tell apart the weights that an output depends on: processes exchange the gradients of those.

    Hybrid Demucs keeps some that it does not use, since published files have them.
    """
    device = next(net.parameters()).device
    net(torch.ones(1, net.traits.channels, _PROBE, device=device)).sum().backward()
    for weight in net.parameters():
        weight.requires_grad_(weight.grad is not None)
        weight.grad = None


def _optimiser(wanted: Optimiser, net: SeparationNet, *, fused: bool) -> Optimizer:
    kind: type[Adam] = {"adam": Adam, "adamw": AdamW}[wanted.name]
    return kind(
        net.parameters(),
        lr=wanted.learning_rate,
        betas=wanted.betas,
        weight_decay=wanted.weight_decay,
        fused=fused and next(net.parameters()).device.type in ("cpu", "cuda"),
    )


def _seed(*numbers: int) -> int:
    """One number from several, such as no other several give."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> np.uint64(1))
