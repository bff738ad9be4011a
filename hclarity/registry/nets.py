"""Nets by their names, and weights into them: all of them, or none.

With the readers in `hclarity.registry.upstream`, the only part of the registry that needs torch.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from hclarity.errors import BadDataError, ConfigurationError
from hclarity.nets.bands import SCHEMES
from hclarity.nets.bsrnn import bsrnn
from hclarity.nets.bsrnn_stereo import bsrnn_stereo
from hclarity.nets.conv_tasnet import conv_tasnet
from hclarity.nets.hdemucs import hdemucs
from hclarity.nets.separation_net import SeparationNet
from hclarity.nets.traits import Traits
from hclarity.registry.cards import Argument, Contract, ModelCard, Variant
from hclarity.registry.quoting import printable
from hclarity.registry.spelling import did_you_mean
from hclarity.registry.upstream.contents import read_config, read_contents
from hclarity.registry.upstream.evidence import checked_state
from hclarity.registry.upstream.layouts import recognise
from hclarity.registry.upstream.published import Published
from hclarity.registry.weights import ResolvedWeights

__all__ = [
    "NETS",
    "agreed",
    "build_net",
    "load_net",
    "merged_arguments",
    "require_agreement",
    "require_fitting",
    "sketch_net",
    "weights_for",
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
    _require_net(kind)
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
    with torch.device("meta"), _NoValues():
        return build_net(
            kind, stems, sample_rate=sample_rate, channels=channels, arguments=arguments
        )


# What nets compute with the random numbers that they begin with.
_OF_VALUES = frozenset(
    ("normal_", "uniform_", "fill_", "zero_", "cumsum", "div", "div_", "mul_", "pow", "sqrt", "std")
)


class _NoValues(TorchFunctionMode):
    """Leaves out what is computed while a net is built that has no room for it.

    It would come to nothing, but for that torch first loads its compiler, which takes seconds.
    """

    def __torch_function__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        name, named = getattr(function, "__name__", ""), kwargs or {}
        if name in _OF_VALUES:
            return args[0] if args else named["tensor"]
        if name in ("arange", "linspace"):  # and whatever is computed from these
            named = {**named, "device": "cpu"}
        return function(*args, **named)


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
        weights = weights_for(card, resolved.variant, resolved.path)
    except ConfigurationError as error:
        raise ConfigurationError(f"the model {card.name}: {error}") from error
    card = card.of(resolved.variant)
    form = {"sample_rate": card.sample_rate, "channels": card.channels}
    net = sketch_net(card.net, card.stems, arguments=weights.arguments, **form)
    net.load_state_dict(
        {name: tensor.float() for name, tensor in weights.state.items()}, assign=True
    )
    return net.eval()


def weights_for(card: ModelCard, variant: Variant, path: Path) -> Published:
    """Read a file of weights as those of a model.

    Args:
        card: of the model.
        variant: of its weights, of which the card tells the arguments.
        path: the file, or a Hugging Face folder.

    Returns:
        The weights, fit for the net, and all arguments of it that are known.

    Raises:
        ConfigurationError: when the card says otherwise than the file, or asks of the net what it
            is not made for.
        MissingInputError: when the file may not be read.
        BadDataError: when it is broken, or its weights are not those of this net.
    """
    contents, config = read_contents(path), read_config(path)
    try:
        return agreed(card, variant, contents, config)
    except BadDataError as error:
        raise BadDataError(f"{path}: {error}") from error


def agreed(
    card: ModelCard, variant: Variant, contents: object, config: Mapping[str, object]
) -> Published:
    """As `weights_for`, of what a file holds and what its ``config.json`` says."""
    _require_net(card.net)
    card, given = card.of(variant), card.weights[variant].arguments
    published = recognise(contents, config)
    if published is None:  # under our own names, with not a word about them
        published = Published(card.net, {}, checked_state(contents), len(card.stems))
    _require_same_model(card, published)
    arguments = merged_arguments(published, given)
    form = {"sample_rate": card.sample_rate, "channels": card.channels}
    sketch = sketch_net(card.net, card.stems, arguments=arguments, **form)
    require_agreement(card, sketch.traits)
    state = checked_state(published.state)
    require_fitting(sketch, state)
    return replace(published, arguments=arguments, state=state)


def merged_arguments(published: Published, given: Mapping[str, Argument]) -> dict[str, Argument]:
    """Return all arguments that are known: those given, those told, and those assumed.

    Args:
        published: weights, and what they tell.
        given: what a card says; it stands where the weights are silent.

    Raises:
        ConfigurationError: where the card says otherwise than the weights.
    """
    for name, said in given.items():
        told = published.arguments.get(name, said)
        if said != told and not _same_bands(said, told):
            raise ConfigurationError(f"{name} is {said!r}, but its weights are for {told!r}")
    return {**published.assumed, **published.arguments, **given}


def _same_bands(one: Argument, other: Argument) -> bool:
    """Whether these are two names of one scheme of bands: shapes do not tell which was meant."""
    return one in SCHEMES and SCHEMES[str(one)] == SCHEMES.get(str(other))


def _require_net(kind: str) -> None:
    if kind not in NETS:
        raise ConfigurationError(
            f"no net {kind!r}{did_you_mean(kind, NETS)}; there are {', '.join(NETS)}"
        )


def require_fitting(net: nn.Module, state: Mapping[str, Tensor]) -> None:
    """Refuse weights that are not, name by name and shape by shape, those of a net.

    Raises:
        BadDataError: naming what is missing, not known, or of another shape or kind of number.
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
        "of another kind": [
            f"{name} {_kind(state[name])} instead of {_kind(tensor)}"
            for name, tensor in wanted.items()
            if name in state and state[name].is_floating_point() != tensor.is_floating_point()
        ],
    }
    if any(faults.values()):
        told = "; ".join(_told(fault, names) for fault, names in faults.items() if names)
        raise BadDataError(f"not the weights of this net ({type(net).__name__}): {told}")


def _kind(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


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


def _require_same_model(card: ModelCard, published: Published) -> None:
    """Refuse published weights that a card would give to the wrong net, or the wrong names."""
    for what, said, wanted in (
        ("net", published.net, card.net),
        ("sample_rate", published.sample_rate, card.sample_rate),
        ("channels", published.channels, card.channels),
    ):
        if said is not None and said != wanted:
            raise ConfigurationError(f"{what} is {wanted}, but its weights are for {said}")
    if published.stems not in (None, card.stems):
        raise ConfigurationError(
            f"stems must be those of its weights, in their order: {_listed(published.stems)};"
            f" got {_listed(card.stems)}"
        )


def _listed(stems: Iterable[str]) -> str:
    return ", ".join(map(printable, stems))


def _told(fault: str, names: Iterable[str]) -> str:
    shown = 3
    names = list(names)
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return f"{len(names)} {fault}: {', '.join(printable(name) for name in names[:shown])}{more}"
