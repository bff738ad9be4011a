"""A model made ready for a run: fetched, loaded, once."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hclarity.cli.ending import uninterrupted
from hclarity.errors import UsageError
from hclarity.registry.cards import ModelCard
from hclarity.registry.weights import Choice, ResolvedWeights, resolve_weights
from hclarity.report.console import Reporter

if TYPE_CHECKING:
    from torch import nn

    from hclarity.separation.devices import Device

__all__ = ["ReadyModel", "chosen_stems", "ready_model", "refuse_unknown_stems"]


@dataclass(frozen=True)
class ReadyModel:
    """A net with its weights, and the device where it will compute."""

    card: ModelCard
    weights: ResolvedWeights
    net: "nn.Module"
    device: str


def ready_model(
    card: ModelCard, choice: Choice, device: "Device", reporter: Reporter
) -> ReadyModel:
    """Fetch and load a model, and say which weights it has.

    Raises:
        HclarityError: as `resolve_weights`, `load_net` and `choose_device` do.
    """
    with uninterrupted():
        from hclarity.registry.checkpoints import load_net
        from hclarity.separation.devices import choose_device

    device = choose_device(device)
    official = card.weights.get("official")
    size = official.bytes if official else 0
    with reporter.progress(f"fetching {card.name} ({size / 1e6:.0f} MB)", size) as bar:
        weights = resolve_weights(card, choice, lambda come, _: bar.set(come))
    if weights.note:
        reporter.warn(weights.note)
    reporter.say(f"model {card.name}, {weights.variant} weights, on the {device}")
    return ReadyModel(card, weights, load_net(card, weights), device)


def chosen_stems(words: str | None, card: ModelCard) -> tuple[str, ...]:
    """The stems that a list such as ``vocals,drums`` names, in the model's order; else all.

    Raises:
        UsageError: for a stem that the model does not have.
    """
    if words is None:
        return card.stems
    names = {word.strip() for word in words.split(",")}
    refuse_unknown_stems(names, card)
    return tuple(stem for stem in card.stems if stem in names)


def refuse_unknown_stems(names: Iterable[str], card: ModelCard) -> None:
    """Raise `UsageError` for a stem that the model does not have, listing those it has."""
    for name in names:
        if name not in card.stems:
            there = ", ".join(card.stems)
            raise UsageError(f"no stem {name!r} in the model {card.name}; it has {there}")
