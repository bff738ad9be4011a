"""The nets that `bench/training.py` compares, and the process in which one of them learns.

Run as a program it builds a side, takes a first step, says ``ready``, and then takes one step for
each line that it hears, answering with the seconds it took: so two sides can take turns, each with
an allocator of its own.
"""

import importlib.util
import json
import sys
import time
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from hclarity.registry.nets import build_net
from hclarity.training.losses import build_loss
from hclarity.training.memory import keep_freed_memory

RATE = 44100
Step = Callable[[Tensor, Tensor], Tensor]  # mixture and stems to a loss


@dataclass(frozen=True)
class Contest:
    """One net, as both sides train it.

    Args:
        title: of the net.
        theirs: whose implementation it is compared with.
        net: our name for it.
        arguments: of ours.
        stems: that it finds.
        loss: that it makes small, by our name.
        clip: largest norm of the gradient; 0 for any.
        bar: the throughput that ours must reach, in theirs.
        recipe: of which the data pipeline is measured.
    """

    title: str
    theirs: str
    net: str
    stems: tuple[str, ...]
    loss: str
    bar: float
    recipe: str
    clip: float = 0.0
    arguments: dict[str, Any] = field(default_factory=dict)


_OPTIMISED = {"attention_heads": 2, "attention_features": 16, "tac": True}

CONTESTS = {
    "hdemucs": Contest(
        "Hybrid Demucs (width 48, depth 6)",
        "HDemucs of demucs 4.1",
        "hdemucs",
        ("drums", "bass", "other", "vocals"),
        "l1",
        bar=1.0,
        recipe="demucs-musdb",
        arguments={"width": 48, "depth": 6, "nfft": 4096},
    ),
    "convtasnet": Contest(
        "Conv-TasNet (X 10, R 4)",
        "demucs/tasnet.py of demucs 2.0.3, which is also Cadenza's",
        "convtasnet",
        ("vocals", "accompaniment"),
        "l1",
        bar=1.0,
        recipe="convtasnet",
        clip=5.0,
        arguments={"X": 10, "R": 4},
    ),
    "bsrnn": Contest(
        "BandSplitRNN (128 features, 12 blocks, vocals)",
        "github.com/magronp/bsrnn",
        "bsrnn",
        ("vocals",),
        "l1-complex",
        bar=1.5,
        recipe="bsrnn-vocals",
        clip=5.0,
        arguments={"bands": "vocals", "features": 128, "blocks": 12},
    ),
    "bsrnn-opt": Contest(
        "BandSplitRNN with attention and joined channels (128 features, 12 blocks, vocals)",
        "github.com/magronp/bsrnn",
        "bsrnn",
        ("vocals",),
        "l1-complex",
        bar=1.5,
        recipe="bsrnn-vocals",
        clip=5.0,
        arguments={"bands": "vocals", "features": 128, "blocks": 12, **_OPTIMISED},
    ),
}


def ours(contest: Contest) -> tuple[nn.Module, Step]:
    """Our net and how it makes a loss."""
    net = build_net(
        contest.net,
        contest.stems,
        sample_rate=RATE,
        channels=2,
        arguments=contest.arguments,
    )
    loss = build_loss(contest.loss)
    return net, lambda mixture, stems: loss(net(mixture).float(), stems, mixture)


def their_hdemucs(contest: Contest, _: Path) -> tuple[nn.Module, Step]:
    """The ``demucs`` package's, as it is installed."""
    from demucs.hdemucs import HDemucs

    net = HDemucs(list(contest.stems), channels=48, depth=6, nfft=4096)
    return net, lambda mixture, stems: nn.functional.l1_loss(net(mixture).float(), stems)


