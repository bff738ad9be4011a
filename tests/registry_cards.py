"""A model card for tests, and where to put it."""

from pathlib import Path

__all__ = ["CARD", "write_card"]

CARD = """
title = "Tiny"
description = "A net for tests."
net = "hdemucs"
stems = ["vocals", "rest"]
sample_rate = 16000
channels = 2
chunk_seconds = 0.5
overlap = 0.25
stride = 256
level = "deviation"

[weights.bundled]
file = "weights.safetensors"
sha256 = "{digest}"
bytes = 7
licence = "MIT"
trained_on = ["nothing"]
seen = ["musdb/train"]
arguments = {{ width = 4, ratio_mask = true }}
scores = {{ usdr_vocals = 5 }}
""".format(digest="ab" * 32)


def write_card(folder: Path, text: str = CARD) -> Path:
    """Make a model's folder with a card in it; return the card."""
    folder.mkdir(parents=True, exist_ok=True)
    card = folder / "card.toml"
    card.write_text(text, encoding="utf-8")
    return card
