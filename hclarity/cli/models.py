"""`hclarity models`: which there are, what is in them, and how their weights come here."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Exit, Option, Typer

from hclarity.cli import options
from hclarity.report.console import Reporter

if TYPE_CHECKING:
    from hclarity.nets.separation_net import SeparationNet
    from hclarity.registry.cards import ModelCard, Variant

__all__ = ["app"]

app = Typer(help="Models: list, show, fetch, verify and import them.")

NameArg = Annotated[str, Argument(metavar="NAME", help="A model's name, its folder, or its card.")]


@app.callback()
def _group() -> None:
    """Models: list, show, fetch, verify and import them."""


@app.command("list")
def list_models(json: options.JsonOpt = False) -> None:
    """List all models, and where their weights are.

    here: ready. to fetch: `hclarity models pull NAME`, or done at the first use. by hand:
    `hclarity models show NAME` says from which page, then `hclarity models import`.
    """
    from hclarity.cli.output import print_document
    from hclarity.report.models import model_table

    cards = list(_readable_cards(Reporter()))
    if json:
        print_document(_headed({"models": [_entry(card) for card in cards]}))
    else:
        print(model_table([(card, _places(card)) for card in cards]), flush=True)


@app.command("show")
def show(name: NameArg, json: options.JsonOpt = False) -> None:
    """Show all that is known of a model: its card, its size, how far it hears."""
    from hclarity.cli.output import print_document
    from hclarity.registry.models import find_card
    from hclarity.report.models import model_sheet

    sheet = _sheet(find_card(name))
    if json:
        print_document(_headed(sheet))
    else:
        print(model_sheet(sheet), flush=True)


@app.command("pull")
def pull(
    names: Annotated[list[str], Argument(metavar="NAME...", help="Models to fetch.")],
    json: options.JsonOpt = False,
    quiet: options.QuietOpt = False,
) -> None:
    """Fetch the official weights of models, so that they are here without a network.

    What has come of an interrupted one is kept, and the same command continues. Prints the paths.
    """
    from hclarity.cli.each import do_each
    from hclarity.registry.models import find_card

    reporter = Reporter(quiet=quiet)
    cards = {Path(name): find_card(name) for name in names}  # a wrong name is told before any comes
    do_each(
        list(cards),
        lambda _: None,
        lambda: lambda name: _pulled(cards[name], reporter),
        reporter,
        as_json=json,
    )


@app.command("verify")
def verify(
    names: Annotated[
        list[str] | None,
        Argument(
            metavar="NAME...",
            help="Models to check; default: all that have weights here.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Check that the weights that are here are, to the bit, what their cards say.

    Prints a line for each: OK, damaged, or not here.
    """
    from hclarity.errors import BadDataError
    from hclarity.registry.models import find_card
    from hclarity.report.models import aligned

    reporter = Reporter()
    cards = [find_card(name) for name in names] if names else _readable_cards(reporter)
    found = [
        (card.name, variant, _state(card, variant, reporter))
        for card in cards
        for variant in card.weights
    ]
    rows = [row for row in found if names or row[2] != "not here"]
    if rows:
        print(aligned(rows), flush=True)
    if any(state == "damaged" for *_, state in rows):
        raise Exit(BadDataError.exit_code)


@app.command("import")
def import_weights(
    source: Annotated[
        Path, Argument(metavar="FILE", help="A checkpoint, or a folder from Hugging Face.")
    ],
    name: Annotated[str, Option("--as", metavar="NAME", help="What the model shall be called.")],
    stems: Annotated[
        str | None,
        Option(metavar="NAMES", help="Its stems in order, where the file does not tell them."),
    ] = None,
) -> None:
    """Make a model of somebody's weights.

    Reads Hybrid Demucs, Conv-TasNet and BandSplitRNN checkpoints without running code from them.
    A name from the list, such as bsrnn, fills that model. Prints the path of its card.
    """
    from hclarity.cli.ending import uninterrupted
    from hclarity.cli.output import print_paths

    with uninterrupted():
        from hclarity.registry.importing import import_model
    chosen = None if stems is None else [stem.strip() for stem in stems.split(",")]
    print_paths([import_model(source, name, stems=chosen)])


