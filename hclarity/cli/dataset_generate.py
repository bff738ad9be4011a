"""`hclarity dataset generate`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from typer import Argument, Option

from hclarity.cli import options
from hclarity.cli.output import print_document, print_paths
from hclarity.errors import ConfigurationError, UsageError
from hclarity.report.console import Reporter

if TYPE_CHECKING:
    from hclarity.datasets.generated.layouts import Layout

__all__ = ["generate"]


def generate(
    folder: Annotated[
        Path, Argument(metavar="FOLDER", help="Root of the data set; songs are added to it.")
    ],
    songs: Annotated[int, Option(help="How many.", min=1)] = 10,
    seconds: Annotated[float, Option(help="Length of each.", min=1, max=3600)] = 24.0,
    seed: Annotated[int, Option(help="Number of the first song.", min=0)] = 0,
    tier: Annotated[
        Literal["synthetic", "rich"],
        Option(help="synthetic: numpy alone; rich: recorded instruments and re-sung speech too."),
    ] = "synthetic",
    split: Annotated[str, Option(help="Name of the split, such as train or test.")] = "train",
    layout: Annotated[
        Literal["musdb", "ensembleset", "woodwind"],
        Option(
            help="That of MUSDB18-HQ: songs; of EnsembleSet: string quartets;"
            " of CadenzaWoodwind: two to five woodwinds."
        ),
    ] = "musdb",
    casting: Annotated[
        Literal["training", "held-out"],
        Option(help="held-out: voices and instruments of the rich tier that are kept to judge on."),
    ] = "training",
    jobs: Annotated[
        int | None,
        Option("-j", "--jobs", min=1, help="Songs made at once; default: one for each core."),
    ] = None,
    json: options.JsonOpt = False,
    quiet: options.QuietOpt = False,
) -> None:
    """Generate songs with true stems, laid out as a data set.

    The same seed gives the same song, whatever the number of jobs; a song that is already there is
    kept, with whatever settings it was made. The mixture is, to the bit, the sum of the stems.
    """
    from hclarity.datasets.generated.layouts import Order, generate_all, write_metadata

    _refuse_split(layout, split)
    if casting == "held-out" and tier == "synthetic":
        raise UsageError(
            "--casting held-out is of recorded instruments and voices: add --tier rich"
        )
    reporter = Reporter(quiet=quiet)
    orders = [
        Order(folder, layout, split, number, seconds, tier, casting)
        for number in range(seed, seed + songs)
    ]
    missing = [order for order in orders if not order.folder.is_dir()]
    made = {order.name for order in missing}
    if kept := [order.name for order in orders if order.name not in made]:
        _say_kept(len(kept), songs, reporter)
    with reporter.progress("generating", len(missing)) as bar:
        for _ in generate_all(missing, jobs or os.cpu_count() or 1):
            bar.advance(1)
    write_metadata(orders)
    place = folder / split if layout == "musdb" else folder / "audio" / split
    if json:
        print_document({"folder": str(place), "made": sorted(made), "kept": kept})
    else:
        print_paths([place])


def _refuse_split(layout: "Layout", split: str) -> None:
    """A split becomes a folder, which only under some names is read again."""
    from hclarity.datasets.catalogue import data_set
    from hclarity.registry.cards import require_safe_name

    known = data_set(layout)
    if split not in known.splits and not known.more_splits:
        raise UsageError(f"{known.title} has no split {split!r}, only {', '.join(known.splits)}")
    try:
        require_safe_name("a split", split)
    except ConfigurationError as error:
        raise UsageError(str(error)) from None


def _say_kept(kept: int, songs: int, reporter: Reporter) -> None:
    are = ("song was", "is") if songs == 1 else ("songs were", "are")
    reporter.say(f"{kept} of {songs} {are[0]} there already and {are[1]} kept")
