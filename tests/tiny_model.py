"""Models with random weights, small enough for tests and found as any other."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import nn

from hclarity.nets.conv_tasnet import conv_tasnet
from hclarity.nets.hdemucs import hdemucs
from hclarity.registry.toml_text import toml_lines

__all__ = ["QUICK_STEMS", "STEMS", "make_quick_model", "make_tiny_model"]

STEMS = ("drums", "bass", "other", "vocals")
QUICK_STEMS = ("vocals", "rest")
_RATE, _CHANNELS = 16000, 2


def make_tiny_model(folder: Path, seed: int = 0) -> Path:
    """Make the folder of a Hybrid Demucs that is loaded in no time; return its weights."""
    torch.manual_seed(seed)
    arguments: dict[str, Any] = {"width": 4, "depth": 4, "nfft": 1024, "ratio_mask": True}
    net = hdemucs(STEMS, sample_rate=_RATE, channels=_CHANNELS, **arguments)
    form = {"net": "hdemucs", "stems": STEMS, "chunk_seconds": 0.5, "stride": 256}
    return _make_model(folder, net, form, arguments)


def make_quick_model(folder: Path) -> Path:
    """Make the folder of a Conv-TasNet that is compiled in no time; return its weights."""
    torch.manual_seed(0)
    arguments: dict[str, Any] = {"N": 12, "L": 20, "B": 8, "H": 12, "X": 2, "R": 1}
    net = conv_tasnet(QUICK_STEMS, sample_rate=_RATE, channels=_CHANNELS, **arguments)
    form = {"net": "convtasnet", "stems": QUICK_STEMS, "chunk_seconds": 0.25, "stride": 10}
    return _make_model(folder, net, form, arguments)


def _make_model(
    folder: Path, net: nn.Module, form: Mapping[str, object], arguments: Mapping[str, object]
) -> Path:
    folder.mkdir(parents=True)
    weights = folder / "weights.safetensors"
    save_file({name: tensor.contiguous() for name, tensor in net.state_dict().items()}, weights)
    about = {
        "title": "Tiny",
        "description": "A net that has learnt nothing.",
        **form,
        "sample_rate": _RATE,
        "channels": _CHANNELS,
        "overlap": 0.25,
        "level": "deviation",
    }
    bundled = {
        "file": weights.name,
        "sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        "bytes": weights.stat().st_size,
        "licence": "MIT",
        "trained_on": ("nothing",),
        "seen": (),
        "arguments": arguments,
    }
    card = f"{toml_lines(about)}\n[weights.bundled]\n{toml_lines(bundled)}"
    (folder / "card.toml").write_text(card, encoding="utf-8")
    return weights
