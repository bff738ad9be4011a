"""Nets by their names, and weights into them: all of them, or none.

With the readers in `hclarity.registry.upstream`, the only part of the registry that needs torch.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import torch
from safetensors.torch import save
from torch import Tensor, nn

from hclarity.errors import BadDataError, ConfigurationError
from hclarity.nets.bsrnn import bsrnn
from hclarity.nets.bsrnn_stereo import bsrnn_stereo
from hclarity.nets.conv_tasnet import conv_tasnet
from hclarity.nets.hdemucs import hdemucs
from hclarity.nets.separation_net import SeparationNet
from hclarity.nets.traits import Traits
from hclarity.registry.cards import Argument, Contract, ModelCard
from hclarity.registry.spelling import did_you_mean
from hclarity.registry.upstream.contents import read_config, read_contents
from hclarity.registry.upstream.layouts import recognise
from hclarity.registry.upstream.published import Published
from hclarity.registry.weights import ResolvedWeights

__all__ = [
    "NETS",
    "build_net",
    "checked_state",
    "load_into",
    "load_net",
    "packed",
    "require_agreement",
    "require_fitting",
    "sketch_net",
]

NETS: Mapping[str, Callable[..., SeparationNet]] = {
    "hdemucs": hdemucs,
    "convtasnet": conv_tasnet,
    "bsrnn": bsrnn,
    "bsrnn-stereo": bsrnn_stereo,
}
"""The architectures a card may name: ``build(stems, *, sample_rate, channels, **arguments)``."""


def build_net(
    kind: str,
    stems: Sequence[str],
    *,
    sample_rate: int,
    channels: int,
    arguments: Mapping[str, object],
) -> SeparationNet:
    """Build a net with random weights.

    Args:
        kind: one of `NETS`.
        stems: their names, in the order of the output.
        sample_rate: in Hz.
        channels: of the mixture and of each stem.
        arguments: of that net.

    Raises:
        ConfigurationError: for a net, or arguments of one, that do not exist.
    """
    if kind not in NETS:
        raise ConfigurationError(
            f"no net {kind!r}{did_you_mean(kind, NETS)}; there are {', '.join(NETS)}"
        )
    if not stems or channels < 1:
        raise ConfigurationError(
            f"a net needs stems and channels, got {len(stems)} stems of {channels} channels"
        )
    try:
        return NETS[kind](stems, sample_rate=sample_rate, channels=channels, **arguments)
    except (ArithmeticError, RuntimeError, TypeError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise ConfigurationError(
            f"the net {kind} does not take these arguments: {reason}"
        ) from error


def sketch_net(
    kind: str,
    stems: Sequence[str],
    *,
    sample_rate: int,
    channels: int,
    arguments: Mapping[str, object],
) -> SeparationNet:
    """Build a net as `build_net` does, but without room for any weights."""
    with torch.device("meta"):
        return build_net(
            kind, stems, sample_rate=sample_rate, channels=channels, arguments=arguments
        )


def load_net(card: ModelCard, resolved: ResolvedWeights) -> SeparationNet:
    """Build a model's net and fill it with weights, its own or those of a known publisher.

    Returns:
        The net, on the CPU and in evaluation mode.

    Raises:
        ConfigurationError: for a net, or arguments of one, that do not exist, and for a card that
            asks of the net what it is not made for.
        MissingInputError: when the file may not be read.
        BadDataError: for weights that are not those of this net.
    """
    try:
        return _loaded(card, card.weights[resolved.variant].arguments, resolved)
    except ConfigurationError as error:
        raise ConfigurationError(f"the model {card.name}: {error}") from error


def _loaded(
    card: ModelCard, arguments: Mapping[str, Argument], resolved: ResolvedWeights
) -> SeparationNet:
    spoken = {"sample_rate": card.sample_rate, "channels": card.channels}
    contents = read_contents(resolved.path)
    sketch = sketch_net(card.net, card.stems, arguments=arguments, **spoken)
    try:
        if not isinstance(contents, dict) or contents.keys() != sketch.state_dict().keys():
            published = recognise(contents, read_config(resolved.path))
            if published is not None:
                _require_same_model(card, published)
                contents, arguments = published.state, {**published.arguments, **arguments}
                sketch = sketch_net(card.net, card.stems, arguments=arguments, **spoken)
        require_agreement(card, sketch.traits)
        state = checked_state(contents)
        require_fitting(sketch, state)
    except BadDataError as error:
        raise BadDataError(f"{resolved.path}: {error}") from error
    net = build_net(card.net, card.stems, arguments=arguments, **spoken)
    net.load_state_dict(state)
    return net.eval()


def load_into(net: nn.Module, state: Mapping[str, Tensor]) -> None:
    """Fill every parameter and buffer of a net, or leave it untouched.

    Raises:
        BadDataError: naming what is missing, not known or of another shape.
    """
    require_fitting(net, state)
    net.load_state_dict(state)


def require_fitting(net: nn.Module, state: Mapping[str, Tensor]) -> None:
    """Refuse weights that are not, name by name and shape by shape, those of a net.

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


