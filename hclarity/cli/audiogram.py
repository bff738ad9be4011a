"""`hclarity audiogram`: look at a hearing test, draw it, write it in another format."""

from typer import Typer

from hclarity.cli import audiogram_convert, audiogram_plot, audiogram_show

__all__ = ["app"]

app = Typer(help="Hearing tests: show, convert and plot them.")
app.command("show")(audiogram_show.show)
app.command("convert")(audiogram_convert.convert)
app.command("plot")(audiogram_plot.plot)


@app.callback()
def _group() -> None:
    """Hearing tests: show, convert and plot them."""
