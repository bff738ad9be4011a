"""What weights, and what is written beside them, say of the net that they belong to."""

import re
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from hclarity.errors import BadDataError
from hclarity.registry.quoting import printable, shown

__all__ = [
    "LARGEST",
    "checked_state",
    "mapping",
    "named_tensors",
    "numbers",
    "renamed",
    "require_told",
    "size",
    "state_with",
    "texts",
    "whole_number",
]

# Of every number: what a net for sound could have, not what fills a memory.
LARGEST = 1_000_000


def state_with(contents: object, telling: str) -> dict[str, Tensor] | None:
    """Find the state that has a tensor of this name, and take away what is before all its names.

    Args:
        contents: of a file: a state, or a dict that has one as ``state_dict`` or ``state``, all
            with or without a prefix such as Lightning's ``model.``.
        telling: a name like no other project's.

    Raises:
        BadDataError: when other things than tensors are in that state.
    """
    if not isinstance(contents, Mapping):
        return None
    for found in (contents, contents.get("state_dict"), contents.get("state")):
        if not isinstance(found, Mapping):
            continue
        for name in found:
            if isinstance(name, str) and f".{name}".endswith(f".{telling}"):
                return _without(name.removesuffix(telling), found)
    return None


def _without(prefix: str, state: Mapping[object, object]) -> dict[str, Tensor]:
    if not prefix:
        return named_tensors(state)
    return named_tensors(
        {
            name.removeprefix(prefix): value
            for name, value in state.items()
            if isinstance(name, str) and name.startswith(prefix)
        }
    )


def named_tensors(state: object) -> dict[str, Tensor]:
    """Return a state of nothing but named tensors.

    Raises:
        BadDataError: for anything else.
    """
    if not isinstance(state, Mapping):
        raise BadDataError(f"expected named tensors, got a {type(state).__name__}")
    found: dict[str, Tensor] = {}
    for name, value in state.items():
        if not isinstance(name, str) or not isinstance(value, Tensor):
            raise BadDataError(
                f"expected named tensors, got {printable(str(name))} with a {type(value).__name__}"
            )
        found[name] = value
    return found


def checked_state(contents: object) -> dict[str, Tensor]:
    """Return contents of a file that are named, finite tensors of float32 or less.

    Raises:
        BadDataError: for anything else.
    """
    return {name: _finite(name, tensor) for name, tensor in named_tensors(contents).items()}


def _finite(name: str, tensor: Tensor) -> Tensor:
    if tensor.is_floating_point() and tensor.dtype not in (torch.float16, torch.bfloat16):
        tensor = tensor.float()
    if not torch.isfinite(tensor).all():
        raise BadDataError(f"{printable(name)} holds NaN or infinite numbers")
    return tensor


def mapping(value: object, what: str) -> Mapping[str, object]:
    """Return a mapping, or refuse anything else.

    Raises:
        BadDataError: naming what should have been one.
    """
    if not isinstance(value, Mapping):
        raise BadDataError(f"expected {what} to be a mapping, got a {type(value).__name__}")
    return value


def texts(value: object, what: str) -> tuple[str, ...]:
    """Return names of stems, or refuse anything else.

    Raises:
        BadDataError: naming what should have been such.
    """
    if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
        raise BadDataError(f"expected {what} to be a list of stems, got {shown(value)}")
    return tuple(value)


def numbers(names: Iterable[str], before: str) -> int:
    """Count the different numbers that follow, in names, what is before them."""
    pattern = re.compile(re.escape(before) + r"(\d+)\.")
    return len({match[1] for name in names if (match := pattern.match(name))})


def size(state: Mapping[str, Tensor], name: str, axis: int) -> int:
    """Return the size of one axis of a tensor.

    Raises:
        BadDataError: when the tensor is not there, is empty or has fewer axes.
    """
    if name not in state or state[name].ndim <= axis or not state[name].numel():
        raise BadDataError(f"expected a tensor {name} with at least {axis + 1} axes, found none")
    return state[name].shape[axis]


def require_told(told: Mapping[str, object], expected: Mapping[str, object]) -> None:
    """Refuse hyper-parameters that say other than the weights, or than what is supported.

    Raises:
        BadDataError: naming the first of them, and both values.
    """
    for name, value in expected.items():
        said = told.get(name, value)
        if isinstance(said, Tensor) or said != value:
            raise BadDataError(
                f"expected weights of a net with {name}={value!r}, but their hyper-parameters"
                f" say {shown(said)}"
            )


def whole_number(told: Mapping[str, object], name: str) -> int | None:
    """Return a hyper-parameter above 0; None where it is not told.

    Raises:
        BadDataError: for anything but a whole number above 0 that a net could have.
    """
    value = told.get(name)
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST:
        return value
    raise BadDataError(f"expected {name} to be a whole number up to {LARGEST}, got {shown(value)}")


def renamed(name: str, rules: Iterable[tuple[str, str]]) -> str:
    """Return a name after all rules: what to find (a regular expression), what to put there."""
    for pattern, replacement in rules:
        name = re.sub(pattern, replacement, name)
    return name
