"""One small net of every kind, and how each wants to be spoken to."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from hclarity.nets.separation_net import SeparationNet
from hclarity.registry.cards import Argument, Contract
from hclarity.registry.nets import build_net

__all__ = ["TINY_NETS", "TinyNet"]

RATE = 44100  # at which every kind of net has weights that people use
FOUR = ("drums", "bass", "other", "vocals")


@dataclass(frozen=True)
class TinyNet:
    """A kind of net, small."""

    net: str
    arguments: Mapping[str, Argument]
    stems: tuple[str, ...] = FOUR
    stride: int = 512
    chunk: int = 16 * 1024
    level: str = "deviation"
    sample_rate: int = RATE
    channels: int = 2

    @property
    def contract(self) -> Contract:
        """How it wants to be spoken to."""
        return Contract(
            self.stems,
            self.sample_rate,
            self.channels,
            chunk_seconds=self.chunk / self.sample_rate,
            overlap=0.25,
            stride=self.stride,
            level=self.level,
        )

    def build(self) -> SeparationNet:
        """The net, with every weight moved: many begin at 0 or 1, where mistakes do not show."""
        torch.manual_seed(0)
        form = {"sample_rate": self.sample_rate, "channels": self.channels}
        net = build_net(self.net, self.stems, **form, arguments=self.arguments)
        with torch.no_grad():
            for parameter in net.parameters():
                parameter.add_(0.05 * torch.randn_like(parameter))
        return net.eval()


_TASNET = {"N": 12, "L": 20, "B": 8, "H": 12, "X": 3, "R": 2}
_BSRNN = {"features": 8, "blocks": 1, "mask_factor": 1}

TINY_NETS = {
    "hdemucs": TinyNet("hdemucs", {"width": 4, "depth": 6}, stride=2048),
    "hdemucs with ratio masks": TinyNet(
        "hdemucs", {"width": 4, "depth": 5, "ratio_mask": True}, stride=1024
    ),
    "convtasnet": TinyNet("convtasnet", _TASNET, stride=10, chunk=8000, level="-40 LUFS"),
    "convtasnet whose stems sum to the mixture": TinyNet(
        "convtasnet",
        {**_TASNET, "N": 32, "L": 256, "mixture_consistency": True, "filterbank": "sinusoids"},
        stride=128,
        chunk=8064,
    ),
    "convtasnet, causal": TinyNet(
        "convtasnet",
        {**_TASNET, "causal": True, "norm": "cLN"},
        ("violin", "accompaniment"),
        stride=10,
        chunk=8000,
        level="-40 LUFS",
    ),
    "bsrnn": TinyNet("bsrnn", _BSRNN, level="peak"),
    "bsrnn of one stem": TinyNet("bsrnn", {**_BSRNN, "bands": "vocals"}, ("vocals",), level="peak"),
    "bsrnn with a rest": TinyNet("bsrnn", {**_BSRNN, "rest_stem": True}, level="peak"),
    "bsrnn, optimised": TinyNet(
        "bsrnn",
        {**_BSRNN, "attention_heads": 2, "attention_features": 2, "tac": True},
        level="peak",
    ),
    "bsrnn with ratio masks": TinyNet("bsrnn", {**_BSRNN, "ratio_mask": True}),
    "bsrnn-stereo": TinyNet(
        "bsrnn-stereo",
        {"features": 8, "rnn_features": 8, "blocks": 1, "mask_features": 8, "time_steps": 33},
        ("vocals",),
    ),
}
