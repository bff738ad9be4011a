"""Look through a song's files for what would spoil a training or an evaluation.

Everything is read once, block by block, all files of a song side by side: memory does not grow with
their length.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from math import log10
from typing import Literal

import numpy as np

from hclarity.audio.values import Samples
from hclarity.datasets.data_set import DataSet
from hclarity.datasets.tracks import Sound, Track
from hclarity.errors import BadDataError, MissingInputError

__all__ = ["Finding", "Kind", "check_track"]

Kind = Literal[
    "missing", "twice", "unreadable", "silent", "clipped", "rate", "channels", "length", "sum"
]

_BLOCK = 65536  # frames
_SILENCE = 1e-4  # of full scale: what never rises above -80 dBFS is no stem
_FULL_SCALE = 1 - 2**-14  # from here up samples stand at the limit of 16 bits
_LENGTHS = 0.1  # s by which files may differ: lossy codecs pad


@dataclass(frozen=True)
class Finding:
    """Something wrong with a song, or with a split.

    Args:
        track: the song's name; None where the split as a whole is meant.
        kind: what sort of thing.
        words: what it is, on a line.
    """

    track: str | None
    kind: Kind
    words: str


def check_track(track: Track, known: DataSet) -> list[Finding]:
    """Read a song to its end and say what is wrong with it: with its files, and between them."""
    ears = {sound: _Ear(sound) for sound in track.sounds()}
    difference = _Difference()
    for blocks in zip_longest(*(ear.blocks() for ear in ears.values())):
        if track.mixture and _alike(blocks):
            *stems, mixture = blocks
            difference.hear(mixture, np.sum(stems, axis=0))
    found = [
        *(("missing", f"no {name}") for name in known.missing(track)),
        *_in_files(track, ears),
        *_between(list(ears.values())),
    ]
    if not any(kind in _SPOILS_THE_SUM for kind, _ in found):
        found += difference.findings(known.mixture_error_db)
    return [Finding(track.name, kind, words) for kind, words in found]


_Found = tuple[Kind, str]
_SPOILS_THE_SUM = ("missing", "unreadable", "rate", "channels", "length")


class _Ear:
    """Hears one file, and remembers what it was like."""

    def __init__(self, sound: Sound) -> None:
        self.sound = sound
        self.damage: str | None = None
        self.sample_rate = self.channels = self.frames = 0
        self.peak = 0.0
        self.flat_peaks = 0
        self.first_flat: float | None = None  # s
        self._last: Samples | None = None

    def blocks(self) -> Iterator[Samples]:
        """Yield the file, as far as it can be read."""
        try:
            with self.sound.open() as reader:
                self.sample_rate, self.channels = reader.sample_rate, reader.channels
                for block in reader.blocks(_BLOCK):
                    self._hear(block)
                    yield block
        except (BadDataError, MissingInputError) as error:
            self.damage = str(error)

    def _hear(self, block: Samples) -> None:
        peak = float(np.abs(block).max())
        self.peak = max(self.peak, peak)
        if peak >= _FULL_SCALE:
            self._count_flat_peaks(block)
        self.frames += block.shape[1]
        self._last = block[:, -3:]

    def _count_flat_peaks(self, block: Samples) -> None:
        """Count where three samples of one value stand at full scale: fewer are music's own."""
        before = np.zeros((self.channels, 3), np.float32) if self._last is None else self._last
        samples = np.concatenate([before, block], axis=1)
        flat = (np.abs(samples[:, 1:]) >= _FULL_SCALE) & (samples[:, 1:] == samples[:, :-1])
        long = flat[:, 1:] & flat[:, :-1]
        begins = (long[:, 1:] & ~long[:, :-1]).any(axis=0)
        if begins.any():
            self.flat_peaks += int(begins.sum())
            if self.first_flat is None:
                self.first_flat = (self.frames + int(begins.argmax())) / self.sample_rate


class _Difference:
    """How far a mixture is from the sum of its stems."""

    def __init__(self) -> None:
        self._error = self._mixture = 0.0

    def hear(self, mixture: Samples, total: Samples) -> None:
        self._error += float(np.square(mixture - total, dtype=np.float64).sum())
        self._mixture += float(np.square(mixture, dtype=np.float64).sum())

    def findings(self, allowed_db: float) -> list[_Found]:
        if not self._error or not self._mixture:
            return []
        level = 10 * log10(self._error / self._mixture)
        if level <= allowed_db:
            return []
        rounded = round(level, 1) + 0.0  # no -0.0
        return [("sum", f"the mixture differs from the sum of the stems by {rounded:.1f} dB")]


def _alike(blocks: Sequence[Samples | None]) -> bool:
    """Whether all files have a block here, of one shape."""
    shapes = {None if block is None else block.shape for block in blocks}
    return None not in shapes and len(shapes) == 1


def _in_files(track: Track, ears: dict[Sound, _Ear]) -> Iterator[_Found]:
    damage = {ear.sound.path: ear.damage for ear in reversed(ears.values()) if ear.damage}
    yield from (("unreadable", words) for words in reversed(damage.values()))  # a file's first
    for ear in ears.values():
        if ear.first_flat is not None:
            peaks = "1 flat peak" if ear.flat_peaks == 1 else f"{ear.flat_peaks} flat peaks"
            told = f"{peaks} at full scale, the first at {ear.first_flat:.2f} s"
            yield "clipped", f"{ear.sound} has {told}"
    whole = {**track.stems, **({"mixture": (track.mixture,)} if track.mixture else {})}
    for name, sounds in whole.items():
        heard = [ears[sound] for sound in sounds]
        if not any(ear.damage or ear.peak > _SILENCE for ear in heard):
            yield "silent", f"{name} is silent"


def _between(ears: Sequence[_Ear]) -> Iterator[_Found]:
    """In what the files that could be read to the end differ."""
    whole = [ear for ear in ears if ear.damage is None]
    if not whole:
        return
    lengths = [ear.frames for ear in whole]
    if len({ear.sample_rate for ear in whole}) > 1:
        yield "rate", _told(whole, [f"{ear.sample_rate} Hz" for ear in whole])
    elif max(lengths) - min(lengths) > _LENGTHS * whole[0].sample_rate:
        yield "length", _told(whole, [f"{ear.frames / ear.sample_rate:.2f} s" for ear in whole])
    if len({ear.channels for ear in whole}) > 1:
        yield "channels", _told(whole, [f"{ear.channels}" for ear in whole])


def _told(ears: Sequence[_Ear], words: Sequence[str]) -> str:
    files = zip(ears, words, strict=True)
    return "files differ: " + ", ".join(f"{ear.sound.path.name} {word}" for ear, word in files)
