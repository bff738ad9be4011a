"""Which weights a run uses, and that they are the ones that the card promises."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from hclarity.errors import (
    BadDataError,
    CannotCreateError,
    StorageError,
    UnavailableError,
    UsageError,
)
from hclarity.registry.cards import NONE_PUBLISHED, ModelCard, Variant, Weights
from hclarity.registry.download import Progress, fetch, sha256_of
from hclarity.registry.first_use import record_path, remember, remembered
from hclarity.registry.models import user_models

__all__ = [
    "Choice",
    "Place",
    "ResolvedWeights",
    "cached_file",
    "find_weights",
    "resolve_weights",
    "verify",
    "where",
]

Choice = Literal["auto", "official", "bundled"]
Place = Literal["here", "to fetch", "by hand", "missing"]


@dataclass(frozen=True)
class ResolvedWeights:
    """The weights of one run.

    Args:
        path: a file whose digest has been checked.
        variant: which of the card's weights they are.
        note: one line that the user must see, or nothing.
        sha256: the digest, in hexadecimal.
    """

    path: Path
    variant: Variant
    note: str = ""
    sha256: str = ""


def resolve_weights(
    card: ModelCard, choice: Choice = "auto", progress: Progress | None = None
) -> ResolvedWeights:
    """Return the weights to use, fetching them if need be.

    ``auto`` means the official ones: those already here, else fetched. When they cannot be fetched
    the bundled ones take their place, and `ResolvedWeights.note` says so.

    Args:
        card: of the model.
        choice: ``auto``, or the variant that it must be.
        progress: called while weights are fetched, if they are.

    Raises:
        UsageError: when the card has no weights of the variant asked for.
        BadDataError: when a file that is here is not what the card says.
        UnavailableError: when weights are not here and cannot be fetched.
        CannotCreateError: when fetched weights cannot be put into the cache.
        StorageError: when the disk is full or fails.
    """
    if choice != "auto":
        return _present(card, choice, progress)
    if "official" not in card.weights:
        return _present(card, "bundled", progress)
    try:
        return _present(card, "official", progress)
    except (UnavailableError, CannotCreateError, StorageError) as error:
        if "bundled" not in card.weights:
            raise
        note = (
            f"using the small bundled weights of {card.name}, which separate less well than"
            f" the official ones: {error}"
        )
    return replace(_present(card, "bundled", progress), note=note)


def cached_file(card: ModelCard, variant: Variant) -> Path:
    """Return where fetched weights are kept; new weights on a card get a new place."""
    weights = card.weights[variant]
    known = weights.sha256 != NONE_PUBLISHED
    name = f"{weights.sha256[:8]}-{weights.file}" if known else weights.file
    return user_models() / card.name / name


def find_weights(card: ModelCard, variant: Variant) -> Path | None:
    """Return a variant's file, unchecked: beside the card, or in the cache; None if not here."""
    places = card.folder / card.weights[variant].file, cached_file(card, variant)
    return next((place for place in places if place.is_file()), None)


def where(card: ModelCard, variant: Variant) -> Place:
    """Return whether a variant is here, and if not, how it comes."""
    if find_weights(card, variant):
        return "here"
    weights = card.weights[variant]
    return "to fetch" if weights.url else "by hand" if weights.page else "missing"


def verify(path: Path, weights: Weights) -> str:
    """Check that a file is, to the bit, what a card says, and return its digest.

    Where no digest is published, it must be what it was at first; the first time is now if there
    was none before.

    Raises:
        BadDataError: when it is not.
        CannotCreateError: when the digest of a file that is new here cannot be kept beside it.
    """
    size = path.stat().st_size
    if weights.bytes not in (None, size):
        raise BadDataError(
            f"{path} has {size} bytes, its card says {weights.bytes}; delete it and get it again"
        )
    digest, wanted = sha256_of(path), _wanted(path, weights)
    if wanted is None:
        remember(path, digest)
    elif digest != wanted:
        first = weights.sha256 == NONE_PUBLISHED
        says = f"at first it had (see {record_path(path)})" if first else "its card says"
        raise BadDataError(
            f"{path} has SHA-256 {digest[:12]}…, {says} {wanted[:12]}…; delete it and get it again"
        )
    return digest


def _wanted(path: Path, weights: Weights) -> str | None:
    """The digest that a file must have; None where nobody knows, as nobody has seen it yet."""
    return remembered(path) if weights.sha256 == NONE_PUBLISHED else weights.sha256


def _present(card: ModelCard, variant: Variant, progress: Progress | None) -> ResolvedWeights:
    """Return a variant with its verified file: beside the card, from the cache, or fetched."""
    weights = card.weights.get(variant)
    if weights is None:
        raise UsageError(
            f"the model {card.name} has no {variant} weights; it has {', '.join(card.weights)}"
        )
    path = find_weights(card, variant)
    first_use = _wanted(path or cached_file(card, variant), weights) is None
    path = path or _obtained(card, variant, progress)
    digest = verify(path, weights)
    note = (
        f"no checksum of {weights.file} is published; what came has SHA-256 {digest},"
        f" which is kept in {record_path(path)} and checked from now on"
    )
    return ResolvedWeights(path, variant, note if first_use else "", digest)


def _obtained(card: ModelCard, variant: Variant, progress: Progress | None) -> Path:
    """Fetch a variant's file into the cache, or tell how to get it."""
    weights, path = card.weights[variant], cached_file(card, variant)
    missing = f"the {variant} weights of {card.name} are not here"
    if weights.url:
        try:
            fetch(weights.url, path, _wanted(path, weights), weights.bytes, progress)
        except UnavailableError as error:
            raise UnavailableError(
                f"{missing}: {error}; run `hclarity models pull {card.name}` with a network"
                " connection"
            ) from error
        return path
    if weights.page:
        raise UnavailableError(
            f"{missing}: get {weights.file} from {weights.page}, then run:"
            f" hclarity models import {weights.file} --as {card.name}"
        )
    raise UnavailableError(f"{missing}: there is no {card.folder / weights.file}")
