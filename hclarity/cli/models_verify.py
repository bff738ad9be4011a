"""`hclarity models verify`."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Exit

from hclarity.cli import options
from hclarity.report.console import Reporter

if TYPE_CHECKING:
    from hclarity.registry.cards import ModelCard, Variant

__all__ = ["verify"]


def verify(
    names: Annotated[
        list[str] | None,
        Argument(
            metavar="NAME...",
            help="Models to check; default: all that have weights here.",
            show_default=False,
        ),
    ] = None,
    json: options.JsonOpt = False,
    quiet: options.QuietOpt = False,
) -> None:
    """Check that the weights that are here are, to the bit, what their cards say.

    Where no checksum is published, they must be what they were when they were first used. Prints a
    line for each: OK, damaged, not here, or, before that first use, nothing to compare with.
    """
    from hclarity.cli.output import print_document
    from hclarity.errors import BadDataError
    from hclarity.registry.models import find_card, readable_cards
    from hclarity.report.models import aligned

    reporter = Reporter(quiet=quiet)
    if names:
        rows = _states([find_card(name) for name in names], reporter)
    else:
        known = readable_cards(lambda error: reporter.warn(str(error)))
        rows = [row for row in _states(known, reporter) if row[2] != "not here"]
    if json:
        keys = "name", "weights", "state"
        print_document({"models": [dict(zip(keys, row, strict=True)) for row in rows]})
    elif rows:
        print(aligned(rows), flush=True)
    if any(state == "damaged" for *_, state in rows):
        raise Exit(BadDataError.exit_code)


def _states(cards: "Iterable[ModelCard]", reporter: Reporter) -> list[tuple[str, str, str]]:
    """The name, variant and state of all weights of these models."""
    return [
        (card.name, variant, _state(card, variant, reporter))
        for card in cards
        for variant in card.weights
    ]


def _state(card: "ModelCard", variant: "Variant", reporter: Reporter) -> str:
    """Check a variant's file; say why it is damaged, if it is."""
    from hclarity.errors import BadDataError, MissingInputError
    from hclarity.registry.places import find_weights
    from hclarity.registry.weights import checked_digest, wanted_digest

    weights = card.weights[variant]
    try:
        path = find_weights(card, variant)
        if path is None:
            return "not here"
        checked_digest(path, weights)
        return "OK" if wanted_digest(path, weights) else "nothing to compare with"
    except (BadDataError, MissingInputError) as error:
        reporter.error(str(error))
        return "damaged"
