"""Putting a file that a person has fetched where a model expects its official weights."""

from collections.abc import Sequence
from pathlib import Path

from hclarity.errors import BadDataError, ConfigurationError, UsageError
from hclarity.registry.cards import NONE_PUBLISHED, ModelCard
from hclarity.registry.download import sha256_of
from hclarity.registry.first_use import digest_path, remember, remembered
from hclarity.registry.places import cached_file, find_weights
from hclarity.registry.whole_files import copy_whole, make_folder

__all__ = ["fill_model"]

_ELSE = "choose another name with --as"


def fill_model(card: ModelCard, source: Path, stems: Sequence[str] | None = None) -> Path:
    """Put a copy of a model's official weights where fetched ones would be.

    The card stands as it is. Where it has no digest of the file, that of this one is remembered.

    Args:
        card: of the model.
        source: the file, or a Hugging Face folder.
        stems: their names, if the user gives any; they must be those of the card.

    Returns:
        The file that the model uses from now on.

    Raises:
        UsageError: when the model has no official weights that anybody could fetch, when the file
            does not hold them, or when another one is there.
        MissingInputError: when the file is not there or may not be read.
        BadDataError: when it is broken, or its weights are not those of the model's net.
        CannotCreateError: when the copy cannot be created.
        StorageError: when the disk is full or fails.
    """
    from hclarity.registry.upstream.contents import weights_file

    weights = card.weights.get("official")
    if weights is None or not (weights.url or weights.page):
        raise UsageError(f"there is a model {card.name} at {card.folder}; {_ELSE}")
    if stems is not None and tuple(stems) != card.stems:
        raise UsageError(
            f"the model {card.name} separates {', '.join(card.stems)}, got"
            f" {', '.join(stems) or 'none'}; {_ELSE}"
        )
    _require_official(card, source)
    file = weights_file(source)
    digest = sha256_of(file)
    place = find_weights(card, "official") or cached_file(card, "official")
    _require_wanted(card, file, digest, place)
    if not place.is_file():
        make_folder(place.parent)
        copy_whole(file, place)
    if weights.sha256 == NONE_PUBLISHED:
        remember(place, digest)
    return place


def _require_official(card: ModelCard, source: Path) -> None:
    """Refuse weights with which the model would not be what its card says.

    Of a Hugging Face folder only the weights are kept: its configuration may say nothing new.
    """
    from hclarity.registry.nets import agreed
    from hclarity.registry.upstream.contents import read_config, read_contents

    contents, config = read_contents(source), read_config(source)
    try:
        told = agreed(card, "official", contents, config).arguments
        kept = agreed(card, "official", contents, {}).arguments if config else told
    except BadDataError as error:
        raise BadDataError(f"{source}: {error}") from error
    except ConfigurationError as error:
        raise UsageError(f"{source} is not of the model {card.name}: {error}; {_ELSE}") from error
    for name, value in told.items():
        if kept.get(name) != value:
            raise UsageError(
                f"{source} is not of the model {card.name}: its config.json says {name} is"
                f" {value!r}, not {kept.get(name)!r}; {_ELSE}"
            )


def _require_wanted(card: ModelCard, file: Path, digest: str, place: Path) -> None:
    """Refuse a file that is not, to the bit, the one that is published, was there, or is there."""
    published = card.weights["official"].sha256
    if published not in (NONE_PUBLISHED, digest):
        raise UsageError(
            f"{file} is not the published file of {card.name} (SHA-256 {published[:12]}…);"
            f" it has {digest[:12]}…; {_ELSE}"
        )
    if place.is_file() and sha256_of(place) != digest:
        raise UsageError(
            f"another file of {card.name} is there, {place}; delete it to have this one, or {_ELSE}"
        )
    first = remembered(place) if published == NONE_PUBLISHED else None
    if first not in (None, digest):
        raise UsageError(
            f"{file} is not what {card.name} had at first (see {digest_path(place)}); delete that"
            f" to have this one, or {_ELSE}"
        )
