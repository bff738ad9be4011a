"""The one door to OpenVINO.

With it comes a package that reports to its makers that it was imported; hclarity reports nothing to
anybody. OpenVINO does without where that cannot be imported, so here it cannot.
"""

import sys
from typing import Any

__all__ = ["openvino"]


def openvino() -> Any:
    """Return the ``openvino`` package.

    Raises:
        ImportError: where it is not installed.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    return openvino
