from pathlib import Path

import pytest
from registry_cards import CARD, write_card

from hclarity.registry.cards import read_card
from hclarity.report.models import aligned, model_sheet, model_table, size_words


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (334_697_255, "335 MB"),
        (43_400_000, "43.4 MB"),
        (8_032_464, "8.03 MB"),
        (7, "0.1 MB"),
        (None, "size not published"),
    ],
)
def test_sizes(size: int | None, words: str) -> None:
    assert size_words(size) == words


def test_columns_are_as_wide_as_they_need_to_be() -> None:
    assert aligned([("a", "bc", ""), ("def", "g", "h")]) == "a    bc\ndef  g   h"


def test_a_models_row(tmp_path: Path) -> None:
    card = read_card(write_card(tmp_path / "tiny"))
    head, row = model_table([(card, {"bundled": "missing"})]).splitlines()
    assert head.split() == ["name", "stems", "bundled", "official"]
    assert row.split() == ["tiny", "vocals,rest", "missing", "-"]


def test_the_size_of_what_is_to_fetch(tmp_path: Path) -> None:
    text = CARD.replace("bundled", "official").replace("bytes = 7", "bytes = 12000000")
    card = read_card(write_card(tmp_path / "tiny", text))
    assert model_table([(card, {"official": "to fetch"})]).endswith("  -        to fetch, 12 MB")
    assert model_table([(card, {"official": "here"})]).endswith("  -        here")


def test_a_sheet() -> None:
    weights = {
        "bytes": None,
        "parameters": 1234567,
        "trained_on": ["a, b", "c"],
        "seen": (),
        "arguments": {"width": 4, "tac": True},
        "scores": {},
        "lookahead_ms": None,
        "sha256": "ab" * 40,
    }
    sheet = model_sheet({"name": "tiny\x1b[2J", "weights": {"official": weights}})
    assert [" ".join(line.split()) for line in sheet.splitlines()] == [
        "name tiny\N{REPLACEMENT CHARACTER}[2J",
        "",
        "official weights",
        "bytes not published",
        "parameters 1,234,567",
        "trained on a, b; c",
        "arguments width 4, tac true",
        "lookahead ms all that it is given at once",
        "sha256 " + "ab" * 40,
    ]
