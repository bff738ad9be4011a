"""A model with random weights, small enough for tests and found as any other."""

import hashlib
from pathlib import Path

import torch
from safetensors.torch import save_file

from hclarity.nets.hdemucs import hdemucs

__all__ = ["STEMS", "make_tiny_model"]

STEMS = ("drums", "bass", "other", "vocals")

_CARD = """
title = "Tiny"
description = "A net that has learnt nothing."
net = "hdemucs"
stems = ["drums", "bass", "other", "vocals"]
sample_rate = 16000
channels = 2
chunk_seconds = 0.5
overlap = 0.25
stride = 1024
level = "deviation"

[weights.bundled]
file = "weights.safetensors"
sha256 = "{digest}"
bytes = {size}
licence = "MIT"
trained_on = ["nothing"]
seen = []
arguments = {{ width = 4, depth = 5, nfft = 4096, ratio_mask = true }}
"""


def make_tiny_model(folder: Path, seed: int = 0) -> Path:
    """Make a model's folder, of 1 MB; return its weights."""
    torch.manual_seed(seed)
    net = hdemucs(
        STEMS, sample_rate=16000, channels=2, width=4, depth=5, nfft=4096, ratio_mask=True
    )
    folder.mkdir(parents=True)
    weights = folder / "weights.safetensors"
    save_file({name: tensor.contiguous() for name, tensor in net.state_dict().items()}, weights)
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    card = _CARD.format(digest=digest, size=weights.stat().st_size)
    (folder / "card.toml").write_text(card, encoding="utf-8")
    return weights
