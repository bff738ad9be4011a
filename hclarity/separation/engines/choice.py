"""Which engine computes a net."""

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from hclarity.errors import UnavailableError
from hclarity.nets.separation_net import SeparationNet
from hclarity.registry.cards import Contract
from hclarity.separation.engines.engine import Engine, EngineName, Precision
from hclarity.separation.engines.torch_engine import TorchEngine

__all__ = ["EngineChoice", "PrecisionChoice", "choose_engine"]

EngineChoice = Literal["auto"] | EngineName
PrecisionChoice = Literal["auto"] | Precision


def choose_engine(
    net: SeparationNet,
    contract: Contract,
    *,
    stems: Sequence[str] | None = None,
    device: str = "cpu",
    engine: EngineChoice = "auto",
    precision: PrecisionChoice = "auto",
    identity: str = "",
    folder: Path | None = None,
    say: Callable[[str], None] = lambda words: None,
) -> Engine:
    """Return an engine for a net.

    ``auto`` is OpenVINO where it is installed and the CPU computes, unless the net hears a stream;
    and bfloat16 where OpenVINO computes on a CPU that has it.

    Args:
        net: in evaluation mode.
        contract: how the net wants to be spoken to.
        stems: which of the contract's are wanted, in this order; the net computes no more than
            they take. Default: all.
        device: where the net computes, as `choose_device` names it.
        engine: which.
        precision: of the net's core.
        identity: of net and weights, for `OpenVINOEngine`.
        folder: where it keeps converted models; without one there is no OpenVINO.
        say: is told what takes a while, or goes wrong and is done otherwise.

    Raises:
        UnavailableError: for OpenVINO where it is not, or cannot be used.
    """
    wanted = contract.stems if stems is None else tuple(stems)
    net = net.to(device)  # first, so that nothing is to be moved for the next song
    net = net if wanted == contract.stems else net.only(wanted)
    problem = _problem(net, device, folder)
    if engine == "openvino" and problem:
        raise UnavailableError(f"{problem}; use --engine torch")
    if folder is None or problem or engine == "torch":
        return TorchEngine(net, device=device, precision="bf16" if precision == "bf16" else "fp32")
    from hclarity.separation.engines.openvino_engine import OpenVINOEngine, has_bf16

    if precision == "auto":
        precision = "bf16" if has_bf16() else "fp32"
    return OpenVINOEngine(
        net,
        frames=contract.chunk,
        precision=precision,
        identity="\n".join([identity, *wanted]),
        folder=folder,
        say=say,
    )


def _problem(net: SeparationNet, device: str, folder: Path | None) -> str:
    """Why OpenVINO cannot compute a net; nothing if it can."""
    if find_spec("openvino") is None:
        return "OpenVINO is not installed here"
    if device != "cpu":
        return f"OpenVINO computes on the CPU here, not on {device}"
    if net.stream() is not None:
        return "OpenVINO computes chunks, and this model hears a stream"
    return "" if folder else "OpenVINO needs a folder for what it converts"
