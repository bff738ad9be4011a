"""`hclarity models list`."""

from hclarity.cli import options
from hclarity.report.console import Reporter

__all__ = ["list_models"]


def list_models(json: options.JsonOpt = False, quiet: options.QuietOpt = False) -> None:
    """List all models, and where their weights are.

    here: ready. to fetch: `hclarity models pull NAME`, or done at the first use. by hand:
    `hclarity models show NAME` says from which page, then `hclarity models import`.
    """
    from hclarity.cli.output import print_document
    from hclarity.registry.catalogue import entry_of
    from hclarity.registry.models import readable_cards
    from hclarity.report.models import model_table

    reporter = Reporter(quiet=quiet)
    entries = [entry_of(card) for card in readable_cards(lambda error: reporter.warn(str(error)))]
    if json:
        print_document({"models": [entry.document() for entry in entries]})
    else:
        print(model_table(entries), flush=True)
