"""What goes to stdout: data, at once, so that whoever reads a long run's paths can work on them."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hclarity import __version__

__all__ = ["document_text", "print_document", "print_paths", "print_text"]


def print_paths(paths: Iterable[Path]) -> None:
    """Print one path on each line."""
    print("\n".join(map(str, paths)), flush=True)


def print_text(text: str) -> None:
    """Print lines that are laid out already."""
    print(text, end="", flush=True)


def print_document(document: Mapping[str, Any]) -> None:
    """Print one JSON document, headed by the version that made it."""
    print(document_text(document), end="", flush=True)


def document_text(document: Mapping[str, Any]) -> str:
    """Return a JSON document as a file holds it, headed by the version that made it."""
    headed = {"version": __version__, **document}
    return json.dumps(headed, indent=2, allow_nan=False) + "\n"
