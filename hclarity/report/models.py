"""Models in words: the table of all, and everything about one."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from textwrap import fill
from typing import TYPE_CHECKING

from hclarity.registry.cards import Variant
from hclarity.registry.catalogue import Entry
from hclarity.report.console import one_line

if TYPE_CHECKING:  # which needs the nets, and so torch
    from hclarity.registry.sheets import Sheet

__all__ = ["aligned", "model_sheet", "model_table", "size_words"]

_WIDTH, _LABEL = 80, 22
_NOTHING = {
    "bytes": "not published",
    "receptive_field_ms": "all that it is given at once",
    "lookahead_ms": "all that it is given at once",
}


def size_words(size: int | None) -> str:
    """A file's size for people."""
    return "size not published" if size is None else f"{max(size, 100_000) / 1e6:.3g} MB"


def model_table(entries: Iterable[Entry]) -> str:
    """A line for each model: its name, its stems, and where its weights are."""
    rows = [("name", "stems", "bundled", "official")]
    for entry in entries:
        bundled, official = _place_words(entry, "bundled"), _place_words(entry, "official")
        rows.append((entry.card.name, ",".join(entry.card.stems), bundled, official))
    return aligned(rows)


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows of words, in columns as wide as they need to be."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(f"{word:{width}}" for word, width in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join(one_line(line.rstrip()) for line in lines)


def _place_words(entry: Entry, variant: Variant) -> str:
    if variant not in entry.places:
        return "-"
    place, size = entry.places[variant], entry.card.weights[variant].bytes
    return f"{place}, {size_words(size)}" if place == "to fetch" and size is not None else place


def model_sheet(sheet: "Sheet") -> str:
    """All about a model: a line for each key, a section for each of its weights."""
    document = sheet.document()
    weights = document.pop("weights")
    sections = [_rows(document, "")]
    sections += [[f"\n{variant} weights", *_rows(weights[variant], "  ")] for variant in weights]
    return "\n".join(chain.from_iterable(sections))


def _rows(table: Mapping[str, object], indent: str) -> list[str]:
    return [
        fill(
            one_line(words),
            _WIDTH,
            initial_indent=f"{indent + key.replace('_', ' '):{_LABEL}}",
            subsequent_indent=" " * _LABEL,
            break_long_words=False,  # addresses and digests are there to be copied
            break_on_hyphens=False,
        )
        for key, value in table.items()
        if (words := _words(key, value))
    ]


def _words(key: str, value: object) -> str:
    match value:
        case None:
            return _NOTHING[key]
        case bool():
            return str(value).lower()
        case int() if key in ("bytes", "parameters"):
            return f"{value:,}"
        case Mapping():
            return ", ".join(f"{name} {_words(name, item)}" for name, item in value.items())
        case list() | tuple():
            return "; ".join(value) if any("," in item for item in value) else ", ".join(value)
        case _:
            return str(value)
