"""All that can be told of one model: its card, its weights, its size, how far it hears."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from hclarity.registry.cards import Contract, ModelCard, Variant, Weights
from hclarity.registry.nets import sketch_net
from hclarity.registry.places import Place, cached_file, find_weights, where

__all__ = ["Sheet", "WeightsSheet", "sheet_of"]


@dataclass(frozen=True)
class WeightsSheet:
    """All about one variant of a model.

    Args:
        where: whether its file is here, and if not, how it comes.
        path: where that file is or would be.
        weights: what the card says.
        parameters: how many numbers the net has.
        receptive_field_ms: how much of the song one sample of a stem depends on, in ms; None for
            all that the net is given at once.
        lookahead_ms: how much of that lies in the future, likewise.
    """

    where: Place
    path: Path
    weights: Weights
    parameters: int
    receptive_field_ms: float | None
    lookahead_ms: float | None

    def document(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return {
            "where": self.where,
            "path": str(self.path),
            **asdict(self.weights),
            "parameters": self.parameters,
            "receptive_field_ms": self.receptive_field_ms,
            "lookahead_ms": self.lookahead_ms,
        }


@dataclass(frozen=True)
class Sheet:
    """All about one model: its card, and what is known of each variant beyond it."""

    card: ModelCard
    weights: Mapping[Variant, WeightsSheet]

    def document(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        card = self.card
        return {
            "name": card.name,
            "title": card.title,
            "description": card.description,
            "net": card.net,
            **{field.name: getattr(card, field.name) for field in fields(Contract)},
            "folder": str(card.folder),
            "weights": {variant: sheet.document() for variant, sheet in self.weights.items()},
        }


def sheet_of(card: ModelCard) -> Sheet:
    """Find out all about a model.

    Raises:
        ConfigurationError: for a net, or arguments of one, that do not exist.
    """
    return Sheet(card, {variant: _weights_sheet(card, variant) for variant in card.weights})


def _weights_sheet(card: ModelCard, variant: Variant) -> WeightsSheet:
    card, weights = card.of(variant), card.weights[variant]
    net = sketch_net(
        card.net,
        card.stems,
        sample_rate=card.sample_rate,
        channels=card.channels,
        arguments=weights.arguments,
    )

    def milliseconds(frames: int | None) -> float | None:
        return None if frames is None else round(1000 * frames / card.sample_rate, 3)

    return WeightsSheet(
        where=where(card, variant),
        path=find_weights(card, variant) or cached_file(card, variant),
        weights=weights,
        parameters=sum(parameter.numel() for parameter in net.parameters()),
        receptive_field_ms=milliseconds(net.traits.receptive_field),
        lookahead_ms=milliseconds(net.traits.lookahead),
    )
