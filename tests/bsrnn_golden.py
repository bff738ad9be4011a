"""What golden files of BandSplitRNN hold, and what can be drawn again: parameters and mixtures.

Legacy `numpy.random.RandomState` draws the same numbers for ever; newer generators do not promise.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

__all__ = [
    "GOLDEN",
    "Case",
    "derivatives",
    "drawn_mixture",
    "drawn_state",
    "family",
    "golden_cases",
]

GOLDEN = Path(__file__).parent / "golden"

Shapes = Mapping[str, Sequence[int]]


def drawn_state(shapes: Shapes, *, seed: int = 0) -> dict[str, Tensor]:
    """Parameters in float64 of which none is what a layer begins with.

    Matrices are small enough for a few of them in a row; gains lie around 1.
    """
    random = np.random.RandomState(seed)
    state: dict[str, Tensor] = {}
    for name, shape in shapes.items():
        drawn = random.standard_normal(tuple(shape))
        matrix = sum(length > 1 for length in shape) > 1 or len(shape) == 3
        gain = name.endswith(("weight", "gamma")) and not matrix
        scale = 0.7 / (int(np.prod(shape[1:])) or 1) ** 0.5 if matrix else 0.2
        state[name] = torch.from_numpy(scale * drawn + gain)
    return _tied(state)


def _tied(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Make equal what is one PReLU under three names."""
    return {
        name: state[re.sub(r"(tac_module)\.(average|concat)\.1\.", r"\1.transform.1.", name)]
        for name in state
    }


def drawn_mixture(frames: int, *, seed: int = 0, items: int = 1) -> Tensor:
    """``[items, 2, frames]`` in float64."""
    random = np.random.RandomState(1000 + seed)
    return torch.from_numpy(0.1 * random.standard_normal((items, 2, frames)))


def derivatives(
    parameters: Mapping[str, Tensor], mixture: Tensor, directions: Mapping[str, Tensor]
) -> dict[str, float]:
    """By family of parameters, how a loss changes in a direction; and for the mixture, in another.

    Args:
        parameters: by name, each with its gradient.
        mixture: likewise.
        directions: by name.
    """
    along = drawn_mixture(mixture.shape[-1], seed=2)[:, : mixture.shape[1]]
    found = {"mixture": float((mixture.grad * along).sum())}
    for name, parameter in parameters.items():
        key = family(name)
        change = (parameter.grad * directions[name]).sum()
        found[key] = found.get(key, 0.0) + float(change)
    return found


def family(name: str) -> str:
    """What a parameter is called in every band, block and head: only its last number counts."""
    return re.sub(r"(?<=[._])\d+(?=\..*\d)", "*", name)


@dataclass(frozen=True)
class Case:
    """What the public code was given in one case of a golden file, and what came of it.

    Args:
        arguments: with which the public network was built.
        shapes: of its parameters, by name.
        estimates: ``[1, stems, channels, frames]``.
        derivatives: of their sum, weighted by a drawn mixture; see `derivatives`.
    """

    arguments: Mapping[str, Any]
    shapes: Shapes
    estimates: Tensor
    derivatives: Mapping[str, float]


def golden_cases(file: str) -> dict[str, Case]:
    """Read a golden file by its name."""
    with np.load(GOLDEN / file) as arrays:
        found = dict(arrays)
    names = dict.fromkeys(key.partition("/")[0] for key in found)
    return {
        name: Case(
            *(json.loads(str(found[f"{name}/{what}"])) for what in ("arguments", "shapes")),
            torch.from_numpy(found[f"{name}/estimates"]),
            json.loads(str(found[f"{name}/derivatives"])),
        )
        for name in names
    }
