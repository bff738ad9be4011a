"""`hclarity dataset`: songs with true stems."""

from typer import Typer

from hclarity.cli import dataset_check, dataset_generate, dataset_list

__all__ = ["app"]

app = Typer(help="Songs with true stems, for training and evaluation: list, check, generate.")
app.command("list")(dataset_list.list_data_sets)
app.command("check")(dataset_check.check)
app.command("generate")(dataset_generate.generate)


@app.callback()
def _group() -> None:
    """Songs with true stems, for training and evaluation: list, check, generate."""
