"""The data sets that are known by name, and how their songs are found."""

from collections.abc import Mapping
from pathlib import Path

from hclarity.datasets import ensembles, folders, musdb
from hclarity.datasets.data_set import DataSet
from hclarity.datasets.diagnosis import why_none
from hclarity.datasets.tracks import Track
from hclarity.errors import MissingInputError, UsageError

__all__ = ["DATASETS", "data_set", "open_tracks"]

_CADENZA = "audio/SPLIT/PIECE/[Mix_1/]INSTRUMENT.flac"

DATASETS: Mapping[str, DataSet] = {
    known.name: known
    for known in (
        DataSet(
            name="musdb",
            title="MUSDB18-HQ",
            find=musdb.find_wav_folders,
            layout="{train,test}/ARTIST - TITLE/{mixture,drums,bass,other,vocals}.wav",
            splits={"train": 86, "valid": 14, "test": 50},
            more_splits=False,
            page="https://zenodo.org/records/3338373",
            licence="for research and education only; each song has a licence of its own",
            size=22.7,
            stems=musdb.STEMS,
            find_bare=folders.find_bare,
        ),
        DataSet(
            name="musdb18",
            title="MUSDB18",
            find=musdb.find_stem_files,
            layout="{train,test}/ARTIST - TITLE.stem.mp4",
            splits={"train": 86, "valid": 14, "test": 50},
            more_splits=False,
            page="https://zenodo.org/records/1117372",
            licence="for research and education only; each song has a licence of its own",
            size=4.7,
            stems=musdb.STEMS,
            mixture_error_db=-15.0,  # each stem and the mixture went through AAC on their own
        ),
        DataSet(
            name="ensembleset",
            title="EnsembleSet",
            find=ensembles.find_strings,
            layout=f"{_CADENZA} (as the Cadenza recipe lays it out) or"
            " EnsembleSet/PIECE/Mix_1/INSTRUMENT.flac",
            splits={"train": None, "valid": None},
            page="https://zenodo.org/records/6519024",
            licence="CC BY-NC 4.0",
            size=5.2,
        ),
        DataSet(
            name="woodwind",
            title="CadenzaWoodwind",
            find=ensembles.find_woodwinds,
            layout=f"{_CADENZA} (as the Cadenza recipe lays it out) or"
            " CadenzaWoodwind/PIECE/INSTRUMENT.flac",
            splits={"train": None, "valid": None},
            page="https://zenodo.org/records/12664932",
            licence="CC BY 4.0 and CC BY-NC 4.0 are both said of it: ask its authors",
            size=7.5,
        ),
        DataSet(
            name="folder",
            title="your own",
            find=folders.find_tracks,
            layout="SPLIT/TRACK/STEM.wav or .flac, with stems of any names",
            splits={"train": None, "valid": None, "test": None},
            same_stems=True,
            find_bare=folders.find_bare,
        ),
    )
}


def data_set(name: str) -> DataSet:
    """Return a data set by its name.

    Raises:
        UsageError: when there is none of that name.
    """
    if name not in DATASETS:
        raise UsageError(f"no data set named {name!r}; there are {', '.join(DATASETS)}")
    return DATASETS[name]


def open_tracks(name: str, root: Path, split: str) -> list[Track]:
    """Find the songs of a split of a data set, in an order that never changes.

    Files are looked for, not into.

    Args:
        name: one of `DATASETS`.
        root: the folder that it lies in.
        split: such as "train", "valid" or "test".

    Raises:
        UsageError: when there is no such data set, or it has no such split.
        MissingInputError: when there are no songs, or some without all their stems; says what was
            expected, what is there, and where to get the set.
    """
    known = data_set(name)
    if split not in known.splits and not known.more_splits:
        raise UsageError(f"{known.title} has no split {split!r}, only {', '.join(known.splits)}")
    tracks = known.find(root, split)
    if not tracks or any(known.missing(track) for track in tracks):
        others = [other for other in DATASETS.values() if other is not known]
        raise MissingInputError(why_none(known, root, split, tracks, others))
    return tracks
