"""Where in its songs a stem is heard: BandSplitRNN's source activity detection.

A stem is cut into segments of 6 s, each half over the last, and a segment into ten chunks. A chunk
is heard when its level (RMS of all channels) is above a threshold: the 15 % quantile of all the
stem's chunks in this song, at least -60 dBFS. A segment is active when more than half of its chunks
are heard.
Source: Y. Luo and J. Yu, "Music Source Separation With Band-Split RNN", IEEE/ACM TASLP 31, 2023. It
has the quantile over each segment, and 1e-3 as the least energy where 1e-3 is the least RMS here:
-30 dBFS would take faint stems for silence.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hclarity.datasets.tracks import Track
from hclarity.errors import BadDataError
from hclarity.registry.whole_files import write_whole

__all__ = ["SEGMENT_SECONDS", "Activity", "active_segments", "find_activity"]

Activity = Mapping[str, Mapping[str, Sequence[int]]]
"""By track and stem, the first frames of the active segments."""

SEGMENT_SECONDS = 6.0
CHUNKS = 10  # of a segment
QUANTILE = 0.15
LEAST = 1e-3  # RMS, linear full scale
READ_AT_ONCE = 100  # chunks: a minute


def find_activity(
    tracks: Sequence[Track], kept: Path, report: Callable[[], None] = lambda: None
) -> Activity:
    """Return where in songs their stems are heard, found once and then kept in a file.

    Args:
        tracks: the songs.
        kept: the file.
        report: called after each song.

    Raises:
        HclarityError: when a song cannot be read, or the file not written or read.
    """
    if not kept.exists():
        found = {}
        for track in tracks:
            found[track.name] = {name: active_segments(track, name) for name in track.names}
            report()
        write_whole(kept, json.dumps(found).encode())
    try:
        activity: Activity = json.loads(kept.read_text(encoding="utf-8"))
        return {track.name: activity[track.name] for track in tracks}
    except (OSError, ValueError, KeyError) as error:
        raise BadDataError(f"{kept} is damaged or of other songs; remove it to go on") from error


def active_segments(track: Track, name: str) -> list[int]:
    """Return the first frames of the segments in which a stem is heard."""
    chunk = round(SEGMENT_SECONDS * track.sample_rate / CHUNKS)
    levels = _levels(track, name, chunk)
    if len(levels) < CHUNKS:
        return []
    heard = levels > max(LEAST, float(np.quantile(levels, QUANTILE)))
    segments = np.lib.stride_tricks.sliding_window_view(heard, CHUNKS)[:: CHUNKS // 2]
    numbers = np.flatnonzero(segments.mean(axis=1) > 0.5)
    return [int(number) * (CHUNKS // 2) * chunk for number in numbers]


def _levels(track: Track, name: str, chunk: int) -> NDArray[np.float64]:
    """The RMS of each whole chunk of a stem."""
    levels = [np.zeros(0)]
    for first in range(0, track.frames // chunk, READ_AT_ONCE):
        chunks = min(READ_AT_ONCE, track.frames // chunk - first)
        samples = track.read(name, first * chunk, chunks * chunk).astype(np.float64)
        squares = np.square(samples).reshape(samples.shape[0], chunks, chunk)
        levels.append(np.sqrt(squares.mean(axis=(0, 2))))
    return np.concatenate(levels)
