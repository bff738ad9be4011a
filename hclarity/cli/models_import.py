"""`hclarity models import`."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from hclarity.cli import options
from hclarity.report.console import Reporter

__all__ = ["import_weights"]


def import_weights(
    source: Annotated[
        Path, Argument(metavar="FILE", help="A checkpoint, or a folder from Hugging Face.")
    ],
    name: Annotated[str, Option("--as", metavar="NAME", help="What the model shall be called.")],
    stems: Annotated[
        str | None,
        Option(metavar="NAMES", help="Its stems in order, where the file does not tell them."),
    ] = None,
    json: options.JsonOpt = False,
    quiet: options.QuietOpt = False,
) -> None:
    """Make a model of somebody's weights.

    Reads Hybrid Demucs, Conv-TasNet and BandSplitRNN checkpoints without running code from them.
    A name from the list, such as bsrnn, takes the published file of that model, and nothing else.
    Prints the path of what it made: a card, or for a name from the list its weights.
    """
    from hclarity.cli.each import Done, do_each
    from hclarity.cli.ending import uninterrupted
    from hclarity.cli.items import Item
    from hclarity.registry.cards import CARD_FILE, read_card

    with uninterrupted():
        from hclarity.registry.importing import import_model
    chosen = None if stems is None else [stem.strip() for stem in stems.split(",")]
    reporter = Reporter(quiet=quiet)

    def work(item: Item) -> Done:
        made = import_model(item.path, name, stems=chosen)
        if made.name == CARD_FILE:  # which says what had to be assumed
            reporter.say(f"{name}: {read_card(made).description}")
        return Done({"model": made})

    items = [Item(source, name)]
    do_each(items, lambda _: None, lambda reporter: work, reporter, as_json=json)
