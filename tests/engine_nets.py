"""One net of every kind that engines compute, as small as it gets: conversion takes long."""

import numpy as np
from tiny_nets import TinyNet
from torch import Tensor

from hclarity.audio.values import Samples

__all__ = ["ENGINE_NETS", "QUICKEST", "snr"]

_TWO = ("vocals", "rest")
_HDEMUCS = {"width": 4, "depth": 4, "nfft": 1024}
_BSRNN = {"features": 8, "blocks": 1, "mask_factor": 1, "bands": "v3", "n_fft": 512, "hop": 128}
_TASNET = {"N": 12, "L": 20, "B": 8, "H": 12, "X": 2, "R": 1}
_BANDS = {"stride": 128, "chunk": 2048, "level": "peak"}
_FRAMES = {"stride": 10, "chunk": 2000}

QUICKEST = TinyNet("convtasnet", _TASNET, _TWO, **_FRAMES)

ENGINE_NETS = {
    "hdemucs": TinyNet("hdemucs", _HDEMUCS, _TWO, stride=256, chunk=4096),
    "hdemucs with ratio masks": TinyNet(
        "hdemucs", {**_HDEMUCS, "ratio_mask": True}, _TWO, stride=256, chunk=4096
    ),
    "convtasnet": QUICKEST,
    "convtasnet with cLN and softmax": TinyNet(
        "convtasnet", {**_TASNET, "norm": "cLN", "mask": "softmax"}, _TWO, **_FRAMES
    ),
    "convtasnet whose stems sum to the mixture": TinyNet(
        "convtasnet",
        {**_TASNET, "N": 32, "L": 256, "mixture_consistency": True, "filterbank": "sinusoids"},
        _TWO,
        stride=128,
        chunk=2048,
    ),
    "bsrnn": TinyNet("bsrnn", _BSRNN, _TWO, **_BANDS),
    "bsrnn with a rest": TinyNet("bsrnn", {**_BSRNN, "rest_stem": True}, _TWO, **_BANDS),
    "bsrnn, optimised": TinyNet(
        "bsrnn",
        {**_BSRNN, "attention_heads": 2, "attention_features": 2, "tac": True},
        ("vocals",),
        **_BANDS,
    ),
    "bsrnn with ratio masks": TinyNet("bsrnn", {**_BSRNN, "ratio_mask": True}, _TWO, **_BANDS),
    "bsrnn-stereo": TinyNet(
        "bsrnn-stereo",
        {"features": 8, "rnn_features": 8, "blocks": 1, "mask_features": 8, "time_steps": 9},
        ("vocals",),
        chunk=4096,
    ),
}


def snr(estimate: "Tensor | Samples", wanted: "Tensor | Samples") -> float:
    """The level of what is wanted above that of the error, in dB."""
    wanted, estimate = np.asarray(wanted, np.float64), np.asarray(estimate, np.float64)
    assert estimate.shape == wanted.shape
    error = max(np.square(estimate - wanted).sum(), 1e-30)
    return float(10 * np.log10(np.square(wanted).sum() / error))
