"""Which weights a run uses, and that they are the ones that the card promises."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hclarity.errors import (
    BadDataError,
    CannotCreateError,
    StorageError,
    UnavailableError,
    UsageError,
)
from hclarity.registry.cards import ModelCard, Variant, Weights
from hclarity.registry.download import Progress, fetch, sha256_of
from hclarity.registry.models import user_models

__all__ = ["Choice", "ResolvedWeights", "cached_file", "resolve_weights", "verify"]

Choice = Literal["auto", "official", "bundled"]


@dataclass(frozen=True)
class ResolvedWeights:
    """The weights of one run.

    Args:
        path: a file whose digest has been checked.
        variant: which of the card's weights they are.
        note: one line that the user must see, or nothing.
    """

    path: Path
    variant: Variant
    note: str = ""


def resolve_weights(
    card: ModelCard, choice: Choice = "auto", progress: Progress | None = None
) -> ResolvedWeights:
    """Return the weights to use, fetching them if need be.

    ``auto`` means the official ones: those already here, else fetched. When they cannot be fetched
    the bundled ones take their place, and `ResolvedWeights.note` says so.

    Args:
        card: of the model.
        choice: ``auto``, or the variant that it must be.
        progress: called with the bytes fetched and the bytes there are.

    Raises:
        UsageError: when the card has no weights of the variant asked for.
        BadDataError: when a file that is here is not what the card says.
        UnavailableError: when weights are not here and cannot be fetched.
        CannotCreateError: when fetched weights cannot be put into the cache.
        StorageError: when the disk is full or fails.
    """
    if choice != "auto":
        return ResolvedWeights(_present(card, choice, progress), choice)
    if "official" not in card.weights:
        return ResolvedWeights(_present(card, "bundled", progress), "bundled")
    try:
        return ResolvedWeights(_present(card, "official", progress), "official")
    except (UnavailableError, CannotCreateError, StorageError) as error:
        if "bundled" not in card.weights:
            raise
        note = (
            f"using the small bundled weights of {card.name}, which separate less well than"
            f" the official ones: {error}"
        )
    return ResolvedWeights(_present(card, "bundled", progress), "bundled", note)


def cached_file(card: ModelCard, variant: Variant) -> Path:
    """Return where fetched weights are kept; new weights on a card get a new place."""
    weights = card.weights[variant]
    return user_models() / card.name / f"{weights.sha256[:8]}-{weights.file}"


def verify(path: Path, weights: Weights) -> None:
    """Check that a file is, to the bit, what a card says.

    Raises:
        BadDataError: when it is not.
    """
    size = path.stat().st_size
    if size != weights.bytes:
        raise BadDataError(
            f"{path} has {size} bytes, its card says {weights.bytes}; delete it and get it again"
        )
    digest = sha256_of(path)
    if digest != weights.sha256:
        raise BadDataError(
            f"{path} has SHA-256 {digest[:12]}…, its card says {weights.sha256[:12]}…;"
            " delete it and get it again"
        )


def _present(card: ModelCard, variant: Variant, progress: Progress | None) -> Path:
    """Return the verified file of a variant: beside the card, from the cache, or fetched."""
    weights = card.weights.get(variant)
    if weights is None:
        raise UsageError(
            f"the model {card.name} has no {variant} weights; it has {', '.join(card.weights)}"
        )
    beside, cached = card.folder / weights.file, cached_file(card, variant)
    path = beside if beside.is_file() else cached
    if not path.is_file():
        if not weights.url:
            raise UnavailableError(
                f"the {variant} weights of {card.name} are missing: {beside} is not there"
            )
        fetch(weights.url, path, weights.sha256, weights.bytes, progress)
    verify(path, weights)
    return path
