"""Writing a model card, so that reading it gives the same card back."""

from dataclasses import MISSING, Field, fields

from hclarity.registry.cards import Contract, ModelCard, Weights
from hclarity.registry.toml_text import toml_lines

__all__ = ["card_text"]


def card_text(card: ModelCard) -> str:
    """Return a card as TOML; all of it but its name and folder, which are those of the file."""
    contract = {field.name: getattr(card, field.name) for field in fields(Contract)}
    about = {"title": card.title, "description": card.description, "net": card.net, **contract}
    variants = [
        f"\n[weights.{variant}]\n{toml_lines(_told(weights))}"
        for variant, weights in card.weights.items()
    ]
    return toml_lines(about) + "".join(variants)


def _told(weights: Weights) -> dict[str, object]:
    """Return what is known of weights; what is not has no key."""
    values = {field: getattr(weights, field.name) for field in fields(Weights)}
    return {field.name: value for field, value in values.items() if value or _needed(field)}


def _needed(field: "Field[object]") -> bool:
    return field.default is MISSING and field.default_factory is MISSING
