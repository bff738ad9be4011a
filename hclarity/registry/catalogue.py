"""A model as one of many: what it is, and where its weights are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hclarity.registry.cards import ModelCard, Variant
from hclarity.registry.places import Place, where

__all__ = ["Entry", "entry_of"]


@dataclass(frozen=True)
class Entry:
    """A line of the catalogue.

    Args:
        card: of the model.
        places: where the weights of each variant are.
    """

    card: ModelCard
    places: Mapping[Variant, Place]

    def document(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return {
            "name": self.card.name,
            "title": self.card.title,
            "net": self.card.net,
            "stems": list(self.card.stems),
            "weights": {
                variant: {"where": place, "bytes": self.card.weights[variant].bytes}
                for variant, place in self.places.items()
            },
        }


def entry_of(card: ModelCard) -> Entry:
    """Look where a model's weights are."""
    return Entry(card, {variant: where(card, variant) for variant in card.weights})
