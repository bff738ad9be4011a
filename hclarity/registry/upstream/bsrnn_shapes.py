"""What the weights of any BandSplitRNN say of the net they belong to."""

import re
import reprlib
from collections.abc import Callable, Iterable, Mapping, Sequence

from torch import Tensor

from hclarity.errors import BadDataError
from hclarity.nets.bands import SCHEMES, band_count

__all__ = [
    "mapping",
    "named_tensors",
    "numbers",
    "renamed",
    "require_told",
    "scheme_of",
    "shown",
    "size",
    "whole_number",
]


def mapping(value: object, what: str) -> Mapping[str, object]:
    """Return a mapping, or refuse anything else.

    Raises:
        BadDataError: naming what should have been one.
    """
    if not isinstance(value, Mapping):
        raise BadDataError(f"expected {what} to be a mapping, got a {type(value).__name__}")
    return value


def named_tensors(state: Mapping[object, object]) -> dict[str, Tensor]:
    """Return a state of nothing but named tensors.

    Raises:
        BadDataError: for anything else in it.
    """
    found: dict[str, Tensor] = {}
    for name, value in state.items():
        if not isinstance(name, str) or not isinstance(value, Tensor):
            raise BadDataError(f"expected named tensors, got {name!r}: {type(value).__name__}")
        found[name] = value
    return found


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


def scheme_of(
    widths: Sequence[int],
    sample_rate: int | None,
    rule: Callable[..., tuple[int, ...]],
) -> str:
    """Return the first scheme that has these bands; schemes of as many bands are the same.

    Args:
        widths: bins of each band.
        sample_rate: in Hz; where it is not told, only the number of bands is compared.
        rule: `hclarity.nets.bands.band_widths` or `band_widths_by_edges`.

    Raises:
        BadDataError: when there is none.
    """
    scheme = next((name for name in SCHEMES if band_count(name) == len(widths)), None)
    if scheme is None:
        raise BadDataError(f"no known band scheme has {len(widths)} bands")
    if sample_rate is None:
        return scheme
    n_fft = 2 * (sum(widths) - 1)
    try:
        expected = rule(scheme, sample_rate=sample_rate, n_fft=n_fft)
    except ValueError as error:
        raise BadDataError(str(error)) from error
    if tuple(widths) != expected:
        raise BadDataError(
            f"expected bands of {list(expected)} bins with n_fft={n_fft} at {sample_rate} Hz,"
            f" got {list(widths)}"
        )
    return scheme


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


def renamed(name: str, rules: Iterable[tuple[str, str]]) -> str:
    """Return a name after all rules: what to find (a regular expression), what to put there."""
    for pattern, replacement in rules:
        name = re.sub(pattern, replacement, name)
    return name


def whole_number(told: Mapping[str, object], name: str) -> int | None:
    """Return a hyper-parameter above 0; None where it is not told.

    Raises:
        BadDataError: for anything but a whole number above 0.
    """
    value = told.get(name)
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    raise BadDataError(f"expected {name} to be a whole number above 0, got {shown(value)}")


def shown(value: object) -> str:
    """Return what a stranger's file says, cut to fit a line."""
    return " ".join(reprlib.repr(value).split())
