"""Training items by number, read by other processes while the net learns.

Item ``i`` of a training is drawn from ``numpy.random.default_rng((seed, i))`` alone, so it is the
same in every run. Step ``s``, micro-batch ``m``, process ``r`` and place ``k`` in its batch give
``i = ((s * accumulate + m) * processes + r) * batch + k``: whatever the number of processes, a step
is made of the same items.
"""

import os
import signal
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, default_collate

from hclarity.audio.values import Samples
from hclarity.datasets.tracks import Track
from hclarity.errors import ConfigurationError, HclarityError, UnavailableError
from hclarity.training.activity import SEGMENT_SECONDS, Activity
from hclarity.training.augmentations import Drawn, draw, frames_read
from hclarity.training.recipe import Recipe
from hclarity.training.sources import Sources

__all__ = ["Batch", "Crops", "Share", "batches"]

Batch = tuple[Tensor, dict[str, Tensor]]
"""Sources ``[batch, sources, channels, frames]``, and what was drawn for them."""


class Crops(Dataset[tuple[Samples, Drawn]]):
    """All items of a training.

    Args:
        tracks: to draw from.
        sources: of which an item is made.
        recipe: how.
        active: where to draw from, if not from everywhere.
    """

    def __init__(
        self,
        tracks: Sequence[Track],
        sources: Sources,
        recipe: Recipe,
        active: Activity | None = None,
    ) -> None:
        self._tracks = list(tracks)
        self._names = sources.names
        self._recipe = recipe
        self._active = active
        self._frames = frames_read(recipe.augmentation, recipe.crop)
        self._having = {name: self._tracks_with(name) for name in sources.names}
        scored = {part for stem in sources.stems for part in sources.parts(stem)}
        self._scored = [track for track in self._tracks if scored & set(track.names)]

    def __getitems__(self, numbers: list[int]) -> "list[tuple[Samples, Drawn]] | HclarityError":
        """Return a batch; or why there is none, which so comes out of a process as it went in."""
        try:
            return [self[number] for number in numbers]
        except HclarityError as error:
            return error

    def __getitem__(self, number: int) -> tuple[Samples, Drawn]:
        rng = np.random.default_rng((self._recipe.seed, number))
        coherent = rng.random() < self._recipe.data.coherent
        song = self._scored[int(rng.integers(len(self._scored)))]
        channels = self._recipe.channels
        sources = np.zeros((len(self._names), channels, self._frames), np.float32)
        places = self._one_place(song, rng) if coherent else self._places(song, rng)
        for name, (track, start) in places.items():
            frames = min(self._frames, track.frames - start)
            sources[self._names.index(name), :, :frames] = track.read(name, start, frames)
        return sources, draw(self._recipe.augmentation, self._names, rng)

    def _tracks_with(self, name: str) -> list[Track]:
        """The songs that have a stem, and where one can be told, have it heard."""
        having = [track for track in self._tracks if name in track.names]
        heard = [track for track in having if self._active and self._active[track.name].get(name)]
        return heard or having

    def _one_place(self, song: Track, rng: np.random.Generator) -> dict[str, tuple[Track, int]]:
        """All stems of a song from one place, at which some stem is heard."""
        start = self._start(song, song.names[int(rng.integers(len(song.names)))], rng)
        return dict.fromkeys(song.names, (song, start))

    def _places(self, song: Track, rng: np.random.Generator) -> dict[str, tuple[Track, int]]:
        """Stems as a song has them, each from a song of its own."""
        places = {}
        for name in song.names:
            having = self._having[name]
            track = having[int(rng.integers(len(having)))]
            places[name] = track, self._start(track, name, rng)
        return places

    def _start(self, track: Track, name: str, rng: np.random.Generator) -> int:
        """The first frame of a crop."""
        active = self._active[track.name].get(name) if self._active else None
        if active:
            segment = round(SEGMENT_SECONDS * self._recipe.sample_rate)
            first = active[int(rng.integers(len(active)))]
            last = min(first + segment, track.frames) - self._frames
        else:
            first, last = 0, track.frames - self._frames
        return first + int(rng.integers(max(1, last - first + 1)))


@dataclass(frozen=True)
class Share:
    """Which of the items of each step are one process's, and in how many micro-batches.

    Args:
        rank: of the process.
        processes: how many there are.
        batch: items of a step, over all of them.
        accumulate: micro-batches of a step.

    Raises:
        ConfigurationError: when a batch cannot be cut so.
    """

    rank: int
    processes: int
    batch: int
    accumulate: int

    def __post_init__(self) -> None:
        if self.batch % (self.processes * self.accumulate):
            raise ConfigurationError(
                f"a batch of {self.batch} items cannot be shared by {self.processes} processes in"
                f" {self.accumulate} micro-batches each; change run.batch or run.accumulate"
            )

    def numbers(self, step: int, micro: int) -> list[int]:
        """Return the items of a micro-batch of a step; both count from 0."""
        own = self.batch // (self.processes * self.accumulate)
        first = ((step * self.accumulate + micro) * self.processes + self.rank) * own
        return list(range(first, first + own))


@dataclass(frozen=True)
class _Order:
    """The items of all micro-batches, in the order of the training."""

    share: Share
    first_step: int
    steps: int

    def __iter__(self) -> Iterator[list[int]]:
        for step in range(self.first_step, self.steps):
            for micro in range(self.share.accumulate):
                yield self.share.numbers(step, micro)

    def __len__(self) -> int:
        return (self.steps - self.first_step) * self.share.accumulate


def batches(
    crops: Crops, share: Share, *, first_step: int, steps: int, workers: int, pin: bool = False
) -> Generator[Batch, None, None]:
    """Yield this process's micro-batches of all steps from ``first_step`` (counted from 0) on.

    Close it, and the processes that read end.

    Args:
        crops: the items.
        share: which of them are this process's.
        first_step: the first.
        steps: of the whole training.
        workers: processes that read; 0 to read in this one.
        pin: keep them where a GPU fetches them from.

    Raises:
        HclarityError: when a song cannot be read.
        UnavailableError: when a reading process was killed.
    """
    loader = DataLoader(
        crops,
        batch_sampler=_Order(share, first_step, steps),
        num_workers=workers,
        prefetch_factor=4 if workers else None,
        pin_memory=pin,
        collate_fn=_stacked,
        worker_init_fn=_begin_worker,
    )
    try:
        for batch in loader:
            if isinstance(batch, HclarityError):
                raise batch
            yield batch
    except RuntimeError as error:
        if "DataLoader worker" not in str(error):
            raise
        raise UnavailableError(
            "a process that reads songs has ended, maybe for lack of memory: try fewer --workers"
        ) from error


def _stacked(items: "list[tuple[Samples, Drawn]] | HclarityError") -> "Batch | HclarityError":
    """Make a batch of items; an error stays as it is."""
    return items if isinstance(items, HclarityError) else default_collate(items)


def _begin_worker(_: int) -> None:
    """Let the learning process alone decide when to end; and leave it the cores.

    A signal to the whole group asks that process to end, which still needs its items. Without it,
    torch's watchdog ends this one.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if number := getattr(signal, name, None):  # Windows has no SIGHUP
            signal.signal(number, signal.SIG_IGN)
    torch.set_num_threads(1)
    if hasattr(os, "nice"):
        os.nice(1)
