import json
from pathlib import Path

import pytest
from registry_cards import CARD, write_card

from hclarity.errors import ConfigurationError
from hclarity.registry.cards import ModelCard, read_card
from hclarity.registry.nets import build_net
from hclarity.registry.sheets import sheet_of

CONV_TASNET = {"N": 16, "L": 20, "B": 8, "H": 16, "P": 3, "X": 3, "R": 2}


def conv_tasnet(folder: Path, **arguments: object) -> ModelCard:
    wanted = {**CONV_TASNET, **arguments}
    written = ", ".join(f"{key} = {json.dumps(value)}" for key, value in wanted.items())
    text = CARD.replace("width = 4, ratio_mask = true", written)
    return read_card(write_card(folder, text.replace('"hdemucs"', '"convtasnet"')))


def test_a_sheet_counts_what_the_net_has(tmp_path: Path) -> None:
    card = conv_tasnet(tmp_path / "tiny")
    net = build_net(
        card.net,
        card.stems,
        sample_rate=card.sample_rate,
        channels=card.channels,
        arguments=card.weights["bundled"].arguments,
    )
    sheet = sheet_of(card).weights["bundled"]
    assert sheet.parameters == sum(parameter.numel() for parameter in net.parameters())
    assert (sheet.where, sheet.path.name) == ("missing", f"{'ab' * 4}-weights.safetensors")
    assert sheet.weights == card.weights["bundled"]


def test_a_sheet_tells_how_far_a_causal_net_hears(tmp_path: Path) -> None:
    card = conv_tasnet(tmp_path / "tiny", causal=True, norm="cLN")
    sheet = sheet_of(card).weights["bundled"]
    assert sheet.lookahead_ms is not None
    assert sheet.receptive_field_ms is not None
    assert 0 <= sheet.lookahead_ms <= 1000 * 20 / 16000 < sheet.receptive_field_ms


def test_a_sheets_document(tmp_path: Path) -> None:
    sheet = sheet_of(conv_tasnet(tmp_path / "tiny"))
    document = json.loads(json.dumps(sheet.document(), allow_nan=False))
    assert document["name"] == "tiny"
    assert document["stems"] == ["vocals", "rest"]
    assert document["sample_rate"] == 16000
    assert document["folder"] == str(tmp_path / "tiny")
    bundled = document["weights"]["bundled"]
    assert bundled["sha256"] == "ab" * 32
    assert bundled["arguments"] == CONV_TASNET
    assert bundled["parameters"] == sheet.weights["bundled"].parameters


def test_a_net_that_does_not_exist(tmp_path: Path) -> None:
    text = CARD.replace('"hdemucs"', '"hdemuks"')
    with pytest.raises(ConfigurationError, match="hdemuks"):
        sheet_of(read_card(write_card(tmp_path / "tiny", text)))
