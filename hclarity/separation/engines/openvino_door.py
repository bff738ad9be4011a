"""The one door to OpenVINO.

With it comes a package that reports to its makers that it was imported; hclarity reports nothing to
anybody. OpenVINO does without where that cannot be imported, so here it cannot.
"""

import sys
import threading
from functools import cache
from typing import Any

__all__ = ["openvino", "openvino_core", "openvino_lock"]

openvino_lock = threading.RLock()
"""Held by whoever makes, reads, writes or compiles a model: one thread at a time."""


def openvino() -> Any:
    """Return the ``openvino`` package.

    Raises:
        ImportError: where it is not installed.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    return openvino


def openvino_core() -> Any:
    """Return the ``openvino.Core`` of this process, which stays as long as the process does.

    There is one, made once. Each that loads its CPU plugin gives the thread it is in another stack
    for signals; when it goes, it unmaps that, and gives back the one before, which may be that of a
    Core that has gone. The next signal to this thread, such as Ctrl-C, was a segmentation fault.
    """
    with openvino_lock:
        return _core()


@cache
def _core() -> Any:
    return openvino().Core()
