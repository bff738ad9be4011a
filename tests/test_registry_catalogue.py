import json
from pathlib import Path

from registry_cards import write_card

from hclarity.registry.cards import read_card
from hclarity.registry.catalogue import entry_of


def test_an_entry(tmp_path: Path) -> None:
    card = read_card(write_card(tmp_path / "tiny"))
    assert entry_of(card).places == {"bundled": "missing"}
    (tmp_path / "tiny" / "weights.safetensors").touch()
    entry = entry_of(card)
    assert entry.places == {"bundled": "here"}
    assert json.loads(json.dumps(entry.document())) == {
        "name": "tiny",
        "title": "Tiny",
        "net": "hdemucs",
        "stems": ["vocals", "rest"],
        "weights": {"bundled": {"where": "here", "bytes": 7}},
    }
