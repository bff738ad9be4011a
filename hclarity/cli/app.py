"""The `hclarity` program.

torch, scipy, FFmpeg and the like are imported inside the commands, so `--help`, a wrong option or
a missing file answer at once.
"""

from typing import Annotated, Any

from typer import Exit, Option, Typer
from typer.core import TyperGroup

from hclarity import __version__
from hclarity.cli import audiogram, dataset, demo, eval, models, remix, separate, train
from hclarity.cli.ending import end_on_signals, ending

__all__ = ["app", "main"]


class _Commands(TyperGroup):
    """Ends every command well, also one that is typed wrong."""

    def make_context(self, *args: Any, **extra: Any) -> Any:
        with ending():
            return super().make_context(*args, **extra)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, args or ["--help"])

    def invoke(self, ctx: Any) -> Any:
        with ending():
            return super().invoke(ctx)


# Help as plain text: it reads well in any terminal and aloud, and comes 0.1 s sooner.
app = Typer(cls=_Commands, pretty_exceptions_enable=False, rich_markup_mode=None)
app.command("separate")(separate.separate)
app.command("remix")(remix.remix)
app.command("demo")(demo.demo)
app.command("train")(train.train)
app.command("eval")(eval.evaluate)
app.add_typer(audiogram.app, name="audiogram")
app.add_typer(models.app, name="models")
app.add_typer(dataset.app, name="dataset")


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"hclarity {__version__}")
        raise Exit


@app.callback()
def _options(
    version: Annotated[
        bool, Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Separate songs into stems and remix them for one person's hearing."""


def main() -> None:
    """Run the program."""
    end_on_signals()
    app()
