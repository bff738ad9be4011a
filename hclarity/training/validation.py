"""How near a net comes to the true stems of whole songs."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from hclarity.audio.values import Audio, Samples
from hclarity.datasets.tracks import Track
from hclarity.metrics.sdr import usdr
from hclarity.nets.separation_net import SeparationNet
from hclarity.registry.cards import Contract
from hclarity.separation.separator import separate
from hclarity.training.processes import Fabric, summed
from hclarity.training.recipe import Recipe
from hclarity.training.sources import Sources

__all__ = ["Validation", "contract_of", "mean_score"]


@dataclass(frozen=True)
class Validation:
    """The songs that judge a training, and how they are heard.

    Args:
        tracks: the songs.
        sources: of which items are made.
        contract: how the net wants to be spoken to.
        seconds: of each song; 0 for all of it.
    """

    tracks: Sequence[Track]
    sources: Sources
    contract: Contract
    seconds: float = 0.0

    def scores(
        self,
        net: SeparationNet,
        fabric: Fabric,
        report: Callable[[int], None],
        stopped: Callable[[], bool],
    ) -> dict[str, float] | None:
        """Return the mean uSDR of each stem in dB, over the songs in which it is heard.

        Every process separates its share of the songs.

        Args:
            net: in evaluation mode.
            fabric: where it computes.
            report: called after each song, with how many of this process's are done.
            stopped: whether to give up.

        Returns:
            None when some process gave up.
        """
        stems = self.sources.stems
        sums = np.zeros((2, len(stems)))  # of scores, and of songs
        gave_up = False
        for done, track in enumerate(self.tracks[fabric.global_rank :: fabric.world_size], 1):
            if gave_up := stopped():
                break
            for stem, score in self._scored(net, track, fabric.device).items():
                sums[:, stems.index(stem)] += score, 1
            report(done)
        *told, gave_up_at_all = summed(fabric, [*sums.ravel(), float(gave_up)])
        if gave_up_at_all:
            return None
        found = zip(stems, *np.reshape(told, sums.shape).tolist(), strict=True)
        return {stem: total / songs for stem, total, songs in found if songs}

    def _scored(
        self, net: SeparationNet, track: Track, device: torch.device
    ) -> Mapping[str, float]:
        frames = track.frames
        if self.seconds:
            frames = min(frames, round(self.seconds * track.sample_rate))
        truth = self.sources.wanted({name: track.read(name, 0, frames) for name in track.names})
        mixture = Audio(track.read_mixture(0, frames), track.sample_rate)
        estimates = separate(mixture, net, self.contract, device=str(device))
        return {
            stem: usdr(true, estimates[stem].samples)
            for stem, true in truth.items()
            if _is_heard(true)
        }


def mean_score(scores: Mapping[str, float]) -> float:
    """Mean over stems; what no song has does not count."""
    return sum(scores.values()) / len(scores) if scores else -math.inf


def contract_of(net: SeparationNet, recipe: Recipe) -> Contract:
    """Return how a net wants to be spoken to: what it says of itself, and how it is trained.

    Raises:
        ConfigurationError: for what no net can live with.
    """
    traits, model = net.traits, recipe.model
    seconds = model.chunk_seconds or recipe.data.crop_seconds
    if traits.longest is not None:
        seconds = min(seconds, traits.longest / traits.sample_rate)
    return Contract(
        stems=traits.stems,
        sample_rate=traits.sample_rate,
        channels=traits.channels,
        chunk_seconds=seconds,
        overlap=model.overlap,
        stride=traits.stride,
        level=model.level or recipe.augmentation.level,
    )


def _is_heard(stem: Samples) -> bool:
    return bool(np.abs(stem).max(initial=0) > 0)
