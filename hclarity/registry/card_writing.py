"""Writing a model card, so that reading it gives the same card back."""

import json
import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields

from hclarity.registry.cards import Contract, ModelCard, Weights

__all__ = ["card_text"]


def card_text(card: ModelCard) -> str:
    """Return a card as TOML; all of it but its name and folder, which are those of the file."""
    contract = {field.name: getattr(card, field.name) for field in fields(Contract)}
    about = {"title": card.title, "description": card.description, "net": card.net, **contract}
    variants = [
        f"\n[weights.{variant}]\n{_lines(_told(weights))}"
        for variant, weights in card.weights.items()
    ]
    return _lines(about) + "".join(variants)


def _told(weights: Weights) -> dict[str, object]:
    """Return what is known of weights; what is not has no key."""
    values = {field: getattr(weights, field.name) for field in fields(Weights)}
    return {field.name: value for field, value in values.items() if value or _needed(field)}


def _needed(field: "Field[object]") -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _lines(table: Mapping[str, object]) -> str:
    return "".join(f"{key} = {_toml(value)}\n" for key, value in table.items())


def _toml(value: object) -> str:
    match value:
        case str():
            return _quoted(value)
        case bool():
            return str(value).lower()
        case int() | float():
            return repr(value)
        case tuple():
            return f"[{', '.join(map(_toml, value))}]"
        case Mapping():
            pairs = (f"{_key(key)} = {_toml(item)}" for key, item in value.items())
            return f"{{ {', '.join(pairs)} }}"
    raise TypeError(f"no card holds a {type(value).__name__}")


def _key(key: str) -> str:
    return key if re.fullmatch("[A-Za-z0-9_-]+", key) else _quoted(key)


def _quoted(text: str) -> str:
    """Return a text as TOML writes it: as JSON does, with nothing that a terminal would obey."""
    return "".join(
        letter if letter.isprintable() else f"\\U{ord(letter):08x}"
        for letter in json.dumps(text, ensure_ascii=False)
    )
