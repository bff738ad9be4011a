"""`hclarity audiogram convert`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from typer import Option

from hclarity.cli import options
from hclarity.report.console import Reporter

if TYPE_CHECKING:
    from hclarity.hearing.formats.writing import AudiogramFormat

__all__ = ["convert"]


def convert(
    source: options.AudiogramArg,
    out: Annotated[
        Path | None,
        Option("-o", "--out", metavar="FILE", help="Write this file; default: print it."),
    ] = None,
    to: Annotated[
        Literal["json", "cadenza", "csv", "fhir"] | None,
        Option(
            help="Format; default: csv for a FILE of that name, else json, hclarity's own.",
            show_default=False,
        ),
    ] = None,
    listener: options.ListenerOpt = None,
    other_ear: options.OtherEarOpt = None,
    overwrite: Annotated[
        bool, Option("--overwrite", help="Replace FILE if it is there already.")
    ] = False,
) -> None:
    """Write an audiogram in another format.

    Prints it, or writes a file and prints its path. An audiogram is health data: mind where the
    file goes.
    """
    from hclarity.cli.files import write_text
    from hclarity.cli.heard import read_told
    from hclarity.cli.output import print_paths, print_text
    from hclarity.errors import CannotCreateError
    from hclarity.hearing.formats.writing import audiogram_text

    if out is not None and out.exists() and not overwrite:
        raise CannotCreateError(f"{out} is there already; choose another name, or --overwrite")
    reading = read_told(source, listener, other_ear, Reporter())
    text = audiogram_text(reading.listener, to or _format_of(out))
    if out is None:
        print_text(text)
    else:
        write_text(out, text)
        print_paths([out])


def _format_of(out: Path | None) -> "AudiogramFormat":
    return "csv" if out is not None and out.suffix.lower() == ".csv" else "json"