def their_convtasnet(contest: Contest, checkout: Path) -> tuple[nn.Module, Step]:
    """The one file of Demucs 2, which does not install beside a current torch."""
    sys.modules["public"] = types.ModuleType("public")
    sys.modules["public.utils"] = types.ModuleType("public.utils")
    vars(sys.modules["public.utils"])["capture_init"] = lambda init: init
    file = checkout / "demucs" / "tasnet.py"
    spec = importlib.util.spec_from_file_location("public.tasnet", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    net = module.ConvTasNet(
        list(contest.stems), N=256, L=20, B=256, H=512, P=3, X=10, R=4, audio_channels=2
    )
    return net, lambda mixture, stems: nn.functional.l1_loss(net(mixture).float(), stems)


class _Transform(nn.Module):
    """torchaudio's ``Spectrogram(power=None)`` or its inverse: torch's own transforms."""

    def __init__(self, n_fft: int, n_hop: int) -> None:
        super().__init__()
        self.how = {"n_fft": n_fft, "hop_length": n_hop, "center": True, "normalized": False}
        self.register_buffer("window", torch.hann_window(n_fft))


class _Spectrogram(_Transform):
    def forward(self, heard: Tensor) -> Tensor:
        flat = heard.reshape(-1, heard.shape[-1])
        found = torch.stft(flat, window=self.window, return_complex=True, **self.how)
        return found.view(*heard.shape[:-1], *found.shape[-2:])


class _InverseSpectrogram(_Transform):
    def forward(self, spectra: Tensor, length: int) -> Tensor:
        flat = torch.istft(spectra.flatten(0, -3), window=self.window, length=length, **self.how)
        return flat.view(*spectra.shape[:-2], length)


class _Lightning(nn.Module):
    """What stands in for their Lightning module, of which the net needs the names alone."""

    def __init__(self, *_: object, targets: list[str], eps: float, sample_rate: int) -> None:
        super().__init__()
        self.targets, self.eps = targets, eps


def their_bsrnn(contest: Contest, checkout: Path) -> tuple[nn.Module, Step]:
    """The net as it is, with stand-ins for Lightning and torchaudio, which change no number."""
    sys.path.insert(0, str(checkout))
    for name, contents in {
        "omegaconf": {"OmegaConf": None},
        "helpers.transforms": {"mySTFT": _Spectrogram, "myISTFT": _InverseSpectrogram},
        "models.pl_module": {"PLModule": _Lightning},
    }.items():
        sys.modules[name] = types.ModuleType(name)
        vars(sys.modules[name]).update(contents)
    from models.bsrnn import BSRNN

    joined = contest.arguments.get("tac", False)
    net = BSRNN(
        None,
        None,
        None,
        targets=list(contest.stems),
        n_att_head=contest.arguments.get("attention_heads", 0),
        stereo="tac" if joined else None,
        act_tac="prelu" if joined else "tanh",
    )

    def step(mixture: Tensor, stems: Tensor) -> Tensor:
        said, true = net(mixture), net.stft(stems)
        parts = ((said["stfts"].real, true.real), (said["stfts"].imag, true.imag))
        l1 = nn.functional.l1_loss
        return l1(said["waveforms"].float(), stems) + sum(l1(ours, them) for ours, them in parts)

    return net, step


THEIRS = {
    "hdemucs": their_hdemucs,
    "convtasnet": their_convtasnet,
    "bsrnn": their_bsrnn,
    "bsrnn-opt": their_bsrnn,
}


def serve(
    side: str, name: str, *, checkout: str, precision: str, device: str, batch: int, seconds: float
) -> None:
    """Build a side and take a step for each line of the standard input."""
    if side == "ours":
        keep_freed_memory()
    contest = CONTESTS[name]
    torch.manual_seed(0)
    net, step = THEIRS[name](contest, Path(checkout)) if side == "theirs" else ours(contest)
    net.to(device).train()
    # On CPUs one thread, and the time it computes: what else the machine does then counts for less.
    clock = time.perf_counter if device == "cuda" else time.process_time
    torch.set_num_threads(1)
    fused = {"fused": True} if side != "theirs" else {}
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-4, **fused)
    stems = 0.1 * torch.randn(batch, len(contest.stems), 2, round(seconds * RATE), device=device)
    mixture = stems.sum(dim=1)
    if len(contest.stems) == 1:
        mixture = mixture + 0.1 * torch.randn_like(mixture)

    def learn() -> float:
        before = clock()
        with torch.autocast(device, torch.bfloat16, enabled=precision == "bf16"):
            loss = step(mixture, stems)
        loss.backward()
        if contest.clip:
            nn.utils.clip_grad_norm_(net.parameters(), contest.clip)
        optimiser.step()
        optimiser.zero_grad()
        loss.item()
        if device == "cuda":
            torch.cuda.synchronize()
        return clock() - before

    learn()
    print("ready", flush=True)
    for _ in sys.stdin:
        print(learn(), flush=True)


if __name__ == "__main__":
    serve(**json.loads(sys.argv[1]))
