"""What a stranger's file holds, as plain Python, without running or importing any of its code.

Read are safetensors, torch's formats, and Hugging Face folders. torch's are pickles: programs that
make objects. Its ``weights_only`` reader runs only those that make tensors and plain Python, and
lets a caller vouch for further names. Those in `hclarity.registry.upstream.shells` get an empty
shell, which keeps what it is handed and does nothing; any other name is refused, and the file
with it.

That reader has itself been broken out of twice: CVE-2025-32434 (mended in torch 2.6) and
CVE-2026-24747 (mended in torch 2.10), by which a file could corrupt memory. So torch 2.10 or
later is required.
"""

import json
import re
import warnings
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor

from hclarity.errors import BadDataError, MissingInputError
from hclarity.registry.quoting import printable
from hclarity.registry.strangers_files import bytes_of
from hclarity.registry.upstream import own
from hclarity.registry.upstream.shells import SHELLS, ForeignClass, emptied, ratio

__all__ = ["config_file", "read_config", "read_contents", "weights_file"]

_FOLDER_FILES = ("model.safetensors", "pytorch_model.bin")
# No checkpoint is nested as deeply; Python's own stack ends at a thousand.
_DEEPEST = 100
# Nor has one as many values beside its tensors. One list can stand in a list a thousand times, and
# that one again: a file of 2 kB can hold what would take years to walk through.
_MOST_VALUES = 1_000_000
_LARGEST_CONFIG = 1_000_000  # bytes


def read_contents(path: Path) -> object:
    """Return what a checkpoint holds: dicts, lists, texts, numbers, tensors, `ForeignClass`.

    Safetensors of demucs 4.1 say in their metadata what they are; they become the same package
    ``{klass, args, kwargs, state}`` as its other files hold. So do our own, which become
    ``{hclarity, state}``.

    Args:
        path: a file, whatever its name ends with, or a Hugging Face folder.

    Raises:
        MissingInputError: when it is not there or may not be read.
        BadDataError: when it is broken, brings code, or claims more numbers than it holds.
    """
    file = weights_file(path)
    try:
        read = _read_safetensors if _is_safetensors(file) else _read_torch
        return _Plain(file.stat().st_size).of(_guarded(read, file))
    except OSError as error:
        raise MissingInputError(f"cannot read {file}: {error.strerror or error}") from error
    except BadDataError as error:
        raise BadDataError(f"{file}: {error}") from error


def read_config(path: Path) -> dict[str, object]:
    """Return what the ``config.json`` of a Hugging Face folder says; {} where there is none.

    Args:
        path: the folder, or the file of weights in it under the name that it has there.

    Raises:
        MissingInputError: when it may not be read.
        BadDataError: when it is not a JSON object.
    """
    config = config_file(weights_file(path))
    if config is None:
        return {}
    try:
        said = json.loads(bytes_of(config, _LARGEST_CONFIG).decode())
    except (ValueError, RecursionError) as error:
        raise BadDataError(f"{config} is not JSON: {_first_line(error)}") from error
    if not isinstance(said, dict):
        raise BadDataError(f"{config} must hold a JSON object, not a {type(said).__name__}")
    return said


def config_file(file: Path) -> Path | None:
    """Return the ``config.json`` that is about a file of weights, if there is one."""
    config = file.with_name("config.json")
    return config if file.name in _FOLDER_FILES and config.is_file() else None


def weights_file(path: Path) -> Path:
    """Return the file of weights in a Hugging Face folder; any other path is that file itself.

    Raises:
        MissingInputError: when there is none in the folder, or the path is of something else.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise MissingInputError(f"{path} is not a file")  # reading a pipe might never end
    if not path.is_dir():
        return path
    for name in _FOLDER_FILES:
        if (path / name).is_file():
            return path / name
    raise MissingInputError(f"no weights in {path}: it has no {' and no '.join(_FOLDER_FILES)}")


def _is_safetensors(file: Path) -> bool:
    """Whether there is a JSON object where safetensors have one, and archives and pickles none."""
    with file.open("rb") as opened:
        return opened.read(9)[8:] == b"{"


def _guarded(read: Callable[[Path], object], file: Path) -> object:
    try:
        return read(file)
    except OSError:
        raise
    except BadDataError:
        raise
    except Exception as error:  # the readers of strangers' bytes raise whatever goes wrong first
        raise BadDataError(
            f"not a readable checkpoint of plain tensors: {_reason(error)}"
        ) from error


def _reason(error: Exception) -> str:
    """What a reader said, without torch's advice to run the code that a file brings."""
    if "weights_only" not in str(error):
        return _first_line(error)
    named = re.search(r"GLOBAL ([\w.]+)", str(error))
    if named:
        return f"it wants to run {printable(named[1])}, which is none of a checkpoint's business"
    return "it is damaged, or in no format that torch writes"


