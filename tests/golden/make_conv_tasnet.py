"""Make ``conv_tasnet_*.npz``: what the public code of Conv-TasNet says, with its gradients.

The code is ``demucs/tasnet.py`` of Demucs 2.0.3 (MIT), as released on PyPI. The Cadenza challenge's
``recipes/cad2/task1/ConvTasNet/local/tasnet.py`` is the same network under another name. Demucs 2
does not install beside a current torch, so the one file is loaded by its path::

    pip download --no-deps --no-binary :all: demucs==2.0.3 && tar xf demucs-2.0.3.tar.gz
    python tests/golden/make_conv_tasnet.py demucs-2.0.3/demucs/tasnet.py

Everything is float64, seeded, and all weights are moved: many begin at 0 or 1, where mistakes do
not show.
"""

import importlib.util
import json
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import torch

HERE = Path(__file__).parent
SMALL = {"N": 8, "L": 8, "B": 6, "H": 10, "P": 3, "X": 2, "R": 2, "audio_channels": 2}
CASES: dict[str, dict[str, Any]] = {
    "noncausal": {**SMALL, "norm_type": "gLN", "causal": False, "mask_nonlinear": "relu"},
    "causal": {**SMALL, "norm_type": "cLN", "causal": True, "mask_nonlinear": "relu"},
    "softmax": {**SMALL, "norm_type": "cLN", "causal": False, "mask_nonlinear": "softmax"},
}
STEMS = ["drums", "bass", "vocals"]
FRAMES = 99  # (99 - 8) % 4 = 3: the last three are silent


def public_net(file: Path, arguments: dict[str, Any]) -> torch.nn.Module:
    sys.modules["public"] = types.ModuleType("public")
    sys.modules["public.utils"] = types.ModuleType("public.utils")
    sys.modules["public.utils"].capture_init = lambda init: init  # type: ignore[attr-defined]
    spec = importlib.util.spec_from_file_location("public.tasnet", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    net: torch.nn.Module = module.ConvTasNet(STEMS, **arguments)
    return net.double()


def make(file: Path, name: str) -> None:
    torch.manual_seed(2019)
    net = public_net(file, CASES[name])
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    heard = torch.randn(2, 2, FRAMES, dtype=torch.float64)
    said = net(heard)
    weighting = torch.randn_like(said)
    (said * weighting).sum().backward()
    arrays = {"heard": heard, "said": said.detach(), "weighting": weighting}
    for key, parameter in net.named_parameters():
        arrays[f"state/{key}"] = parameter.detach()
        arrays[f"gradient/{key}"] = parameter.grad
    told = json.dumps({**CASES[name], "sources": STEMS})
    np.savez_compressed(HERE / f"conv_tasnet_{name}.npz", told=told, **arrays)


if __name__ == "__main__":
    for case in CASES:
        make(Path(sys.argv[1]), case)
