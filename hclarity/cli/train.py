"""`hclarity train`: songs and a recipe in, weights out."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from hclarity.cli import options
from hclarity.cli.ending import uninterrupted
from hclarity.cli.output import print_paths
from hclarity.registry.whole_files import make_folder
from hclarity.report.console import Reporter

__all__ = ["train"]

SAID_EVERY = 100  # steps


def train(
    recipe: Annotated[
        Path, Argument(metavar="RECIPE", help="A TOML file, such as models/demucs/recipe.toml.")
    ],
    root: Annotated[Path, Option(help="Folder with train/TRACK/STEM.wav.", metavar="FOLDER")],
    out: Annotated[Path, Option("-o", "--out", help="Folder of the run.", metavar="FOLDER")],
    quiet: options.QuietOpt = False,
) -> None:
    """Train a model by its recipe.

    The run's folder gets checkpoint.pt and, as a model's weights, weights.safetensors. A run that
    was interrupted goes on where its last checkpoint stands.
    """
    from hclarity.datasets.folders import find_tracks
    from hclarity.training.recipe import read_recipe
    from hclarity.training.songs import read_songs

    reporter = Reporter(quiet=quiet)
    how = read_recipe(recipe)
    tracks = find_tracks(root, "train")
    make_folder(out)
    with uninterrupted():
        from hclarity.training import loop
    with reporter.progress("reading songs", len(tracks)) as bar:
        songs = read_songs(tracks, how, lambda: bar.advance(1))
    with reporter.progress(f"training {how.steps} steps", how.steps) as bar:

        def report(step: int, loss: float) -> None:
            bar.set(step)
            if step % SAID_EVERY == 0:
                reporter.say(f"step {step} of {how.steps}: loss {loss:.2f} dB")

        loop.train(how, songs, out, report=report)
    print_paths([out / loop.WEIGHTS])