def require_agreement(contract: Contract, traits: Traits) -> None:
    """Refuse a card that asks of a net what the net is not made for.

    Raises:
        ConfigurationError: for a stride that is none of the net, or a chunk longer than it takes.
    """
    if contract.stride % traits.stride:
        raise ConfigurationError(
            f"stride must be a multiple of {traits.stride} frames for this net,"
            f" got {contract.stride}"
        )
    if traits.longest is not None and contract.chunk > traits.longest:
        raise ConfigurationError(
            f"chunk_seconds makes {contract.chunk} frames; this net takes {traits.longest} at most"
        )


def checked_state(contents: object) -> dict[str, Tensor]:
    """Return contents of a file that are named, finite tensors of float32 or less.

    Raises:
        BadDataError: for anything else.
    """
    if not isinstance(contents, dict):
        raise BadDataError(f"expected a dict of named tensors, got a {type(contents).__name__}")
    for name, value in contents.items():
        if not isinstance(name, str) or not isinstance(value, Tensor):
            raise BadDataError(
                f"expected a dict of named tensors, got {_shown(str(name))} with a"
                f" {type(value).__name__}"
            )
    return {name: _finite(name, tensor) for name, tensor in contents.items()}


def packed(contents: object) -> bytes:
    """Return the named, finite tensors of a file as one of safetensors.

    Raises:
        BadDataError: for anything else.
    """
    state = checked_state(contents)
    # Numbers of its own for each: in other formats, tensors may share them.
    return save({name: t.clone(memory_format=torch.contiguous_format) for name, t in state.items()})


def _finite(name: str, tensor: Tensor) -> Tensor:
    if tensor.is_floating_point() and tensor.dtype not in (torch.float16, torch.bfloat16):
        tensor = tensor.float()
    if not torch.isfinite(tensor).all():
        raise BadDataError(f"{_shown(name)} holds NaN or infinite numbers")
    return tensor


def _require_same_model(card: ModelCard, published: Published) -> None:
    """Refuse published weights that a card would give to the wrong net, or the wrong names."""
    if published.net != card.net:
        raise BadDataError(f"expected weights of the net {card.net}, got those of {published.net}")
    for what, said, wanted in (
        ("sample_rate", published.sample_rate, card.sample_rate),
        ("channels", published.channels, card.channels),
    ):
        if said is not None and said != wanted:
            raise ConfigurationError(f"{what} is {wanted}, but its weights are for {said}")
    stems = published.stems or card.stems
    if stems != card.stems and set(stems) == set(card.stems):
        raise ConfigurationError(
            f"stems must be in the order of its weights, {', '.join(stems)},"
            f" got {', '.join(card.stems)}"
        )


def _told(fault: str, names: Iterable[str]) -> str:
    shown = 3
    names = list(names)
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return f"{len(names)} {fault}: {', '.join(_shown(name) for name in names[:shown])}{more}"


def _shown(name: str) -> str:
    """Return a name from a stranger's file, with nothing in it that a terminal would obey."""
    return ascii(name[:120])[1:-1]
