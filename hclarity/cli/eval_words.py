"""What is typed after `hclarity eval`, as values; what makes no sense is refused."""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from hclarity.batch.shards import parse_shard
from hclarity.datasets.catalogue import data_set, open_tracks
from hclarity.datasets.tracks import Track
from hclarity.errors import MissingInputError, UsageError
from hclarity.hearing.audiogram import Listener
from hclarity.registry.cards import ModelCard
from hclarity.registry.models import available_models, find_card
from hclarity.registry.spelling import did_you_mean
from hclarity.remixing.presets import DEFAULT_PRESET, preset_gains
from hclarity.remixing.stem_gains import Balance, StemGains, parse_gains

__all__ = [
    "WantedSongs",
    "wanted_balance",
    "wanted_estimates",
    "wanted_listeners",
    "wanted_metrics",
    "wanted_models",
    "wanted_songs",
]

METRICS = ("usdr", "csdr", "sisdr", "haaqi")
STANDARD = "standard"
_MUSDB_PATH = "MUSDB_PATH"  # as the package musdb has it


@dataclass(frozen=True)
class WantedSongs:
    """Songs that score, and where they come from."""

    dataset: str
    title: str
    split: str
    tracks: Sequence[Track]


def wanted_songs(
    name: str, root: Path | None, split: str | None, limit: int | None, shard: str | None = None
) -> WantedSongs:
    """Find the songs of a split of a data set, or those of a share of it.

    Raises:
        UsageError: for a data set or split that does not exist, or without a root.
        MissingInputError: when there are none.
    """
    known = data_set(name)
    wanted = split or ("test" if "test" in known.splits else "valid")
    share = None if shard is None else parse_shard(shard)
    tracks = open_tracks(name, root or _root_of(name, wanted), wanted)[:limit]
    ours = [track for track in tracks if share is None or share.holds(track.name)]
    return WantedSongs(name, known.title, wanted, ours)


def _root_of(name: str, split: str) -> Path:
    """Where a data set is said to be by others than the user."""
    known = data_set(name)
    path = os.environ.get(_MUSDB_PATH)
    if path and name.startswith("musdb"):
        return Path(path)
    ways = ["give --root DIR"]
    ways += [f"set {_MUSDB_PATH}"] if name.startswith("musdb") else []
    ways += [f"get it at {known.page}"] if known.page else []
    layout = "" if name in ("folder", "musdb18") else f" --layout {name}"
    made = f"hclarity dataset generate DIR --split {split}{layout}"
    ways += [f"or generate songs like it: {made}"] if name != "musdb18" else []
    raise UsageError(f"where is {known.title} ({known.layout})? {', '.join(ways)}")


def wanted_metrics(
    words: str | None, listeners: str | None, protocol: str | None
) -> tuple[str, ...]:
    """Return the metrics, in the order of `METRICS`.

    Raises:
        UsageError: for one that there is not, or HAAQI without listeners or the other way round.
    """
    if protocol:
        if words:
            raise UsageError(f"--protocol {protocol} scores by haaqi: leave out --metrics")
        return ("haaqi",)
    if words is None:
        return METRICS[:2] + (("haaqi",) if listeners else ())
    names = [word.strip().lower() for word in words.split(",") if word.strip()]
    for name in names or [words]:
        if name not in METRICS:
            hint = did_you_mean(name, METRICS) or f"; there are {', '.join(METRICS)}"
            raise UsageError(f"no metric named {name!r}{hint}")
    if "haaqi" in names and not listeners:
        raise UsageError("haaqi needs somebody who listens: give --listeners FILE or standard")
    if listeners and "haaqi" not in names:
        raise UsageError("--listeners needs haaqi among the --metrics")
    return tuple(name for name in METRICS if name in names)


def wanted_listeners(words: str | None, ids: Collection[str] | None) -> tuple[Listener, ...]:
    """Return who listens.

    Args:
        words: a file, or "standard".
        ids: only these of them; by default all.

    Raises:
        UsageError: for somebody who is not among them.
        HclarityError: as `read_listeners` does.
    """
    if words is None:
        return ()
    from hclarity.hearing.formats.reading import read_listeners
    from hclarity.hearing.standard import STANDARD_LISTENERS

    standard = words == STANDARD and not os.path.exists(words)
    found = (
        STANDARD_LISTENERS.values() if standard else [one.listener for one in read_listeners(words)]
    )
    everybody = [replace(one, name=one.name or Path(words).stem) for one in found]
    names = [listener.name for listener in everybody]
    for name in ids or ():
        if name not in names:
            raise UsageError(f"no listener {name!r} in {words}{did_you_mean(name, names)}")
    return tuple(one for one in everybody if not ids or one.name in ids)


def wanted_balance(preset: str | None, gains: Sequence[str] | None) -> Balance:
    """Return what gains the stems get in the remix that listeners hear.

    By default those of `hclarity remix`, where a song has stems that they are for.

    Raises:
        UsageError: for gains that cannot be.
    """
    if preset is not None and gains:
        raise UsageError("give --preset or --gain, not both")
    if gains:
        given = parse_gains(gains)
        return partial(_named, given)
    return partial(preset_gains, preset) if preset else _default_gains


def _named(gains: StemGains, stems: Collection[str]) -> StemGains:
    """Gains for the stems of a song, which must be there."""
    for stem in gains:
        if stem not in stems:
            raise UsageError(f"no stem {stem!r} to give a gain; there are {', '.join(stems)}")
    return gains


def _default_gains(stems: Collection[str]) -> StemGains:
    try:
        return preset_gains(DEFAULT_PRESET, stems)
    except UsageError:  # strings and winds
        return StemGains({})


def wanted_models(words: Sequence[str]) -> tuple[tuple[str, tuple[ModelCard, ...]], ...]:
    """Return names of rows, and the cards of their models: ``[NAME=]MODEL`` or ``…+MODEL+…``.

    Raises:
        UsageError: for a name that is none.
        HclarityError: as `find_card` does.
    """
    return tuple(_model(word) for word in words)


def _model(word: str) -> tuple[str, tuple[ModelCard, ...]]:
    name, equals, models = word.partition("=")
    if not equals or word in available_models() or os.path.exists(word):
        name, models = "", word
    elif not _is_name(name):
        raise UsageError(f"--model {word}: name it, as NAME=MODEL")
    whole = models in available_models() or os.path.exists(models)
    cards = tuple(map(find_card, [models] if whole else models.split("+")))
    return name.strip() or "+".join(card.name for card in cards), cards


def _is_name(name: str) -> bool:
    return bool(name.strip()) and name.isprintable()


def wanted_estimates(words: Sequence[str] | None) -> tuple[tuple[str, Path], ...]:
    """Return names and folders of estimates: ``NAME=DIR``, or a folder named after itself.

    Raises:
        UsageError: for a name that is none.
        MissingInputError: for a folder that is not there.
    """
    found = []
    for word in words or ():
        name, equals, place = word.partition("=")
        if not equals or os.path.exists(word):
            name, place = Path(word).resolve().name, word
        folder = Path(place)
        if not place:
            raise UsageError("--estimates: where are they? give [NAME=]DIR")
        if not _is_name(name):
            raise UsageError(f"--estimates {word}: name them, as NAME=DIR")
        if not folder.is_dir():
            raise MissingInputError(f"no folder of estimates at {folder}")
        found.append((name.strip(), folder))
    return tuple(found)
