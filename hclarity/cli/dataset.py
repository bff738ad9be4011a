"""`hclarity dataset`: songs with true stems."""

from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option, Typer

from hclarity.cli import options
from hclarity.cli.output import print_paths
from hclarity.report.console import Reporter

__all__ = ["app"]

app = Typer(help="Songs with true stems, for training and evaluation.")


@app.callback()
def _group() -> None:
    """Songs with true stems, for training and evaluation."""


@app.command("generate")
def generate(
    folder: Annotated[
        Path, Argument(metavar="FOLDER", help="Gets SPLIT/song0000/STEM.wav and so on.")
    ],
    songs: Annotated[int, Option(help="How many.", min=1)] = 10,
    seconds: Annotated[float, Option(help="Length of each.", min=1, max=3600)] = 24.0,
    seed: Annotated[int, Option(help="Number of the first song.", min=0)] = 0,
    tier: Annotated[
        Literal["synthetic", "rich"],
        Option(help="synthetic: numpy alone; rich: recorded instruments and re-sung speech too."),
    ] = "synthetic",
    split: Annotated[str, Option(help="Name of the split, such as train or test.")] = "train",
    quiet: options.QuietOpt = False,
) -> None:
    """Generate songs with true stems in the layout of MUSDB18-HQ.

    The same seed gives the same song; a song that is already there is not made again.
    """
    from hclarity.datasets.folders import write_song
    from hclarity.datasets.generated.songs import generate_song

    reporter = Reporter(quiet=quiet)
    with reporter.progress("generating", songs) as bar:
        for number in range(seed, seed + songs):
            track = folder / split / f"song{number:04d}"
            if not (track / "vocals.wav").is_file():  # written last, so the rest is there too
                write_song(generate_song(number, seconds, tier), track)
            bar.advance(1)
    print_paths([folder / split])
