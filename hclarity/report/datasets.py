"""Data sets in words: which there are, and what is wrong with one."""

from collections.abc import Iterable, Mapping, Sequence

from hclarity.datasets.checking import Finding
from hclarity.datasets.data_set import DataSet
from hclarity.report.models import aligned

__all__ = ["data_set_table", "finding_table", "songs_in_words", "split_words"]


def data_set_table(known: Iterable[DataSet]) -> str:
    """A few lines for each data set."""
    return "\n\n".join(_data_set(one) for one in known)


def _data_set(known: DataSet) -> str:
    rows = [(known.name, known.title), ("  songs", split_words(known.splits))]
    rows += [("  layout", known.layout)]
    if known.page is not None and known.licence is not None:
        rows += [("  page", f"{known.page}, {known.size:g} GB"), ("  licence", known.licence)]
    return aligned(rows)


def split_words(splits: Mapping[str, int | None]) -> str:
    """How many songs each split has, or may have."""
    return ", ".join(f"{name} {'any' if n is None else n}" for name, n in splits.items())


def finding_table(split: str, findings: Sequence[Finding]) -> str:
    """A line for each finding."""
    return aligned([(split, found.track or "", found.kind, found.words) for found in findings])


def songs_in_words(there: int, due: int | None) -> str:
    """How many songs there are, of how many there should be."""
    of_how_many = "" if due is None else f" of {due}"
    return f"{there}{of_how_many} {'song' if (due or there) == 1 else 'songs'}"