def _first_line(error: Exception) -> str:
    return printable(str(error).partition("\n")[0] or type(error).__name__, 400)


def _refuse_compressed(file: Path) -> None:
    """Refuse an archive that would grow when it is read; torch's own never do."""
    if not zipfile.is_zipfile(file):
        return
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
    stored = all(member.compress_type == zipfile.ZIP_STORED for member in members)
    if not stored or sum(member.file_size for member in members) > file.stat().st_size:
        raise BadDataError("not a checkpoint: torch's archives are not compressed, this one is")


def _read_torch(file: Path) -> object:
    _refuse_compressed(file)
    with (
        warnings.catch_warnings(),
        torch.serialization.safe_globals(SHELLS),
        file.open("rb") as opened,  # of a path, torch minds the ending
    ):
        warnings.simplefilter("ignore")  # of pickle protocols: they read, or they do not
        return torch.load(opened, map_location="cpu", weights_only=True)


def _read_safetensors(file: Path) -> object:
    with safe_open(file, framework="pt") as opened:
        metadata = opened.metadata() or {}
        tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
    if own.KEY in metadata:
        return {own.KEY: json.loads(metadata[own.KEY]), "state": tensors}
    if "klass" not in metadata:
        return tensors
    return {
        "klass": ForeignClass(metadata["klass"]),
        "args": json.loads(metadata["args"], object_hook=_fraction),
        "kwargs": json.loads(metadata["kwargs"], object_hook=_fraction),
        "state": {"__quantized": True} if "structure" in metadata else tensors,
    }


def _fraction(pairs: dict[str, object]) -> object:
    if pairs.get("_type") == "fraction":
        return ratio((pairs.get("numerator"), pairs.get("denominator")))
    return pairs


class _Plain:
    """Turns what was read into plain Python; what occurs twice is turned once, but counts twice.

    Args:
        most_bytes: that all tensors may take together: those of the file.
    """

    def __init__(self, most_bytes: int) -> None:
        # The value itself is kept, lest another gets its number.
        self._turned: dict[int, tuple[object, object]] = {}
        self._counts: dict[int, int] = {}  # of what was turned: how many values it holds
        self._storages: set[int] = set()  # their addresses
        self._bytes_left = most_bytes
        self._depth = 0

    def of(self, value: object, name: str = "the contents") -> object:
        if value is None or isinstance(value, bool | int | float | str | bytes | ForeignClass):
            return value
        if isinstance(value, Tensor):
            return self._tensor(name, value)
        if id(value) not in self._turned:
            if self._depth == _DEEPEST:
                raise BadDataError(f"{printable(name)} is nested more than {_DEEPEST} deep")
            self._depth += 1
            plain = self._turn(value, name)
            self._depth -= 1
            self._turned[id(value)] = (value, plain)
            self._counts[id(plain)] = self._count(plain)
        return self._turned[id(value)][1]

    def _count(self, plain: object) -> int:
        """How many values a turned one holds, each as often as it stands there."""
        items = plain.values() if isinstance(plain, dict) else plain
        if not isinstance(items, Iterable) or isinstance(items, str | bytes | Tensor):
            return 1
        count = 1 + sum(self._counts.get(id(item), 1) for item in items)
        if count > _MOST_VALUES:
            raise BadDataError(f"more than {_MOST_VALUES} values beside its tensors")
        return count

    def _turn(self, value: object, name: str) -> object:
        if isinstance(value, dict):
            return {_key(key): self.of(item, str(key)) for key, item in value.items()}
        if isinstance(value, list | tuple | set):
            return [self.of(item, name) for item in value]
        return self.of(emptied(value), name)

    def _tensor(self, name: str, tensor: Tensor) -> Tensor:
        """A tensor, unless a file of 1 kB makes one of gigabytes: a pickle can ask for any size."""
        plain = _plain_tensor(name, tensor)
        storage = plain.untyped_storage()
        if storage.data_ptr() not in self._storages:
            self._storages.add(storage.data_ptr())
            self._bytes_left -= storage.nbytes()
        if self._bytes_left < 0:
            raise BadDataError(f"{printable(name)} takes more bytes than the file holds")
        return plain


def _key(key: object) -> object:
    plain = key is None or isinstance(key, str | int | float)
    return key if plain else ForeignClass(type(key).__name__)


def _plain_tensor(name: str, tensor: Tensor) -> Tensor:
    """Return a tensor whose numbers may be looked at, or refuse it."""
    plain = tensor.layout == torch.strided and tensor.device.type == "cpu"
    if not plain or tensor.is_quantized or tensor.is_nested:
        raise BadDataError(f"{printable(name)} is not a plain tensor of numbers")
    # A file of 1 kB can hold a view of 10^12 numbers; looking at them would fill the memory.
    if tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
        raise BadDataError(
            f"{printable(name)} claims {tensor.numel()} numbers, more than the file holds"
        )
    return tensor.detach()
