"""Where a model's weights are, or would be."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from hclarity.registry.cards import NONE_PUBLISHED, ModelCard, Variant
from hclarity.registry.download import sha256_of
from hclarity.registry.models import user_models

__all__ = ["Place", "cached_file", "earlier_files", "find_weights", "where"]

Place = Literal["here", "to fetch", "by hand", "missing"]


def cached_file(card: ModelCard, variant: Variant) -> Path:
    """Return where fetched weights are kept; new weights on a card get a new place.

    So do weights of which no digest is published, when they come from another address.
    """
    weights = card.weights[variant]
    if weights.sha256 == NONE_PUBLISHED:
        return _undigested_file(card, variant)
    return user_models() / card.name / f"{weights.sha256[:8]}-{weights.file}"


def find_weights(card: ModelCard, variant: Variant) -> Path | None:
    """Return a variant's file, unchecked: beside the card, or in the cache; None if not here."""
    weights = card.weights[variant]
    for place in card.folder / weights.file, cached_file(card, variant):
        if os.path.isfile(place):  # which, unlike Path.is_file, minds no folder that is closed
            return place
    earlier = earlier_files(card, variant)
    return next((place for place in earlier if sha256_of(place) == weights.sha256), None)


def where(card: ModelCard, variant: Variant) -> Place:
    """Return whether a variant is here, and if not, how it comes."""
    if find_weights(card, variant):
        return "here"
    weights = card.weights[variant]
    return "to fetch" if weights.url else "by hand" if weights.page else "missing"


def earlier_files(card: ModelCard, variant: Variant) -> Iterator[Path]:
    """Yield files kept, maybe under a plain name, before the card had a published digest."""
    if card.weights[variant].sha256 == NONE_PUBLISHED:
        return
    kept = _undigested_file(card, variant)
    for place in kept, kept.with_name(card.weights[variant].file):
        if os.path.isfile(place) and os.access(place, os.R_OK):
            yield place


def _undigested_file(card: ModelCard, variant: Variant) -> Path:
    """Where fetched weights are kept while nobody has published their digest."""
    weights = card.weights[variant]
    source = hashlib.sha256((weights.url or weights.page).encode()).hexdigest()
    return user_models() / card.name / f"{source[:8]}-{weights.file}"
