"""Reading weights into nets, without ever running code that a file brings along.

This is the one file of the registry that imports torch.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from hclarity.errors import BadDataError, ConfigurationError, MissingInputError
from hclarity.nets.hdemucs import hdemucs
from hclarity.registry.cards import ModelCard
from hclarity.registry.spelling import did_you_mean
from hclarity.registry.weights import ResolvedWeights

__all__ = ["NETS", "build_net", "load_into", "load_net", "load_state"]

NETS: Mapping[str, Callable[..., nn.Module]] = {"hdemucs": hdemucs}
"""The architectures that a card may name: ``build(stems, **arguments)``."""


def build_net(kind: str, stems: Sequence[str], arguments: Mapping[str, object]) -> nn.Module:
    """Build a net with random weights.

    Args:
        kind: one of `NETS`.
        stems: their names, in the order of the output.
        arguments: of that net.

    Raises:
        ConfigurationError: for a net, or arguments of one, that do not exist.
    """
    if kind not in NETS:
        raise ConfigurationError(
            f"no net {kind!r}{did_you_mean(kind, NETS)}; there are {', '.join(NETS)}"
        )
    try:
        return NETS[kind](stems, **arguments)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(
            f"the net {kind} does not take these arguments: {error}"
        ) from error


def load_net(card: ModelCard, resolved: ResolvedWeights) -> nn.Module:
    """Build a model's net and fill it with weights.

    Returns:
        The net, on the CPU and in evaluation mode.

    Raises:
        ConfigurationError: for a net, or arguments of one, that do not exist.
        BadDataError: for weights that are not those of this net.
    """
    try:
        net = build_net(card.net, card.stems, card.weights[resolved.variant].arguments)
    except ConfigurationError as error:
        raise ConfigurationError(f"the model {card.name}: {error}") from error
    state = load_state(resolved.path)
    try:
        load_into(net, state)
    except BadDataError as error:
        raise BadDataError(f"{resolved.path}: {error}") from error
    return net.eval()


def load_state(path: Path) -> dict[str, Tensor]:
    """Read a checkpoint: safetensors, or what ``torch.save(net.state_dict(), path)`` writes.

    Args:
        path: of the file; all but ``.safetensors`` is read as torch's format, weights only.

    Returns:
        Name -> tensor on the CPU; floating-point ones as float32.

    Raises:
        MissingInputError: when the file is not there or may not be read.
        BadDataError: when it is broken, brings code, or holds anything but named, finite tensors.
    """
    try:
        return _tensors(_contents(path))
    except OSError as error:
        raise MissingInputError(f"cannot read {path}: {error.strerror or error}") from error
    except BadDataError as error:
        raise BadDataError(f"{path}: {error}") from error


def load_into(net: nn.Module, state: Mapping[str, Tensor]) -> None:
    """Fill every parameter and buffer of a net, or leave it untouched.

    Raises:
        BadDataError: naming what is missing, not known or of another shape.
    """
    wanted = net.state_dict()
    faults = {
        "missing": [name for name in wanted if name not in state],
        "unknown": [name for name in state if name not in wanted],
        "of another shape": [
            f"{name} {list(state[name].shape)} instead of {list(tensor.shape)}"
            for name, tensor in wanted.items()
            if name in state and state[name].shape != tensor.shape
        ],
    }
    if any(faults.values()):
        told = "; ".join(_told(fault, names) for fault, names in faults.items() if names)
        raise BadDataError(f"not the weights of this net ({type(net).__name__}): {told}")
    net.load_state_dict(state)


def _told(fault: str, names: list[str]) -> str:
    shown = 3
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return f"{len(names)} {fault}: {', '.join(names[:shown])}{more}"


def _contents(path: Path) -> object:
    """Return what a file holds, whatever it is, without running any of it."""
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except OSError:
        raise
    except Exception as error:  # the readers of strangers' bytes raise whatever goes wrong first
        reason = str(error).partition("\n")[0]
        raise BadDataError(f"not a readable checkpoint of plain tensors: {reason}") from error


def _tensors(contents: object) -> dict[str, Tensor]:
    if not isinstance(contents, dict):
        raise BadDataError(f"expected a dict of named tensors, got a {type(contents).__name__}")
    for name, value in contents.items():
        if not isinstance(name, str) or not isinstance(value, Tensor):
            raise BadDataError(
                f"expected a dict of named tensors, got {name!r} with a {type(value).__name__}"
            )
    return {name: _finite(name, tensor.detach()) for name, tensor in contents.items()}


def _finite(name: str, tensor: Tensor) -> Tensor:
    """Return a tensor in the form that nets are filled from, or refuse it."""
    plain = tensor.layout == torch.strided and tensor.device.type == "cpu"
    if not plain or tensor.is_quantized or tensor.is_nested:
        raise BadDataError(f"{name} is not a plain tensor of numbers")
    # A file of 1 kB can hold a view of 10^12 numbers; looking at them would fill the memory.
    if tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
        raise BadDataError(f"{name} claims {tensor.numel()} numbers, more than the file holds")
    tensor = tensor.float() if tensor.is_floating_point() else tensor
    if not torch.isfinite(tensor).all():
        raise BadDataError(f"{name} holds NaN or infinite numbers")
    return tensor
