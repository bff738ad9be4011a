"""Finding a model by its name, its folder or its card.

A name is looked for in two places, the first winning: the user's folder of models (`user_models`),
then those that come with hclarity.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import platformdirs

from hclarity.errors import HclarityError, MissingInputError, UsageError
from hclarity.registry.cards import CARD_FILE, ModelCard, read_card
from hclarity.registry.spelling import did_you_mean

__all__ = ["available_models", "find_card", "model_places", "readable_cards", "user_models"]


def user_models() -> Path:
    """Return the user's folder of models, which is also where fetched weights are kept.

    It is ``HCLARITY_MODELS`` if the environment says so, else lies in the user's cache folder.
    """
    named = os.environ.get("HCLARITY_MODELS")
    if named:
        return Path(named)
    return Path(platformdirs.user_cache_dir("hclarity", appauthor=False)) / "models"


def available_models() -> tuple[str, ...]:
    """Return the names of all models there are here, in alphabetical order."""
    cards = [card for place in model_places() for card in place.glob(f"*/{CARD_FILE}")]
    return tuple(sorted({card.parent.name for card in cards}))


def find_card(name_or_path: str | Path) -> ModelCard:
    """Return the card of a model.

    Args:
        name_or_path: one of `available_models`, a model's folder, or a card.

    Raises:
        UsageError: for a name that no model has; the message tells the nearest.
        MissingInputError: for a path where no card is.
        ConfigurationError: for a card with a mistake in it.
    """
    known = available_models()
    if name_or_path in known:
        cards = [place / name_or_path / CARD_FILE for place in model_places()]
        return read_card(next(card for card in cards if card.is_file()))
    path = Path(name_or_path)
    if name_or_path != "":
        if os.path.isdir(path):  # which, unlike Path.is_dir, minds no impossible name
            return read_card(path / CARD_FILE)
        if os.path.isfile(path):
            return read_card(path)
        if isinstance(name_or_path, Path) or len(path.parts) != 1 or path.suffix == ".toml":
            raise MissingInputError(f"no model folder and no model card at {path}")
    raise UsageError(
        f"no model named {name_or_path!r}{did_you_mean(name_or_path, known)};"
        " see `hclarity models list`, or give a model's folder"
    )


def readable_cards(tell: Callable[[HclarityError], object]) -> Iterator[ModelCard]:
    """Yield all models there are here; ``tell`` hears of each whose card has a mistake instead."""
    for name in available_models():
        try:
            yield find_card(name)
        except HclarityError as error:
            tell(error)


def model_places() -> tuple[Path, Path]:
    """Return the folders in which models are looked for, the first winning."""
    return user_models(), _shipped_models()


def _shipped_models() -> Path:
    package = Path(__file__).resolve().parent.parent
    installed = package / "models"
    # In a checkout, and so in an editable install, the folder stands beside the package.
    return installed if installed.is_dir() else package.parent / "models"
