"""Finding a recipe by the name of its model."""

from collections.abc import Iterator
from pathlib import Path

from hclarity.errors import MissingInputError, UsageError
from hclarity.registry.models import model_places
from hclarity.registry.spelling import did_you_mean

__all__ = ["available_recipes", "find_recipe", "run_name"]

FULL = "recipe.toml"
# As it was published, as it is bundled, and as a paper had it where others published it.
_ENDINGS = {FULL: "", "mini.toml": "-mini", "original.toml": "-original"}


def available_recipes() -> tuple[str, ...]:
    """Return the names of all recipes that come with models, in alphabetical order."""
    return tuple(sorted({name for name, _ in _recipes()}))


def find_recipe(name_or_path: str) -> Path:
    """Return the file of a recipe.

    Args:
        name_or_path: a model's name for how it was published, ``NAME-mini`` for its small sibling,
            ``NAME-original`` for its paper's own, a TOML file, or a folder that has one.

    Raises:
        UsageError: for a name that no recipe has; the message tells the nearest.
        MissingInputError: for a path where none is.
    """
    for name, path in _recipes():
        if name == name_or_path:
            return path
    path = Path(name_or_path)
    if path.is_dir() and (path / FULL).is_file():
        return path / FULL
    if path.suffix == ".toml" or len(path.parts) > 1:
        if not path.is_file():
            raise MissingInputError(f"no recipe at {path}")
        return path
    known = available_recipes()
    raise UsageError(
        f"no recipe for {name_or_path!r}{did_you_mean(name_or_path, known)}; there are"
        f" {', '.join(known)}, or give a TOML file"
    )


def run_name(path: Path) -> str:
    """Return what a run of a recipe is called.

    >>> run_name(Path("models/demucs/mini.toml")), run_name(Path("mine.toml"))
    ('demucs-mini', 'mine')
    """
    if path.name not in _ENDINGS:
        return path.stem
    return f"{path.resolve().parent.name}{_ENDINGS[path.name]}"


def _recipes() -> Iterator[tuple[str, Path]]:
    for place in model_places():
        for file, ending in _ENDINGS.items():
            yield from ((f"{path.parent.name}{ending}", path) for path in place.glob(f"*/{file}"))
