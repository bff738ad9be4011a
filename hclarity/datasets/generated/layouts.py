"""Generated songs, written in the layouts of the data sets that they stand in for."""

import json
import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hclarity.audio.values import Stems
from hclarity.datasets.generated.casting import Casting
from hclarity.datasets.generated.ensembles import Family, generate_ensemble
from hclarity.datasets.generated.songs import Tier, generate_song
from hclarity.datasets.writing import write_song
from hclarity.errors import BadDataError
from hclarity.registry.whole_files import make_folder, write_whole

__all__ = ["Layout", "Order", "generate_all", "write_metadata"]

Layout = Literal["musdb", "ensembleset", "woodwind"]

_FAMILIES: dict[str, Family] = {"ensembleset": "strings", "woodwind": "woodwinds"}
_NAMES = {"musdb": "song", "ensembleset": "strings", "woodwind": "winds"}
_TITLES = {"ensembleset": "EnsembleSet", "woodwind": "CadenzaWoodwind"}


@dataclass(frozen=True)
class Order:
    """One song to be made.

    Args:
        root: of the data set.
        layout: of that data set, which also tells who plays.
        split: such as "train".
        seed: the song's number, and in its name.
        seconds: its length.
        tier: how it is played.
        casting: by whom.
    """

    root: Path
    layout: Layout
    split: str
    seed: int
    seconds: float
    tier: Tier
    casting: Casting = "training"

    @property
    def name(self) -> str:
        """Of the song."""
        return f"{_NAMES[self.layout]}{self.seed:04d}"

    @property
    def folder(self) -> Path:
        """Where its files go."""
        if self.layout == "musdb":
            return self.root / self.split / self.name
        song = self.root / "audio" / self.split / self.name
        return song / "Mix_1" if self.layout == "ensembleset" else song

    def fill(self) -> None:
        """Make the song, and write it whole or not at all; raises what both do."""
        stems = self._song()
        if self.layout == "musdb":
            write_song(stems, self.folder)
        else:
            write_song(stems, self.folder, mixture=f"mix_{self.name}", lossless="flac")

    def _song(self) -> Stems:
        if self.layout == "musdb":
            return generate_song(self.seed, self.seconds, self.tier, self.casting)
        family = _FAMILIES[self.layout]
        return generate_ensemble(self.seed, self.seconds, family, self.tier, self.casting)


def generate_all(orders: Sequence[Order], jobs: int) -> Iterator[Order]:
    """Fill orders, several at a time, and yield each when it is done.

    Args:
        orders: what to make; songs whose folder is there are not among them.
        jobs: processes; a song is the same in each.

    Raises:
        UnavailableError: when the rich tier lacks something.
        CannotCreateError: when a folder cannot be made.
        StorageError: when the disk is full or fails.
    """
    if min(jobs, len(orders)) <= 1:
        yield from map(_filled, orders)
        return
    # Leaving the pool ends its processes, which then clear away what is unfinished.
    fresh = multiprocessing.get_context("spawn")
    with fresh.Pool(min(jobs, len(orders)), initializer=_obey_only_the_pool) as pool:
        yield from pool.imap_unordered(_filled, orders)


def _filled(order: Order) -> Order:
    order.fill()
    main = multiprocessing.parent_process()
    if main is not None and not main.is_alive():
        raise SystemExit(1)  # nobody is left to tell, and trying would end in a traceback
    return order


def _obey_only_the_pool() -> None:
    """Leave Ctrl-C to the main process, and clean up when that ends this one."""

    def leave(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, leave)


def write_metadata(orders: Sequence[Order]) -> None:
    """List finished songs in ``metadata/music_tracks.SPLIT.json``, beside those listed before.

    Only EnsembleSet and CadenzaWoodwind have such a list.

    Args:
        orders: all of one root, layout and split.

    Raises:
        BadDataError: when the file that is there cannot be read.
        CannotCreateError: when it cannot be written.
        StorageError: when the disk is full or fails.
    """
    if orders[0].layout not in _TITLES:
        return
    path = orders[0].root / "metadata" / f"music_tracks.{orders[0].split}.json"
    songs = {**_read(path), **{order.name: _entry(order) for order in orders}}
    make_folder(path.parent)
    write_whole(path, json.dumps(songs, indent=4).encode())


def _read(path: Path) -> dict[str, object]:
    if not path.is_file():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        raise BadDataError(f"{path} cannot be read as JSON; move it away") from None


def _entry(order: Order) -> dict[str, object]:
    base = order.root / "audio" / order.split
    files = sorted(path.relative_to(base).as_posix() for path in order.folder.glob("*.flac"))
    (mixture,) = [file for file in files if Path(file).name.startswith("mix_")]
    return {
        "dataset": _TITLES[order.layout],
        "stems_path": [file for file in files if file != mixture],
        "mixture_path": mixture,
    }
