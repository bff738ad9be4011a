"""Making a model of a file of weights that somebody else has published."""

import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hclarity.errors import BadDataError, CannotCreateError, ConfigurationError, UsageError
from hclarity.registry.cards import CARD_FILE, Argument, Contract, ModelCard
from hclarity.registry.download import sha256_of
from hclarity.registry.models import available_models, find_card, user_models
from hclarity.registry.whole_files import write_whole

if TYPE_CHECKING:  # torch takes seconds to load, and a wrong word on the command line none
    from hclarity.nets.traits import Traits
    from hclarity.registry.upstream.published import Published

__all__ = ["import_model"]

_WEIGHTS_FILE = "weights.safetensors"
_MOST_STEMS = 8
# Of all that is published for these nets, where neither file nor card says otherwise.
_SAMPLE_RATE = 44100


@dataclass(frozen=True)
class _Habit:
    """How a net is spoken to by the program that its weights come from."""

    level: str
    overlap: float
    chunk_seconds: float  # unless the net takes one length only


_HABITS: Mapping[str, _Habit] = {
    "hdemucs": _Habit(level="deviation", overlap=0.25, chunk_seconds=6.0),
    "convtasnet": _Habit(level="-40 LUFS", overlap=0.25, chunk_seconds=10.0),
    "bsrnn": _Habit(level="peak", overlap=0.1, chunk_seconds=10.0),
    "bsrnn-stereo": _Habit(level="deviation", overlap=0.5, chunk_seconds=10.0),
}


def import_model(source: Path, name: str, *, stems: Sequence[str] | None = None) -> Path:
    """Make a model of published weights, whole or not at all.

    Where a model of this name comes with hclarity, the file becomes its weights, and all that its
    card says beside them is kept.

    Args:
        source: the file, or a Hugging Face folder.
        name: of the model; its folder lies in `user_models`.
        stems: their names in the order of the output, where the file does not tell, or otherwise.

    Returns:
        The model's card.

    Raises:
        UsageError: for a name that is taken or cannot be one, and for stems that are not known or
            not as many as the file has.
        MissingInputError: when the file is not there or may not be read.
        BadDataError: when it is broken, brings code, or holds no weights that can be read.
        CannotCreateError: when the model's folder cannot be made.
        StorageError: when the disk is full or fails.
    """
    folder = _new_folder(name)
    from hclarity.registry.checkpoints import packed
    from hclarity.registry.upstream.layouts import read_published

    _require_undamaged(source)
    published = read_published(source)
    likeness = find_card(name) if name in available_models() else None
    candidate = _Candidate(source, published, likeness)
    try:
        weights = packed(published.state)
        traits = candidate.traits_with(candidate.stems(stems))
        contract = _contract(published.net, traits, likeness)
    except BadDataError as error:
        raise BadDataError(f"{source}: {error}") from error
    with _whole_or_not(folder):
        write_whole(folder / _WEIGHTS_FILE, weights)
        card = _card_text(candidate, contract, folder / _WEIGHTS_FILE)
        write_whole(folder / CARD_FILE, card.encode())
    return folder / CARD_FILE


def _new_folder(name: str) -> Path:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*", name):
        raise UsageError(
            f"a model is named with letters, digits, '_', '-', '+' and '.', got {name!a}"
        )
    folder = user_models() / name
    if (folder / CARD_FILE).exists():
        raise UsageError(f"there is a model {name} at {folder}; choose another name")
    return folder


def _require_undamaged(source: Path) -> None:
    """Refuse a torch file whose bytes are not those that were written; torch does not look."""
    for file in [source] if source.is_file() else source.glob("*.bin"):
        if not zipfile.is_zipfile(file):
            continue
        try:
            with zipfile.ZipFile(file) as archive:
                damaged = archive.testzip()
        except Exception:  # the reader proper will tell what is wrong with it
            continue
        if damaged:
            raise BadDataError(f"{file} is damaged: the checksum of a part differs; get it again")


