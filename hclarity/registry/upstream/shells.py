"""The names that other people's checkpoints may mention, and the empty shells that they get.

Nothing of what is named here is imported. A shell keeps what a file hands to it, and `emptied`
makes plain Python of the few kinds that say something about a model.
"""

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["SHELLS", "ForeignClass", "emptied", "ratio"]


@dataclass(frozen=True)
class ForeignClass:
    """A class of other people's code, or an object of one that means nothing here: its name."""

    name: str


class _Shell:
    """What stands for an object of a class that is not there."""

    __slots__ = ("args", "state")

    name = ""
    args: tuple[object, ...]
    state: object

    def __new__(cls, *args: object) -> "_Shell":
        shell = super().__new__(cls)
        shell.args, shell.state = args, None
        return shell

    def __init__(self, *args: object) -> None:
        pass

    def __setstate__(self, state: object) -> None:
        self.state = state


class _DictShell:
    """What stands for a kind of dict: torch's reader fills only real ones."""

    def __new__(cls, *args: object) -> dict[object, object]:  # type: ignore[misc]
        return {}


def emptied(value: object) -> object:
    """Return what is in a shell, which may hold further shells; a `ForeignClass` for the rest."""
    if isinstance(value, type):
        return ForeignClass(getattr(value, "name", "") or value.__name__)
    if not isinstance(value, _Shell):
        return ForeignClass(type(value).__name__)
    read = _CONTENTS.get(value.name)
    return read(value) if read else ForeignClass(value.name)


def ratio(parts: tuple[object, ...]) -> float:
    """Return a fraction, in whatever form it was pickled: ``(39, 5)``, ``("39/5",)``.

    Raises:
        ValueError: for what is no fraction of numbers that a float can hold.
    """
    if not all(isinstance(part, int | float | str) for part in parts):
        raise ValueError("not a fraction")  # and not to be written out: it may be without end
    if len(parts) == 1:
        parts = tuple(str(parts[0])[:40].split("/"))
    try:
        value = float(str(parts[0])) / float(str((*parts, 1)[1]))
    except (ArithmeticError, IndexError) as error:
        raise ValueError("not a fraction") from error
    if not math.isfinite(value):
        raise ValueError("not a fraction that a float can hold")
    return value


def _fraction(shell: _Shell) -> object:
    try:
        return ratio(shell.args)
    except ValueError:
        return math.nan


# numpy's names of its types -> those of the struct module
_FORMATS = {
    "b1": "?",
    "f2": "e",
    "f4": "f",
    "f8": "d",
    "i1": "b",
    "i2": "h",
    "i4": "i",
    "i8": "q",
    "u1": "B",
    "u2": "H",
    "u4": "I",
    "u8": "Q",
}


def _numpy_scalar(shell: _Shell) -> object:
    match shell.args:
        case (_Shell(args=(str(kind), *_), state=(_, str(order), *_)), bytes(content)):
            order = order if order in ("<", ">") else "<"  # "|": a single byte has none
            form = order + _FORMATS.get(kind, "")
            if kind in _FORMATS and struct.calcsize(form) == len(content):
                return struct.unpack(form, content)[0]
    return ForeignClass(shell.name)


def _field(name: str) -> Callable[[_Shell], object]:
    def read(shell: _Shell) -> object:
        return shell.state.get(name) if isinstance(shell.state, dict) else None

    return read


_OMEGACONF_NODES = tuple(
    f"omegaconf.nodes.{kind}Node"
    for kind in ("Any", "Boolean", "Bytes", "Enum", "Float", "Integer", "Path", "String")
)

_CONTENTS: dict[str, Callable[[_Shell], object]] = {
    "fractions.Fraction": _fraction,
    "numpy.core.multiarray.scalar": _numpy_scalar,
    "numpy._core.multiarray.scalar": _numpy_scalar,
    "argparse.Namespace": lambda shell: shell.state,
    "omegaconf.dictconfig.DictConfig": _field("_content"),
    "omegaconf.listconfig.ListConfig": _field("_content"),
    **dict.fromkeys(_OMEGACONF_NODES, _field("_val")),
}

_MEANINGLESS = (
    "builtins.bool",
    "builtins.dict",
    "builtins.float",
    "builtins.int",
    "builtins.list",
    "builtins.object",
    "builtins.str",
    "builtins.tuple",
    "demucs.demucs.Demucs",
    "demucs.hdemucs.HDemucs",
    "demucs.htdemucs.HTDemucs",
    "demucs.model.Demucs",
    "demucs.tasnet.ConvTasNet",
    "demucs.wdemucs.WDemucs",
    "diffq.diffq.DiffQuantizer",
    "numpy._core.multiarray._reconstruct",
    "numpy.core.multiarray._reconstruct",
    "numpy.dtype",
    "numpy.ndarray",
    "omegaconf.base.ContainerMetadata",
    "omegaconf.base.Metadata",
    "pathlib.PosixPath",
    "pathlib.WindowsPath",
    "pathlib._local.PosixPath",
    "pathlib._local.WindowsPath",
    "typing.Any",
)

_DICTS = (
    "collections.defaultdict",
    "lightning.fabric.utilities.data.AttributeDict",
    "lightning_fabric.utilities.data.AttributeDict",
    "pytorch_lightning.utilities.parsing.AttributeDict",
)


def _shell(name: str, kind: type) -> tuple[Callable[..., object], str]:
    """Return a pair as torch's ``safe_globals`` wants it."""
    return type(name.rpartition(".")[2], (kind,), {"__slots__": (), "name": name}), name


SHELLS: list[Callable[..., object] | tuple[Callable[..., object], str]] = [
    *(_shell(name, _Shell) for name in (*_CONTENTS, *_MEANINGLESS)),
    *(_shell(name, _DictShell) for name in _DICTS),
]
"""All that a checkpoint may name beyond tensors and plain Python."""
