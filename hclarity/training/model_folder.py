"""A trained model as a folder that `hclarity separate` reads."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import torch
from torch import Tensor

from hclarity.registry.card_writing import card_text
from hclarity.registry.cards import CARD_FILE, Argument, Contract, ModelCard, Weights
from hclarity.registry.upstream.own import packed
from hclarity.registry.upstream.published import Published
from hclarity.registry.whole_files import make_folder, write_whole
from hclarity.training.recipe import Recipe

__all__ = ["write_model"]

WEIGHTS_FILE = "weights.safetensors"


def write_model(
    folder: Path,
    weights: Mapping[str, Tensor],
    recipe: Recipe,
    contract: Contract,
    *,
    trained_on: tuple[str, ...],
    seen: tuple[str, ...],
    scores: Mapping[str, float],
) -> None:
    """Write weights and a card that says what must be known of them.

    Args:
        folder: of the model.
        weights: by the names of the net.
        recipe: how they were trained.
        contract: how the net wants to be spoken to.
        trained_on: in words, unless the recipe says it.
        seen: ``DATASET/SPLIT`` of the songs.
        scores: by name.

    Raises:
        BadDataError: for weights that are no numbers, or too large for half precision.
        CannotCreateError: when the folder cannot be made or written to.
        StorageError: when the disk is full or fails.
    """
    content = packed(_published(weights, recipe))
    arguments = cast("Mapping[str, Argument]", recipe.arguments)
    told = Weights(
        file=WEIGHTS_FILE,
        sha256=hashlib.sha256(content).hexdigest(),
        licence=recipe.model.licence,
        trained_on=recipe.model.trained_on or trained_on,
        seen=seen,
        bytes=len(content),
        arguments=arguments,
        scores=scores,
    )
    card = ModelCard(
        **vars(contract),
        name=folder.resolve().name,
        title=recipe.model.title or f"{recipe.net}, trained by hclarity",
        description=recipe.model.description or f"Separates {', '.join(recipe.stems)}.",
        net=recipe.net,
        weights={"bundled": told},
        folder=folder,
    )
    make_folder(folder)
    write_whole(folder / WEIGHTS_FILE, content)
    write_whole(folder / CARD_FILE, card_text(card).encode())


def _published(weights: Mapping[str, Tensor], recipe: Recipe) -> Published:
    kind = torch.float16 if recipe.model.half else torch.float32
    return Published(
        net=recipe.net,
        arguments=cast("Mapping[str, Argument]", recipe.arguments),
        state={name: _of_kind(tensor, kind) for name, tensor in weights.items()},
        stem_count=len(recipe.stems),
        stems=recipe.stems,
        sample_rate=recipe.sample_rate,
        channels=recipe.channels,
    )


def _of_kind(tensor: Tensor, kind: torch.dtype) -> Tensor:
    return tensor.detach().cpu().to(kind) if tensor.is_floating_point() else tensor.detach().cpu()
