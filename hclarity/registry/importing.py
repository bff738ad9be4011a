"""Making a model of a file of weights, or of a model's folder."""

import hashlib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hclarity.errors import BadDataError, ConfigurationError, UsageError
from hclarity.registry.card_writing import card_text
from hclarity.registry.cards import (
    CARD_FILE,
    Argument,
    ModelCard,
    Weights,
    require_safe_name,
)
from hclarity.registry.copying import carded_model, copy_model, whole_or_not
from hclarity.registry.filling import fill_model
from hclarity.registry.models import available_models, find_card, user_models
from hclarity.registry.quoting import printable
from hclarity.registry.whole_files import write_whole

if TYPE_CHECKING:  # torch takes seconds to load, and a wrong word on the command line none
    from hclarity.nets.traits import Traits
    from hclarity.registry.upstream.published import Published

__all__ = ["import_model"]

_WEIGHTS_FILE = "weights.safetensors"
# Of all that is published for these nets, where the file does not say otherwise.
_SAMPLE_RATE = 44100
_CHANNELS = 2


@dataclass(frozen=True)
class _Habit:
    """How a net is spoken to by the program that its weights come from."""

    level: str
    overlap: float
    chunk_seconds: float  # unless the net takes one length only
    stems: tuple[str, ...] = ()  # of files that have as many, and do not name them


_HABITS: Mapping[str, _Habit] = {
    "hdemucs": _Habit(
        level="deviation",
        overlap=0.1,
        chunk_seconds=10.0,
        stems=("drums", "bass", "other", "vocals"),
    ),
    "convtasnet": _Habit(level="-40 LUFS", overlap=0.1, chunk_seconds=10.0),
    "bsrnn": _Habit(level="peak", overlap=0.1, chunk_seconds=10.0),
    "bsrnn-stereo": _Habit(level="deviation", overlap=0.5, chunk_seconds=10.0),
}


def import_model(source: Path, name: str, *, stems: Sequence[str] | None = None) -> Path:
    """Make a model of weights, whole or not at all.

    A file that a card beside it names, and a model's folder, are copied as they are. Where there
    is a model of this name already, the file must be its official weights (`fill_model`).

    Args:
        source: the file, a Hugging Face folder, or a model's folder.
        name: of the model; its folder lies in `user_models`.
        stems: their names in the order of the output, where the file does not tell, or otherwise.

    Returns:
        The new model's card; or the file of weights that the model of this name has got.

    Raises:
        UsageError: for a name that is taken or cannot be one, and for stems that are not known or
            not as many as the file has.
        MissingInputError: when the file is not there or may not be read.
        BadDataError: when it is broken, brings code, or holds no weights that can be read.
        ConfigurationError: for a card beside the file that has a mistake, or says otherwise.
        CannotCreateError: when the model's folder cannot be made.
        StorageError: when the disk is full or fails.
    """
    try:
        require_safe_name("a model", name)
    except ConfigurationError as error:
        raise UsageError(str(error)) from error
    _require_undamaged(source)
    if name in available_models():
        return fill_model(find_card(name), source, stems)
    folder = user_models() / name
    carded = carded_model(source)
    if carded is not None:
        return copy_model(*carded, folder, stems)
    return _made(source, folder, stems)


def _require_undamaged(source: Path) -> None:
    """Refuse a torch file whose bytes are not those that were written; torch does not look."""
    for file in [source] if source.is_file() else source.glob("*.bin"):
        if not zipfile.is_zipfile(file):
            continue
        try:
            with zipfile.ZipFile(file) as archive:
                if any(part.compress_type != zipfile.ZIP_STORED for part in archive.infolist()):
                    continue  # could be of any size when unpacked; the reader refuses it
                damaged = archive.testzip()
        except Exception:  # the reader proper will tell what is wrong with it
            continue
        if damaged:
            raise BadDataError(f"{file} is damaged: the checksum of a part differs; get it again")


def _made(source: Path, folder: Path, stems: Sequence[str] | None) -> Path:
    """Make a model of weights about which nothing is known but what the file tells."""
    from hclarity.registry.upstream.layouts import read_published
    from hclarity.registry.upstream.own import packed

    candidate = _Candidate(source, read_published(source))
    try:
        traits = candidate.traits_with(candidate.stems(stems))
        content = packed(candidate.with_all_told(traits))
    except BadDataError as error:
        raise BadDataError(f"{source}: {error}") from error
    card = candidate.card(folder, traits, content)
    with whole_or_not(folder) as claim:
        write_whole(claim(_WEIGHTS_FILE), content)
        write_whole(folder / CARD_FILE, card_text(card).encode())
    return folder / CARD_FILE


