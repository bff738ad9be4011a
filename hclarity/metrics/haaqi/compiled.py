"""How this package's loops become machine code, and where that is kept."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numba

__all__ = ["CHUNK", "SOURCES", "compiled"]

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

# Samples that a kernel takes through all its steps at a time, so that they stay in the first cache.
CHUNK = 256

# Machine code takes in that of functions from other files, whose changes numba does not see: it is
# kept under a name that changes with any of them.
SOURCES = sha256(
    b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
).hexdigest()[:12]


def compiled(
    *, reassociate: bool = False
) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """Compile a function on its first call, without Python's lock, and keep the machine code.

    The code is kept in the folder that ``NUMBA_CACHE_DIR`` names, else beside the source, else in
    the user's cache folder; where none of them may be written, each process compiles anew.
    A multiplication and an addition may be fused, which only makes them more exact.

    Args:
        reassociate: whether sums may be taken in any order, which lets them use whole vectors;
            never where bits of numbers are looked at.
    """
    freedom = {"contract", "reassoc", "nsz"} if reassociate else {"contract"}
    options: dict[str, Any] = {"nogil": True, "fastmath": freedom, "error_model": "numpy"}

    def compile_it(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        function.__qualname__ += f"_{SOURCES}"
        try:
            kernel: Callable[Parameters, Result] = numba.njit(cache=True, **options)(function)
        except RuntimeError:  # numba found no folder that it may write
            kernel = numba.njit(**options)(function)
        return kernel

    return compile_it
