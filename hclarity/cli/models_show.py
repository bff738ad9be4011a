"""`hclarity models show`."""

from hclarity.cli import options

__all__ = ["show"]


def show(name: options.ModelArg, json: options.JsonOpt = False) -> None:
    """Show all that is known of a model: its card, its size, how far it hears."""
    from hclarity.cli.ending import uninterrupted
    from hclarity.cli.output import print_document
    from hclarity.registry.models import find_card
    from hclarity.report.models import model_sheet

    card = find_card(name)  # a wrong name is told before torch is loaded
    with uninterrupted():
        from hclarity.registry.sheets import sheet_of
    sheet = sheet_of(card)
    if json:
        print_document(sheet.document())
    else:
        print(model_sheet(sheet), flush=True)
