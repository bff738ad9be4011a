"""`hclarity models`: which there are, what is in them, and how their weights come and go."""

from typer import Typer

from hclarity.cli import (
    models_export,
    models_import,
    models_list,
    models_pull,
    models_show,
    models_verify,
)

__all__ = ["app"]

app = Typer(help="Models: list, show, fetch, verify, import and export them.")
app.command("list")(models_list.list_models)
app.command("show")(models_show.show)
app.command("pull")(models_pull.pull)
app.command("verify")(models_verify.verify)
app.command("import")(models_import.import_weights)
app.command("export")(models_export.export_weights)


@app.callback()
def _group() -> None:
    """Models: list, show, fetch, verify, import and export them."""