@dataclass(frozen=True)
class _Candidate:
    """Weights that are to become a model.

    Args:
        source: where they come from.
        published: what was read there.
        likeness: the card of the model that they are for, if it comes with hclarity.
    """

    source: Path
    published: "Published"
    likeness: ModelCard | None

    def __post_init__(self) -> None:
        if self.likeness is not None and self.likeness.net != self.published.net:
            raise UsageError(
                f"{self.source} holds a {self.published.net}, but the model {self.likeness.name}"
                f" is a {self.likeness.net}; choose another name"
            )

    @property
    def arguments(self) -> dict[str, Argument]:
        """What the file tells of its net, and where it is silent, the card."""
        official = self.likeness and self.likeness.weights.get("official")
        return {**(official.arguments if official else {}), **self.published.arguments}

    @property
    def sample_rate(self) -> int:
        known = self.likeness.sample_rate if self.likeness else _SAMPLE_RATE
        return self.published.sample_rate or known

    def stems(self, given: Sequence[str] | None) -> tuple[str, ...]:
        """Return the names of the stems: as given, as the file tells, or as the card does."""
        told = self.published.stems
        if given is not None:
            return tuple(given)
        if self.likeness and told and set(told) != set(self.likeness.stems):
            raise UsageError(
                f"{self.source} separates {', '.join(map(ascii, told))}, but the model"
                f" {self.likeness.name} {', '.join(self.likeness.stems)}; choose another name,"
                " or give --stems a,b,..."
            )
        names = told or (self.likeness.stems if self.likeness else None)
        if names is None:
            number = self._number_of_stems()
            if number is None:
                self._sketched(("any",))  # raises, as it does with every number of them
            raise UsageError(
                f"{self.source} does not name its stems, of which there are {number};"
                " give --stems a,b,..."
            )
        return names

    def traits_with(self, stems: tuple[str, ...]) -> "Traits":
        """Return the traits of the net with these stems, if they are as many as it has."""
        try:
            return self._sketched(stems)
        except BadDataError as error:
            number = self._number_of_stems()
            if number not in (None, len(stems)):
                raise UsageError(
                    f"{self.source} has {number} stems, got {', '.join(stems) or 'none'};"
                    " give --stems a,b,..."
                ) from error
            raise

    def _number_of_stems(self) -> int | None:
        for number in range(1, _MOST_STEMS + 1):
            try:
                self._sketched(tuple(f"stem{index}" for index in range(number)))
            except BadDataError:
                continue
            return number
        return None

    def _sketched(self, stems: tuple[str, ...]) -> "Traits":
        """Return the traits of the net with these stems, or raise BadDataError."""
        from hclarity.registry.checkpoints import require_fitting, sketch_net

        try:
            sketch = sketch_net(
                self.published.net,
                stems,
                sample_rate=self.sample_rate,
                channels=self.published.channels,
                arguments=self.arguments,
            )
        except ConfigurationError as error:  # they come from the file
            raise BadDataError(str(error)) from error
        require_fitting(sketch, self.published.state)
        return sketch.traits


def _contract(net: str, traits: "Traits", likeness: ModelCard | None) -> Contract:
    """Return how to speak to a net: as a card does, as far as the net can be spoken to so."""
    habit = likeness or _HABITS[net]
    seconds = habit.chunk_seconds
    if traits.longest is not None:
        seconds = traits.longest / traits.sample_rate
    fits = likeness is not None and likeness.stride % traits.stride == 0
    try:
        return Contract(
            stems=traits.stems,
            sample_rate=traits.sample_rate,
            channels=traits.channels,
            chunk_seconds=seconds,
            overlap=habit.overlap,
            stride=likeness.stride if likeness and fits else traits.stride,
            level=habit.level,
        )
    except ConfigurationError as error:
        raise UsageError(f"{error}; give --stems a,b,...") from error


@contextmanager
def _whole_or_not(folder: Path) -> Iterator[None]:
    """Make a model's folder, and leave no half of a model in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotCreateError(f"{folder} cannot be made a folder: {error.strerror}") from error
    try:
        yield
    except BaseException:
        (folder / _WEIGHTS_FILE).unlink(missing_ok=True)
        if not any(folder.iterdir()):  # fetched files may have been there before
            folder.rmdir()
        raise


def _card_text(candidate: _Candidate, contract: Contract, weights: Path) -> str:
    """Return a model's card in TOML."""
    likeness, file = candidate.likeness, candidate.source.name
    official = likeness.weights.get("official") if likeness else None
    about = {
        "title": likeness.title if likeness else file,
        "description": likeness.description if likeness else f"Imported from {file}.",
        "net": candidate.published.net,
        "stems": list(contract.stems),
        "sample_rate": contract.sample_rate,
        "channels": contract.channels,
        "chunk_seconds": contract.chunk_seconds,
        "overlap": contract.overlap,
        "stride": contract.stride,
        "level": contract.level,
    }
    of_weights = {
        "file": weights.name,
        "sha256": sha256_of(weights),
        "bytes": weights.stat().st_size,
        "licence": official.licence if official else "not stated",
        "trained_on": [*(official.trained_on if official else ()), f"imported from {file}"],
        "seen": list(official.seen) if official else [],
        **({"page": official.page} if official and official.page else {}),
        "arguments": candidate.arguments,
    }
    return f"{_lines(about)}\n[weights.official]\n{_lines(of_weights)}"


def _lines(table: Mapping[str, object]) -> str:
    return "".join(f"{key} = {_toml(value)}\n" for key, value in table.items())


def _toml(value: object) -> str:
    """Return a value as TOML writes it, which for texts is nearly as JSON does."""
    match value:
        case str():
            printable = "".join(letter if letter.isprintable() else "?" for letter in value)
            return json.dumps(printable, ensure_ascii=False)
        case dict():
            return f"{{ {', '.join(f'{key} = {_toml(item)}' for key, item in value.items())} }}"
        case list():
            return f"[{', '.join(_toml(item) for item in value)}]"
        case bool():
            return str(value).lower()
        case _:
            return repr(value)
