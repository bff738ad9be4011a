"""Model cards for tests, and where to put them."""

import hashlib
from pathlib import Path

from hclarity.registry.cards import ModelCard, read_card
from hclarity.registry.places import cached_file

__all__ = [
    "BUNDLED",
    "CARD",
    "digest",
    "model",
    "section",
    "unpublished",
    "write_card",
    "write_official",
]

BUNDLED = b"small"

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


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def section(variant: str, content: bytes, url: str = "") -> str:
    """The part of a card on weights of which all is known."""
    return f"""
[weights.{variant}]
file = "{variant}.pt"
{f'url = "{url}"' if url else ""}
sha256 = "{digest(content)}"
bytes = {len(content)}
licence = "MIT"
trained_on = []
seen = []
"""


def unpublished(place: str, address: str) -> str:
    """Official weights of which nobody has published size and digest."""
    return f"""
[weights.official]
file = "official.pt"
{place} = "{address}"
sha256 = "none published"
licence = "MIT"
trained_on = []
seen = []
"""


def model(folder: Path, *sections: str) -> ModelCard:
    """Make the model `tiny` with these weights on its card; return the card."""
    card = write_card(folder / "tiny", CARD.split("[weights")[0] + "".join(sections))
    (folder / "tiny" / "bundled.pt").write_bytes(BUNDLED)
    return read_card(card)


def write_official(folder: Path, *lines: str) -> Path:
    """Make a model whose weights are elsewhere; return the place that they will have."""
    text = CARD.split("[weights")[0] + "\n".join(
        [
            "[weights.official]",
            'file = "far.pt"',
            'licence = "Apache-2.0"',
            'trained_on = ["songs"]',
            'seen = ["musdb/train"]',
            "arguments = { width = 4, depth = 5 }",
            *lines,
        ]
    )
    return cached_file(read_card(write_card(folder, text)), "official")
