"""Publishing a model under another name: its card and its weights, copied as they are."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from hclarity.errors import CannotCreateError, UsageError
from hclarity.registry.card_writing import card_text
from hclarity.registry.cards import CARD_FILE, ModelCard, Variant, read_card
from hclarity.registry.first_use import digest_path
from hclarity.registry.weights import checked_digest
from hclarity.registry.whole_files import copy_whole, make_folder, write_whole

__all__ = ["carded_model", "copy_model", "whole_or_not"]


def carded_model(source: Path) -> tuple[ModelCard, dict[Variant, Path]] | None:
    """Return the card beside weights, if it names them, and the files that are to come along.

    Args:
        source: a model's folder, or a file in one.

    Raises:
        ConfigurationError: for a card with a mistake in it.
    """
    folder = source if source.is_dir() else source.parent
    if not (folder / CARD_FILE).is_file():
        return None
    card = read_card(folder / CARD_FILE)
    files = {
        variant: folder / weights.file
        for variant, weights in card.weights.items()
        if (folder / weights.file).is_file() and source in (folder, folder / weights.file)
    }
    if not files:
        return None
    if source != folder:  # what does not come along is another model's
        card = replace(card, weights={variant: card.weights[variant] for variant in files})
    return card, files


def copy_model(
    card: ModelCard, files: Mapping[Variant, Path], folder: Path, stems: Sequence[str] | None
) -> Path:
    """Copy a model under another name, after a look at all that it brings.

    Args:
        card: of the model.
        files: of its weights, by their variant.
        folder: where the copy shall be.
        stems: their names, if the user gives any; they must be those of the card.

    Returns:
        The card of the copy.

    Raises:
        UsageError: for other stems.
        BadDataError: for a file that is broken, or not the one that its card is for.
        ConfigurationError: when the card says otherwise than its weights.
        CannotCreateError: when the folder cannot be made.
        StorageError: when the disk is full or fails.
    """
    from hclarity.registry.nets import weights_for
    from hclarity.registry.upstream.contents import config_file

    if stems is not None and tuple(stems) != card.stems:
        raise UsageError(
            f"{card.folder / CARD_FILE} says that the stems are {', '.join(card.stems)}, got"
            f" {', '.join(stems) or 'none'}"
        )
    for variant, file in files.items():
        checked_digest(file, card.weights[variant])
        weights_for(card, variant, file)
    # What decides how the weights are read, and what they were at first, come along.
    beside = [config for file in files.values() if (config := config_file(file))]
    beside += [kept for file in files.values() if (kept := digest_path(file)).is_file()]
    with whole_or_not(folder) as claim:
        for file in (*files.values(), *beside):
            copy_whole(file, claim(file.name))
        write_whole(folder / CARD_FILE, card_text(card).encode())
    return folder / CARD_FILE


@contextmanager
def whole_or_not(folder: Path) -> Iterator[Callable[[str], Path]]:
    """Make a model's folder, and leave no half of a model in it.

    Yields:
        What returns the path for a file of some name, which goes if anything fails.

    Raises:
        CannotCreateError: when it cannot be made, or there is a file of that name already.
    """
    written: list[Path] = []

    def claim(name: str) -> Path:
        path = folder / name
        if path.exists():
            raise CannotCreateError(f"{path} is there already; move it away or choose another name")
        written.append(path)
        return path

    make_folder(folder)
    try:
        yield claim
    except BaseException:
        for file in written:
            file.unlink(missing_ok=True)
        if not any(folder.iterdir()):  # fetched files may have been there before
            folder.rmdir()
        raise
