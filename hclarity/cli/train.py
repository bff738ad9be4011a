"""`hclarity train`: songs and a recipe in, a model out."""

import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

from hclarity.cli import options
from hclarity.cli.durations import parse_duration
from hclarity.cli.output import print_document, print_paths
from hclarity.cli.training import Asked, trained

__all__ = ["train"]


def train(
    recipe: Annotated[
        str,
        Argument(
            metavar="MODEL|RECIPE",
            help="A model's name (as it was published), NAME-mini (as it is bundled), or a TOML"
            " file.",
        ),
    ],
    root: Annotated[Path, Option(help="Folder of the songs.", metavar="DIR")],
    dataset: Annotated[
        str | None,
        Option(
            metavar="NAME",
            help="Which data set is there, see `hclarity dataset list`; default: the recipe's.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        Option(
            "-o",
            "--out",
            metavar="DIR",
            help="Folder of the run and its model; default: runs/NAME.",
            show_default=False,
        ),
    ] = None,
    resume: Annotated[
        bool,
        Option(
            "--resume",
            help="Go on with the run in that folder, if there is one; steps, precision,"
            " optimiser.learning_rate and optimiser.clip may change.",
        ),
    ] = False,
    max_time: Annotated[
        str | None,
        Option(
            metavar="TIME",
            help="End within this time, such as 2h30m, all sessions together; the learning rate"
            " falls in time.",
            show_default=False,
        ),
    ] = None,
    devices: Annotated[str, Option(metavar="N|auto", help="How many GPUs, or processes.")] = "1",
    device: options.DeviceOpt = "auto",
    precision: Annotated[
        Literal["fp32", "bf16", "fp16"] | None,
        Option(help="As --set run.precision=…", show_default=False),
    ] = None,
    steps: Annotated[
        int | None, Option(help="As --set run.steps=…", min=1, show_default=False)
    ] = None,
    workers: Annotated[
        int | None,
        Option(
            help="Processes that read songs; default: 1, with GPUs 8 for each.",
            min=0,
            show_default=False,
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        Option(
            "--set",
            metavar="KEY=VALUE",
            help="Instead of what the recipe says, e.g. optimiser.learning_rate=3e-4; repeatable.",
        ),
    ] = None,
    validation_root: Annotated[
        Path | None,
        Option(
            metavar="DIR",
            help="Folder of the songs that judge; default: the split valid beside the others.",
            show_default=False,
        ),
    ] = None,
    validation_dataset: Annotated[
        str, Option(metavar="NAME", help="Which data set that is.")
    ] = "folder",
    validation_split: Annotated[str, Option(metavar="NAME", help="Which split of it.")] = "valid",
    json: options.JsonOpt = False,
    quiet: options.QuietOpt = False,
) -> None:
    """Train a model.

    The run's folder becomes the model, which `hclarity separate -m` takes, with the best weights so
    far; beside them are checkpoint.pt, metrics.csv and TensorBoard's events. Ctrl-C keeps all;
    --resume goes on to the bit. Several machines: torchrun … -m hclarity train …. Prints the
    folder.
    """
    from hclarity.training.extras import require_extras
    from hclarity.training.recipe import read_recipe
    from hclarity.training.recipe_places import find_recipe, run_name
    from hclarity.training.run_folder import RunFolder
    from hclarity.training.songs import Place, open_songs

    begun = time.monotonic()
    limit = math.inf if max_time is None else parse_duration(max_time)
    path = find_recipe(recipe)
    how = read_recipe(path, [*(settings or ()), *_shorthands(precision, steps)])
    learn = Place(dataset or how.data.dataset, root, "train")
    judge = None
    if validation_root is not None:
        judge = Place(validation_dataset, validation_root, validation_split)
    songs = open_songs(how, learn, judge)
    folder = RunFolder(out or Path("runs") / run_name(path))
    changed = folder.require_free(resume, how, songs)
    require_extras()
    asked = Asked(how, songs, folder, device, devices, workers, limit, begun, changed)
    outcome = trained(asked, resume=resume, quiet=quiet)
    if outcome and json:
        print_document(
            {
                "model": str(folder.path),
                "step": outcome.step,
                "best_step": outcome.best_step,
                "usdr": outcome.scores,
            }
        )
    elif outcome:
        print_paths([folder.path])


def _shorthands(precision: str | None, steps: int | None) -> Iterator[str]:
    """Options that are sections of the recipe."""
    if precision is not None:
        yield f"run.precision={precision}"
    if steps is not None:
        yield f"run.steps={steps}"
