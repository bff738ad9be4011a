"""`hclarity models export`."""

from functools import partial
from pathlib import Path
from typing import Annotated

from typer import Argument

from hclarity.cli import options
from hclarity.report.console import Reporter

__all__ = ["export_weights"]


def export_weights(
    name: options.ModelArg,
    file: Annotated[Path, Argument(metavar="FILE.th", help="To write; must not be there yet.")],
    weights: options.WeightsOpt = "auto",
    json: options.JsonOpt = False,
    quiet: options.QuietOpt = False,
) -> None:
    """Write a Hybrid Demucs as the demucs package's own file.

    That package must be installed. Prints the path of the file.
    """
    from hclarity.cli.each import Done, do_each
    from hclarity.cli.ending import uninterrupted
    from hclarity.cli.items import Item
    from hclarity.cli.ready_model import ready_weights
    from hclarity.registry.models import find_card

    card, reporter = find_card(name), Reporter(quiet=quiet)

    def export(_: Item) -> Done:
        resolved = ready_weights(card, weights, reporter)
        with uninterrupted():
            from hclarity.registry.exporting import export_model
        return Done({"weights": export_model(card, resolved, file)})

    items = [Item(Path(name), name)]
    check = partial(_refuse_there, file)
    do_each(items, check, lambda reporter: export, reporter, as_json=json)


def _refuse_there(file: Path, _: Path) -> None:
    from hclarity.errors import CannotCreateError

    if file.exists():
        raise CannotCreateError(f"{file} is there already; delete it, or choose another name")
