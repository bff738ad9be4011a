"""What lets a training go on: weights, their average, the optimiser, and the step.

The items need no more than the step, since each has its own generator. A checkpoint is written
under a temporary name and renamed, so there is always a whole one.
"""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from hclarity.errors import BadDataError
from hclarity.registry.cards import Argument
from hclarity.registry.upstream.own import packed
from hclarity.registry.upstream.published import Published
from hclarity.registry.whole_files import write_whole
from hclarity.training.recipe import Recipe

__all__ = ["load_checkpoint", "save_checkpoint", "save_weights"]


def save_checkpoint(
    path: Path, net: nn.Module, average: nn.Module, optimiser: Optimizer, step: int
) -> None:
    """Write everything that a resumed run needs."""
    state = {
        "net": net.state_dict(),
        "average": average.state_dict(),
        "optimiser": optimiser.state_dict(),
        "step": step,
    }
    contents = io.BytesIO()
    torch.save(state, contents)
    write_whole(path, contents.getvalue())


def load_checkpoint(path: Path, net: nn.Module, average: nn.Module, optimiser: Optimizer) -> int:
    """Restore what `save_checkpoint` wrote and return the step it was written after.

    Raises:
        BadDataError: when it is damaged or belongs to another net.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        net.load_state_dict(state["net"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        return int(state["step"])
    except Exception as error:  # torch raises whatever its parsers raise
        raise BadDataError(
            f"cannot continue from {path}: it is damaged or of another recipe; "
            "remove it to start again"
        ) from error


def save_weights(path: Path, weights: Mapping[str, Tensor], recipe: Recipe) -> None:
    """Write half-precision weights that say of which net they are, whole or not at all.

    Raises:
        BadDataError: for weights that are no numbers, or too large for half precision.
    """
    published = Published(
        net=recipe.net,
        arguments=cast("Mapping[str, Argument]", recipe.arguments),
        state={name: tensor.to(torch.float16) for name, tensor in weights.items()},
        stem_count=len(recipe.stems),
        stems=recipe.stems,
        sample_rate=recipe.sample_rate,
        channels=recipe.channels,
    )
    write_whole(path, packed(published))
