"""`hclarity models pull`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument

from hclarity.cli import options
from hclarity.report.console import Reporter

if TYPE_CHECKING:
    from hclarity.registry.cards import ModelCard, Variant

__all__ = ["pull"]


def pull(
    names: Annotated[list[str], Argument(metavar="NAME...", help="Models to fetch.")],
    json: options.JsonOpt = False,
    quiet: options.QuietOpt = False,
) -> None:
    """Fetch the official weights of models, so that they are here without a network.

    What has come of an interrupted one is kept, and the same command continues. Prints the paths.
    """
    from hclarity.cli.each import Done, do_each
    from hclarity.cli.items import Item
    from hclarity.registry.models import find_card

    reporter = Reporter(quiet=quiet)
    cards = {name: find_card(name) for name in names}  # a wrong name is told before any comes
    do_each(
        [Item(Path(name), name) for name in cards],
        lambda _: None,
        lambda reporter: lambda item: Done(_pulled(cards[item.name], reporter)),
        reporter,
        as_json=json,
    )


def _pulled(card: "ModelCard", reporter: Reporter) -> dict[str, Path]:
    """Have a model's weights here, official ones if it has any; say what comes before it does."""
    from hclarity.cli.ready_model import ready_weights
    from hclarity.registry.places import where
    from hclarity.report.models import size_words

    variant: Variant = "official" if "official" in card.weights else "bundled"
    weights = card.weights[variant]
    place = where(card, variant)
    if place == "to fetch":
        told = f"{size_words(weights.bytes)}, licence {weights.licence}, {weights.url}"
        reporter.say(f"{card.name}: {told}")
    path = ready_weights(card, variant, reporter).path
    if place == "here":
        reporter.say(f"{card.name}: already here")
    return {variant: path}
