"""`hclarity dataset generate`."""

import os
from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

from hclarity.cli import options
from hclarity.cli.output import print_paths
from hclarity.report.console import Reporter

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
    quiet: options.QuietOpt = False,
) -> None:
    """Generate songs with true stems, laid out as a data set.

    The same seed gives the same song, whatever the number of jobs; a song that is already there is
    not made again. The mixture is, to the bit, the sum of the stems.
    """
    from hclarity.datasets.generated.layouts import Order, generate_all, write_metadata

    reporter = Reporter(quiet=quiet)
    orders = [
        Order(folder, layout, split, number, seconds, tier, casting)
        for number in range(seed, seed + songs)
    ]
    missing = [order for order in orders if not order.folder.is_dir()]
    with reporter.progress("generating", len(missing)) as bar:
        for _ in generate_all(missing, jobs or os.cpu_count() or 1):
            bar.advance(1)
    write_metadata(orders)
    print_paths([folder / split if layout == "musdb" else folder / "audio" / split])
