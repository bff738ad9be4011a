"""Rows of our own making: a model, or several that have an instrument each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from hclarity.audio.values import Audio, Samples
from hclarity.evaluation.digests import digest_of_values
from hclarity.evaluation.rows import Kind
from hclarity.evaluation.songs import Song
from hclarity.evaluation.truths import is_sum, truth_sources
from hclarity.registry.cards import ModelCard
from hclarity.registry.weights import ResolvedWeights
from hclarity.separation.naming import rest_name

if TYPE_CHECKING:
    from hclarity.nets.separation_net import SeparationNet

__all__ = ["JoinedRow", "ModelRow", "has_seen"]

_SAME_SONGS = {"musdb18": "musdb"}  # in another coding


@dataclass(frozen=True)
class ModelRow:
    """A model, loaded when it first separates, once in each process.

    Args:
        name: as the table has it.
        card: of the model.
        weights: those that it has.
        device: where it computes.
        digest: of weights and net, and of how they are used.
        seen: whether it was trained on the songs that are to score it.
    """

    name: str
    card: ModelCard
    weights: ResolvedWeights
    device: str
    digest: str
    seen: bool
    kind: Kind = field(default="model", init=False)
    enhanced: Path | None = field(default=None, init=False)

    @property
    def stems(self) -> tuple[str, ...]:
        """That it estimates."""
        return self.card.of(self.weights.variant).stems

    def digest_of(self, song: Song) -> str:
        """Return the model's digest, for it hears nothing but the song."""
        return self.digest

    def files_of(self, song: Song) -> Mapping[Path, str]:
        """Return none: it hears nothing but the song."""
        return {}

    def estimate(self, song: Song) -> Mapping[str, Samples]:
        """Separate a song; nothing is computed for one that has none of the model's stems."""
        from hclarity.separation.separator import separate

        spoken = self.card.of(self.weights.variant)
        if not any(truth_sources(song.track.names, self.stems).values()):
            return {}
        audio = Audio(song.mixture, song.sample_rate)
        stems = separate(audio, self._net, spoken, device=self.device)
        return {stem: stems[stem].samples for stem in self.stems}

    @cached_property
    def _net(self) -> "SeparationNet":
        from hclarity.registry.nets import load_net

        return load_net(self.card, self.weights)


@dataclass(frozen=True)
class JoinedRow:
    """Several models as one separator, such as those for each instrument of an ensemble.

    Of the models, only those separate a song that have one of its stems. What a model says of all
    else, its ``accompaniment``, becomes ``no_STEM`` where it has one stem beside.

    Args:
        name: as the table has it.
        models: each with stems of its own; where several have one, the first is asked.
    """

    name: str
    models: tuple[ModelRow, ...]
    kind: Kind = field(default="model", init=False)
    enhanced: Path | None = field(default=None, init=False)

    @property
    def stems(self) -> tuple[str, ...]:
        """That any of them estimates."""
        named = [name for model in self.models for name in _names_among_others(model).values()]
        return tuple(dict.fromkeys(named))

    @property
    def seen(self) -> bool:
        """Whether any was trained on the songs."""
        return any(model.seen for model in self.models)

    @property
    def digest(self) -> str:
        """Of all, in order."""
        return digest_of_values([model.digest for model in self.models])

    def digest_of(self, song: Song) -> str:
        """Return their digest, for they hear nothing but the song."""
        return self.digest

    def files_of(self, song: Song) -> Mapping[Path, str]:
        """Return none: it hears nothing but the song."""
        return {}

    def estimate(self, song: Song) -> Mapping[str, Samples]:
        """Separate a song with those that have stems of it."""
        stems: dict[str, Samples] = {}
        for model in self.models:
            names = _names_among_others(model)
            if any(name in song.track.names and name not in stems for name in names.values()):
                estimates = model.estimate(song)
                stems = {names[stem]: sound for stem, sound in estimates.items()} | stems
        return stems


def _names_among_others(model: ModelRow) -> dict[str, str]:
    """What the stems of a model are called beside those of others."""
    own = [stem for stem in model.stems if not is_sum(stem)]
    rest = rest_name(own[0]) if len(own) == 1 else ""
    return {stem: rest if rest and is_sum(stem) else stem for stem in model.stems}


def has_seen(card: ModelCard, weights: ResolvedWeights, dataset: str, split: str) -> bool:
    """Whether a model was trained on the songs of a split of a data set, as far as its card says.

    MUSDB's validation songs are some of those in its folder ``train``.
    """
    name = _SAME_SONGS.get(dataset, dataset)
    places = {f"{name}/{split}"}
    if name == "musdb" and split == "valid":
        places.add("musdb/train")
    return bool(places & set(card.weights[weights.variant].seen))
