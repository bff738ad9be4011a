"""Scores that others published: never mixed with what was measured, and never without a source."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from tomllib import loads
from typing import Any

from hclarity.datasets.catalogue import DATASETS

__all__ = ["Published", "published_rows"]


@dataclass(frozen=True)
class Published:
    """A row of a table that others printed.

    Args:
        name: of the system.
        metric: of all its scores.
        dataset: that scored it, by its title.
        split: of that.
        scores: by stem, "all" or "remix".
        source: a paper, or a page.
        differs: in what the scores may not be compared with what was measured; empty where they
            may.
        protocol: of a challenge, where there is one.
    """

    name: str
    metric: str
    dataset: str
    split: str
    scores: Mapping[str, float]
    source: str
    differs: str = ""
    protocol: str | None = None


def published_rows(
    dataset: str, protocol: str | None, split: str | None = None
) -> tuple[Published, ...]:
    """Return what has been published of songs like these.

    Args:
        dataset: that was scored, one of `DATASETS`.
        protocol: of a challenge; its rows alone then.
        split: that was scored; None to say nothing of it.

    Returns:
        Rows in the order of the file; `differs` says where data set or split are others.
    """
    rows = (Published(**row) for row in _table()["row"])
    title = DATASETS[dataset].title
    return tuple(_compared(row, title, split) for row in rows if row.protocol == protocol)


def _compared(row: Published, title: str, split: str | None) -> Published:
    """Say in what a row's songs are not those that were scored."""
    others = []
    if row.dataset != title:
        others = [f"data set {row.dataset}, not {title}"]
    elif split not in (row.split, None):
        others = [f"split {row.split}, not {split}"]
    return replace(row, differs="; ".join([*others, *filter(None, [row.differs])]))


def _table() -> dict[str, Any]:
    return loads(files(__package__).joinpath("published.toml").read_text(encoding="utf-8"))
