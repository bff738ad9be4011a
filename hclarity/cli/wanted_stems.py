"""Which stems a user wants of a model."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hclarity.errors import UsageError
from hclarity.registry.cards import ModelCard
from hclarity.registry.weights import Choice
from hclarity.separation.naming import rest_name

__all__ = ["WantedStems", "refuse_impossible", "refuse_unknown_stems", "wanted_stems"]


@dataclass(frozen=True)
class WantedStems:
    """The stems to write.

    Args:
        computed: those that the net estimates, in the order of its output.
        rest: the name of what they leave of the song; empty if that is not wanted.
        complete: whether all together are the song, as far as the model lets them.
    """

    computed: tuple[str, ...]
    rest: str
    complete: bool

    @property
    def names(self) -> tuple[str, ...]:
        """Of all that is written, in order."""
        return (*self.computed, self.rest) if self.rest else self.computed


def wanted_stems(card: ModelCard, listed: str | None = None, two: str | None = None) -> WantedStems:
    """All stems of a model, those that are listed, or one and the rest of the song.

    Args:
        card: of the model.
        listed: names such as ``vocals,drums``.
        two: the one stem.

    Raises:
        UsageError: for a stem that the model does not have, or when both are given.
    """
    if listed is not None and two is not None:
        raise UsageError("give --stems or --two-stems, not both")
    if two is not None:
        refuse_unknown_stems([two], card)
        return WantedStems((two,), rest_name(two), complete=True)
    if listed is None:
        return WantedStems(card.stems, "", complete=True)
    names = {word.strip() for word in listed.split(",")}
    refuse_unknown_stems(names, card)
    computed = tuple(stem for stem in card.stems if stem in names)
    return WantedStems(computed, "", complete=computed == card.stems)


def refuse_unknown_stems(names: Iterable[str], card: ModelCard) -> None:
    """Raise `UsageError` for a stem that the model does not have, listing those it has."""
    for name in names:
        if name not in card.stems:
            there = ", ".join(card.stems)
            raise UsageError(f"no stem {name!r} in the model {card.name}; it has {there}")


def refuse_impossible(
    card: ModelCard, choice: Choice, check: Callable[[ModelCard], object]
) -> None:
    """Refuse, before anything is fetched, what a model gives with none of the weights allowed.

    Args:
        card: of the model.
        choice: which of its weights are allowed.
        check: is given the card as it is with some weights; raises `UsageError` to refuse.

    Raises:
        UsageError: what the check raised for the first of them.
    """
    refusals = []
    for variant in card.weights:
        if choice in ("auto", variant):
            try:
                check(card.of(variant))
            except UsageError as refusal:
                refusals.append(refusal)
            else:
                return
    if refusals:
        raise refusals[0]
