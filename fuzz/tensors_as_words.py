"""Contents of checkpoints as JSON: a tensor is the text of its shape, ``tensor 3 4``."""

import torch
from torch import Tensor

from hclarity.registry.upstream.shells import ForeignClass

__all__ = ["as_words", "from_words"]

_TENSOR, _CLASS = "tensor", "class"
_MOST_NUMBERS = 10_000_000  # of a tensor that a word may make; it takes no memory


def as_words(value: object) -> object:
    """Return contents as JSON can hold them."""
    match value:
        case Tensor():
            return " ".join([_TENSOR, *map(str, value.shape)])
        case ForeignClass():
            return f"{_CLASS} {value.name}"
        case dict():
            return {str(key): as_words(item) for key, item in value.items()}
        case list() | tuple():
            return [as_words(item) for item in value]
        case None | bool() | int() | float() | str():
            return value
    return str(value)


def from_words(value: object) -> object:
    """Return what was meant by such JSON."""
    match value:
        case dict():
            return {key: from_words(item) for key, item in value.items()}
        case list():
            return [from_words(item) for item in value]
        case str() if value.startswith(_TENSOR):
            return _tensor(value.split()[1:])
        case str() if value.startswith(_CLASS):
            return ForeignClass(value.removeprefix(_CLASS).strip())
    return value


def _tensor(sizes: list[str]) -> Tensor:
    """Zeros of a shape; one number where the shape is none, or too large to be in a file."""
    shape = [int(size) for size in sizes if size.isdecimal() and len(size) < 8]
    numbers = 1
    for size in shape:
        numbers *= size
    return torch.zeros(()).expand(shape) if numbers < _MOST_NUMBERS else torch.zeros(())
