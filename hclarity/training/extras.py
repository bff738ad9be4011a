"""What only training needs, and is installed for it."""

from importlib.util import find_spec

from hclarity.errors import UnavailableError

__all__ = ["require_extras"]


def require_extras() -> None:
    """Refuse to begin without them.

    Raises:
        UnavailableError: says how to install them.
    """
    for package in ("lightning_fabric", "tensorboard"):
        if find_spec(package) is None:
            raise UnavailableError(
                f"training needs the package {package}: pip install 'hclarity[train]'"
            )