@dataclass(frozen=True)
class _Candidate:
    """Weights that are to become a model.

    Args:
        source: where they come from.
        published: what was read there.
    """

    source: Path
    published: "Published"

    @property
    def habit(self) -> _Habit:
        return _HABITS[self.published.net]

    @property
    def usual_stems(self) -> tuple[str, ...] | None:
        fit = len(self.habit.stems) == self.published.stem_count
        return self.habit.stems if fit else None

    @property
    def arguments(self) -> dict[str, Argument]:
        """What the file tells of its net, and what is assumed where it is silent."""
        return {**self.published.assumed, **self.published.arguments}

    def stems(self, given: Sequence[str] | None) -> tuple[str, ...]:
        """Return the names of the stems: as given, as the file tells, or as usual."""
        names = tuple(given) if given is not None else self.published.stems or self.usual_stems
        if names is None:
            count = self.published.stem_count
            self.traits_with(tuple(f"stem{number}" for number in range(count)))  # or it is broken
            raise UsageError(
                f"{self.source} does not name its stems, of which there are {count};"
                " give --stems a,b,..."
            )
        return names

    def traits_with(self, stems: tuple[str, ...]) -> "Traits":
        """Return the traits of the net with these stems, if they are as many as it has."""
        count = self.published.stem_count
        if len(stems) != count:
            raise UsageError(
                f"{self.source} has {count} stems, got {', '.join(stems) or 'none'};"
                " name them all with --stems"
            )
        from hclarity.registry.nets import require_fitting, sketch_net

        try:
            sketch = sketch_net(
                self.published.net,
                stems,
                sample_rate=self.published.sample_rate or _SAMPLE_RATE,
                channels=self.published.channels or _CHANNELS,
                arguments=self.arguments,
            )
        except ConfigurationError as error:  # they come from the file
            raise BadDataError(str(error)) from error
        require_fitting(sketch, self.published.state)
        return sketch.traits

    def with_all_told(self, traits: "Traits") -> "Published":
        """Return the weights with all that the model's card will say of them."""
        return replace(
            self.published,
            arguments=self.arguments,
            stems=traits.stems,
            sample_rate=traits.sample_rate,
            channels=traits.channels,
        )

    def card(self, folder: Path, traits: "Traits", content: bytes) -> ModelCard:
        """Return the model's card: how to speak to the net, and all that is known of it."""
        file, habit = printable(self.source.name), self.habit
        seconds = habit.chunk_seconds
        if traits.longest is not None:
            seconds = traits.longest / traits.sample_rate
        weights = Weights(
            file=_WEIGHTS_FILE,
            sha256=hashlib.sha256(content).hexdigest(),
            licence="not stated",
            trained_on=(f"imported from {file}",),
            seen=(),
            bytes=len(content),
            arguments=self.arguments,
        )
        try:
            return ModelCard(
                name=folder.name,
                title=file,
                description=" ".join([f"Imported from {file}.", *self._assumed(traits)]),
                net=self.published.net,
                stems=traits.stems,
                sample_rate=traits.sample_rate,
                channels=traits.channels,
                chunk_seconds=seconds,
                overlap=habit.overlap,
                stride=traits.stride,
                level=habit.level,
                weights={"official": weights},
                folder=folder,
            )
        except ConfigurationError as error:
            raise UsageError(f"{error}; give --stems a,b,...") from error

    def _assumed(self, traits: "Traits") -> Iterator[str]:
        """Say what the file does not tell, if there is anything."""
        assumed = [f"{name} {value}" for name, value in self.published.assumed.items()]
        if self.published.sample_rate is None:
            assumed.append(f"sample rate {traits.sample_rate}")
        if self.published.channels is None:
            assumed.append(f"channels {traits.channels}")
        if self.published.stems is None and traits.stems == self.usual_stems:
            assumed.append(f"stems {' '.join(traits.stems)}")
        if assumed:
            yield f"Assumed: {', '.join(assumed)}."
