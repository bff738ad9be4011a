"""Weights to begin with: files of every format, and contents of every layout."""

import io
import json
import warnings
from argparse import Namespace
from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save
from tiny_nets import TINY_NETS, TinyNet

from fuzz import ROOT
from fuzz.tensors_as_words import as_words
from hclarity.registry.upstream.contents import read_contents
from hclarity.registry.upstream.hdemucs import demucs_name
from hclarity.registry.upstream.own import KEY, packed
from hclarity.registry.upstream.published import Published

__all__ = ["checkpoints", "layouts"]

_KWARGS = '{"sources": ["drums", "vocals"], "segment": [39, 5], "channels": 4}'
_LARGEST = 30_000  # bytes; of larger ones few could be tried
_GOLDEN = ROOT / "tests" / "golden"


def checkpoints() -> dict[str, bytes]:
    """Files of some kB, in which there is one of everything that a checkpoint may hold."""
    state = {"w": torch.arange(6.0).reshape(2, 3), "half": torch.ones(4).half()}
    package = {"state": state, **_foreign()}
    said = {"klass": "demucs.hdemucs.HDemucs", "args": "[]", "kwargs": _KWARGS}
    return {
        "zip": _saved(package),
        "legacy": _saved(package, legacy=True),
        "plain": save(state),
        "demucs": save(state, said),
        "ours": packed(_published(TINY_NETS["convtasnet"])),
    }


def layouts() -> dict[str, bytes]:
    """Contents of every layout, each tensor told in words by its shape."""
    contents = {
        "lightning": read_contents(_GOLDEN / "bsrnn_lightning.ckpt"),
        "bsrnn": _bsrnn(),
        "bsrnn-stereo": _bsrnn_stereo(),
        "conv-tasnet": _conv_tasnet(),
        **{f"ours-{name}": _ours(tiny) for name, tiny in TINY_NETS.items()},
        "demucs": _demucs(TINY_NETS["hdemucs"]),
    }
    told = {
        name: json.dumps({"contents": as_words(value), "config": {}}).encode()
        for name, value in contents.items()
    }
    return {name: words for name, words in told.items() if len(words) <= _LARGEST}


def _foreign() -> dict[str, object]:
    lists: defaultdict[str, list[int]] = defaultdict(list)
    lists["a"].append(1)
    return {
        "segment": Fraction(39, 5),
        "numbers": [np.float32(1.5), np.int64(-3)],
        "options": Namespace(lr=0.1, nested=[1, (2, None)]),
        "lists": lists,
        "path": Path("a/b"),
    }


def _saved(value: object, *, legacy: bool = False) -> bytes:
    written = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.save(value, written, _use_new_zipfile_serialization=not legacy)
    return written.getvalue()


def _published(tiny: TinyNet) -> Published:
    state = tiny.build().state_dict()
    count = len(tiny.stems)
    return Published(tiny.net, tiny.arguments, state, count, {}, tiny.stems, tiny.sample_rate, 2)


def _ours(tiny: TinyNet) -> dict[str, object]:
    told = {"net": tiny.net, "arguments": dict(tiny.arguments), "stems": list(tiny.stems)}
    form = {"sample_rate": tiny.sample_rate, "channels": tiny.channels}
    return {KEY: {**told, **form}, "state": tiny.build().state_dict()}


def _demucs(tiny: TinyNet) -> dict[str, object]:
    state = {demucs_name(name): tensor for name, tensor in tiny.build().state_dict().items()}
    return {"kwargs": {"sources": list(tiny.stems), "channels": 4, "depth": 6}, "state": state}


def _bsrnn() -> dict[str, object]:
    with np.load(_GOLDEN / "bsrnn.npz") as arrays:
        shapes, told = (json.loads(str(arrays[f"bass/{key}"])) for key in ("shapes", "arguments"))
    return {"state_dict": _of_shapes(shapes), "hyper_parameters": told}


def _bsrnn_stereo() -> dict[str, object]:
    with np.load(_GOLDEN / "bsrnn_stereo.npz") as arrays:
        return _of_shapes(json.loads(str(arrays["vocals/shapes"])))


def _conv_tasnet() -> dict[str, object]:
    with np.load(_GOLDEN / "conv_tasnet_causal.npz") as arrays:
        shapes = {name[6:]: arrays[name].shape for name in arrays.files if name[:6] == "state/"}
        kwargs = json.loads(str(arrays["told"]))
    state = _of_shapes(shapes)
    return {"class": "class demucs.tasnet.ConvTasNet", "kwargs": kwargs, "state": state}


def _of_shapes(shapes: Mapping[str, Sequence[int]]) -> dict[str, object]:
    return {name: torch.zeros(()).expand(tuple(shape)) for name, shape in shapes.items()}
