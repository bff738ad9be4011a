"""What goes to stdout: data, at once, so that whoever reads a long run's paths can work on them."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

__all__ = ["print_document", "print_paths"]


def print_paths(paths: Iterable[Path]) -> None:
    """Print one path on each line."""
    print("\n".join(map(str, paths)), flush=True)


def print_document(document: Mapping[str, Any]) -> None:
    """Print one JSON document."""
    print(json.dumps(document, indent=2, allow_nan=False), flush=True)
