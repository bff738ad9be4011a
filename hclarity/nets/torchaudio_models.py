"""The one door to torchaudio's models.

torchaudio's wheel for Linux on PyPI links CUDA, so beside a CPU-only torch ``import torchaudio``
raises OSError on its C++ extension. The models wanted here are pure Python and never touch that
extension: where the plain import fails, their file is loaded by its path. Where it works, this
module steps aside.
"""

import importlib.util
from pathlib import Path
from typing import Any

__all__ = ["HDemucs"]


def _load_by_path(name: str) -> Any:
    """Load ``torchaudio/models/NAME.py`` without running ``torchaudio/__init__.py``."""
    package = importlib.util.find_spec("torchaudio")
    if package is None or package.origin is None:
        raise ImportError("torchaudio is not installed")
    file = Path(package.origin).parent / "models" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"hclarity_torchaudio{name}", file)
    if spec is None or spec.loader is None:
        raise ImportError(f"this torchaudio has no {file.name}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


try:
    from torchaudio.models import HDemucs
except OSError:
    HDemucs = _load_by_path("_hdemucs").HDemucs
