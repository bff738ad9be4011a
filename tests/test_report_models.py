from pathlib import Path

import pytest
from registry_cards import CARD, write_card

from hclarity.registry.cards import read_card
from hclarity.registry.catalogue import Entry
from hclarity.registry.sheets import Sheet, WeightsSheet
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
    head, row = model_table([Entry(card, {"bundled": "missing"})]).splitlines()
    assert head.split() == ["name", "stems", "bundled", "official"]
    assert row.split() == ["tiny", "vocals,rest", "missing", "-"]


def test_the_size_of_what_is_to_fetch(tmp_path: Path) -> None:
    text = CARD.replace("bundled", "official").replace("bytes = 7", "bytes = 12000000")
    card = read_card(write_card(tmp_path / "tiny", text))
    to_fetch, here = Entry(card, {"official": "to fetch"}), Entry(card, {"official": "here"})
    assert model_table([to_fetch]).endswith("  -        to fetch, 12 MB")
    assert model_table([here]).endswith("  -        here")


def test_a_sheet(tmp_path: Path) -> None:
    text = CARD.replace('["nothing"]', '["a, b", "c"]').replace("usdr_vocals = 5", "")
    text = text.replace('"Tiny"', '"Tiny\\u001b[2J"').replace('["musdb/train"]', "[]")
    card = read_card(write_card(tmp_path / "tiny", text))
    weights = WeightsSheet("missing", Path("a/b.pt"), card.weights["bundled"], 1234567, None, 1.5)
    lines = model_sheet(Sheet(card, {"bundled": weights})).splitlines()
    told = [" ".join(line.split()) for line in lines]
    assert told[:2] == ["name tiny", "title Tiny\N{REPLACEMENT CHARACTER}[2J"]
    assert told[told.index("") :] == [
        "",
        "bundled weights",
        "where missing",
        "path a/b.pt",
        "file weights.safetensors",
        "sha256 " + "ab" * 32,
        "licence MIT",
        "trained on a, b; c",
        "bytes 7",
        "arguments width 4, ratio_mask true",
        "parameters 1,234,567",
        "receptive field ms all that it is given at once",
        "lookahead ms 1.5",
    ]
