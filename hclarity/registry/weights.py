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
from hclarity.registry.download import (
    NoConnectionError,
    Progress,
    WrongDigestError,
    fetch,
    sha256_of,
)
from hclarity.registry.file_kinds import holds_weights
from hclarity.registry.first_use import digest_path, remember, remembered
from hclarity.registry.places import cached_file, earlier_files, find_weights

__all__ = [
    "Choice",
    "ResolvedWeights",
    "checked_digest",
    "resolve_weights",
    "wanted_digest",
]

Choice = Literal["auto", "official", "bundled"]


@dataclass(frozen=True)
class ResolvedWeights:
    """The weights of one run.

    Args:
        path: a file whose digest has been checked.
        variant: which of the card's weights they are.
        sha256: the digest, in hexadecimal.
        note: one line that the user must see, or nothing.
    """

    path: Path
    variant: Variant
    sha256: str
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
        progress: called while weights are fetched, if they are.

    Raises:
        UsageError: when the card has no weights of the variant asked for.
        BadDataError: when a file that is here is not what the card says.
        MissingInputError: when it may not be read.
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


def checked_digest(path: Path, weights: Weights) -> str:
    """Check that a file is, to the bit, what is known of it, and return its digest.

    Nothing is remembered of it: what nobody knows anything of passes every time.

    Raises:
        BadDataError: when it is not, or when the record of its digest is none.
        MissingInputError: when it, or that record, may not be read.
    """
    digest, wanted, size = sha256_of(path), wanted_digest(path, weights), path.stat().st_size
    if weights.bytes not in (None, size):
        raise BadDataError(
            f"{path} has {size} bytes, its card says {weights.bytes}; delete it and get it again"
        )
    if wanted not in (None, digest):
        first = weights.sha256 == NONE_PUBLISHED
        says = f"at first it had (see {digest_path(path)})" if first else "its card says"
        raise BadDataError(
            f"{path} has SHA-256 {digest[:12]}…, {says} {wanted[:12]}…; delete it and get it again"
        )
    return digest


def wanted_digest(path: Path, weights: Weights) -> str | None:
    """Return the digest that a file must have: the published one, else that which came first.

    Returns:
        It, or None where nobody knows, as none is published and nobody has used the file yet.

    Raises:
        BadDataError: when the record of what came first is no digest.
        MissingInputError: when it may not be read.
    """
    return remembered(path) if weights.sha256 == NONE_PUBLISHED else weights.sha256


def _present(card: ModelCard, variant: Variant, progress: Progress | None) -> ResolvedWeights:
    """Return a variant with its verified file: beside the card, from the cache, or fetched."""
    weights = card.weights.get(variant)
    if weights is None:
        raise UsageError(
            f"the model {card.name} has no {variant} weights; it has {', '.join(card.weights)}"
        )
    path = find_weights(card, variant)
    note = "" if path else _note_on_earlier(card, variant)
    path = path or _obtained(card, variant, progress)
    digest = checked_digest(path, weights)
    if wanted_digest(path, weights) is None:
        note = _trusted_first(path, digest, weights)
    return ResolvedWeights(path, variant, digest, note)


def _trusted_first(path: Path, digest: str, weights: Weights) -> str:
    """Trust a file of which nobody knows anything, and tell of it."""
    if not holds_weights(path):
        raise BadDataError(f"{path} does not begin as weights do; delete it and get it again")
    told = f"no checksum of {weights.file} is published; what came has SHA-256 {digest}"
    try:
        remember(path, digest)
    except (CannotCreateError, StorageError) as error:
        return f"{told}, and whether it ever changes cannot be checked: {error}"
    return f"{told}, which is kept in {digest_path(path)} and checked from now on"


def _note_on_earlier(card: ModelCard, variant: Variant) -> str:
    """Tell of a file that was trusted once, and is not what has been published since."""
    earlier = next(earlier_files(card, variant), None)
    if earlier is None:
        return ""
    return (
        f"{earlier} came before its checksum was published, and is another file"
        f" (SHA-256 {sha256_of(earlier)[:12]}…); it is used no more, the published one is"
    )


def _obtained(card: ModelCard, variant: Variant, progress: Progress | None) -> Path:
    """Fetch a variant's file into the cache, or tell how to get it."""
    weights, path = card.weights[variant], cached_file(card, variant)
    missing = f"the {variant} weights of {card.name} are not here"
    if weights.url:
        try:
            _fetch(weights, path, progress)
        except UnavailableError as error:
            raise UnavailableError(f"{missing}: {error}{_advice(card, path, error)}") from error
        return path
    if weights.page:
        file = weights.page_path or weights.file
        raise UnavailableError(
            f"{missing}: get {file} from {weights.page}, then run:"
            f" hclarity models import {file.split('/')[-1]} --as {card.name}"
        )
    raise UnavailableError(f"{missing}: there is no {card.folder / weights.file}")


def _fetch(weights: Weights, path: Path, progress: Progress | None) -> None:
    """Fetch weights, and keep nothing that nobody knows unless it looks like weights."""
    wanted = wanted_digest(path, weights)
    fetch(weights.url, path, wanted, weights.bytes, progress)
    if wanted is None and not holds_weights(path):
        path.unlink()
        raise UnavailableError(f"what comes from {weights.url} does not begin as weights do")


def _advice(card: ModelCard, path: Path, error: UnavailableError) -> str:
    """What to do about weights that could not be fetched, if anything can be done."""
    record = digest_path(path)
    if isinstance(error, NoConnectionError):
        return f"; run `hclarity models pull {card.name}` with a network connection"
    if isinstance(error, WrongDigestError) and record.exists():
        return f"; if it was changed there for good, delete {record}, which keeps what came first"
    return ""
