"""What the public Conv-TasNet said: see ``golden/make_conv_tasnet.py``."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor, from_numpy

GOLDEN = Path(__file__).parent / "golden"
NAMES = ("noncausal", "causal", "softmax")


@dataclass(frozen=True)
class Golden:
    told: dict[str, Any]
    heard: Tensor
    said: Tensor
    weighting: Tensor
    state: dict[str, Tensor]
    gradients: dict[str, Tensor]

    @property
    def config(self) -> dict[str, Any]:
        """As Cadenza publishes it, beside the weights, with C instead of the sources."""
        sources = self.told["sources"]
        told = {name: value for name, value in self.told.items() if name != "sources"}
        return {**told, "C": len(sources), "samplerate": 44100}


def golden(name: str) -> Golden:
    with np.load(GOLDEN / f"conv_tasnet_{name}.npz") as arrays:
        tensors = {key: from_numpy(arrays[key]) for key in arrays.files if key != "told"}
        told = json.loads(str(arrays["told"]))
    return Golden(
        told,
        tensors["heard"],
        tensors["said"],
        tensors["weighting"],
        state=_under("state/", tensors),
        gradients=_under("gradient/", tensors),
    )


def _under(folder: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {
        key.removeprefix(folder): tensor
        for key, tensor in tensors.items()
        if key.startswith(folder)
    }
