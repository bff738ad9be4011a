"""`hclarity audiogram plot`."""

from pathlib import Path
from typing import Annotated

from typer import Option

from hclarity.cli import options
from hclarity.cli.heard import LevelOpt, SongOpt
from hclarity.report.console import Reporter

__all__ = ["plot"]


def plot(
    source: options.AudiogramArg,
    out: Annotated[
        Path, Option("-o", "--out", metavar="FILE", help="A .png or .svg to write or replace.")
    ],
    listener: options.ListenerOpt = None,
    other_ear: options.OtherEarOpt = None,
    song: SongOpt = None,
    level: LevelOpt = None,
    json: options.JsonOpt = False,
) -> None:
    """Draw an audiogram as audiologists do, over the area of speech at 65 dB SPL.

    Prints the path of the picture. This is no diagnosis.
    """
    from hclarity.cli.heard import hear_song, read_told
    from hclarity.cli.output import print_document, print_paths
    from hclarity.report.audiogram_plot import plot_audiogram
    from hclarity.report.pictures import check_picture

    check_picture(out)
    reporter = Reporter()
    reading = read_told(source, listener, other_ear, reporter)
    heard = hear_song(song, level, reporter)
    plot_audiogram(
        reading.listener, out, heard.levels if heard else None, heard.words if heard else ""
    )
    if json:
        print_document({"plot": str(out)})
    else:
        print_paths([out])
