"""`hclarity dataset list`."""

from hclarity.cli import options
from hclarity.cli.output import print_document

__all__ = ["list_data_sets"]


def list_data_sets(json: options.JsonOpt = False) -> None:
    """List the data sets that are known: how many songs, which layout, where to get them.

    Nothing is fetched: their licences are between you and those who publish them.
    """
    from hclarity.datasets.catalogue import DATASETS
    from hclarity.report.datasets import data_set_table

    if json:
        print_document(
            {
                "datasets": [
                    {
                        "name": known.name,
                        "title": known.title,
                        "splits": dict(known.splits),
                        "layout": known.layout,
                        "page": known.page,
                        "licence": known.licence,
                        "gigabytes": known.size,
                    }
                    for known in DATASETS.values()
                ]
            }
        )
    else:
        print(data_set_table(DATASETS.values()), flush=True)