def _readable_cards(reporter: Reporter) -> "Iterator[ModelCard]":
    """All models but those with a mistake on their card, which is told."""
    from hclarity.errors import HclarityError
    from hclarity.registry.models import available_models, find_card

    for name in available_models():
        try:
            yield find_card(name)
        except HclarityError as error:
            reporter.warn(str(error))


def _places(card: "ModelCard") -> "dict[Variant, Any]":
    from hclarity.registry.weights import where

    return {variant: where(card, variant) for variant in card.weights}


def _headed(document: dict[str, Any]) -> dict[str, Any]:
    from hclarity import __version__

    return {"version": __version__, **document}


def _entry(card: "ModelCard") -> dict[str, Any]:
    """A model as one of many."""
    weights = {
        variant: {"where": place, "bytes": card.weights[variant].bytes}
        for variant, place in _places(card).items()
    }
    about = {"name": card.name, "title": card.title, "net": card.net, "stems": list(card.stems)}
    return {**about, "weights": weights}


def _sheet(card: "ModelCard") -> dict[str, Any]:
    """All about a model, as a document."""
    from dataclasses import asdict, fields

    from hclarity.registry.cards import Contract

    contract = {field.name: getattr(card, field.name) for field in fields(Contract)}
    return {
        "name": card.name,
        "title": card.title,
        "description": card.description,
        "net": card.net,
        **contract,
        "folder": str(card.folder),
        "weights": {
            variant: {**_file(card, variant), **asdict(weights), **_heard(card, variant)}
            for variant, weights in card.weights.items()
        },
    }


def _file(card: "ModelCard", variant: "Variant") -> dict[str, str]:
    """Whether a variant's file is here, and where it is or would be."""
    from hclarity.registry.weights import cached_file, find_weights, where

    path = find_weights(card, variant) or cached_file(card, variant)
    return {"where": where(card, variant), "path": str(path)}


def _heard(card: "ModelCard", variant: "Variant") -> dict[str, int | float | None]:
    """What only the net itself can tell."""
    net = _sketched(card, variant)

    def milliseconds(frames: int | None) -> float | None:
        return None if frames is None else round(1000 * frames / card.sample_rate, 3)

    return {
        "parameters": sum(weights.numel() for weights in net.parameters()),
        "receptive_field_ms": milliseconds(net.traits.receptive_field),
        "lookahead_ms": milliseconds(net.traits.lookahead),
    }


def _sketched(card: "ModelCard", variant: "Variant") -> "SeparationNet":
    from hclarity.cli.ending import uninterrupted

    with uninterrupted():
        from hclarity.registry.checkpoints import sketch_net

    form = {"sample_rate": card.sample_rate, "channels": card.channels}
    return sketch_net(card.net, card.stems, arguments=card.weights[variant].arguments, **form)


def _pulled(card: "ModelCard", reporter: Reporter) -> dict[str, Path]:
    """Have a model's weights here, official ones if it has any; say what comes before it does."""
    from hclarity.cli.ready_model import ready_weights
    from hclarity.registry.weights import where
    from hclarity.report.models import size_words

    variant: Variant = "official" if "official" in card.weights else "bundled"
    weights = card.weights[variant]
    place = where(card, variant)
    if place == "to fetch":
        told = f"{size_words(weights.bytes)}, licence {weights.licence}, {weights.url}"
        reporter.say(f"{card.name}: {told}")
    path = ready_weights(card, variant, reporter).path
    if place == "here":
        reporter.say(f"{card.name}: already here")
    return {variant: path}


def _state(card: "ModelCard", variant: "Variant", reporter: Reporter) -> str:
    """Check a variant's file; say why it is damaged, if it is."""
    from hclarity.errors import BadDataError
    from hclarity.registry.weights import find_weights, verify

    path = find_weights(card, variant)
    if path is None:
        return "not here"
    try:
        verify(path, card.weights[variant])
    except BadDataError as error:
        reporter.error(str(error))
        return "damaged"
    return "OK"
