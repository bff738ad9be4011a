"""The listening page of a remix, and beside it the song in pieces, for which it is heard again."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from hclarity.audio.opus import OPUS_RATE
from hclarity.audio.resampling import Resampler
from hclarity.audio.segmenting import Segmenter
from hclarity.audio.values import Samples
from hclarity.audio.waveform import WaveformMeter
from hclarity.cli.remix_job import RemixJob
from hclarity.cli.remix_order import gains_file
from hclarity.cli.sources import Hearing, hearing
from hclarity.registry.whole_folders import WholeFolder
from hclarity.remixing.balancing import as_heard
from hclarity.remixing.level_map import LevelMap, LevelMapper
from hclarity.remixing.remixer import RemixLevels
from hclarity.report.browser_page import encoded_sound
from hclarity.report.console import Reporter
from hclarity.report.listening_page import (
    Listening,
    SongSound,
    listening_page,
    segment_name,
    segment_script,
)

__all__ = ["fill_page"]

_SEGMENT_S, _PADDING_S = 5.0, 0.1
_ENCODERS = 2
_MOST_WAITING = 4  # segments, each of 2 MB for every stem


def fill_page(
    folder: WholeFolder, job: RemixJob, levels: RemixLevels, frames: int, reporter: Reporter
) -> None:
    """Write the page of a remix, and its sound.

    Args:
        folder: for them.
        job: the remix that the page begins with.
        levels: of that, as it was measured.
        frames: of the song.
        reporter: hears how far it is.
    """
    listening = _listening(job)
    with hearing(job.whole) as heard, ThreadPoolExecutor(_ENCODERS) as encoders:
        writer = _SoundWriter(folder, encoders, listening, heard.sample_rate, frames)
        with reporter.progress(f"writing the page of {listening.title}", frames) as bar:
            for streams in _streams(heard, has_rest=listening.has_rest):
                writer.push(streams)
                bar.advance(streams.shape[2])
        sound, map = writer.flush()
    page = listening_page(listening, sound, levels, map)
    folder.write("index.html", page)


def _listening(job: RemixJob) -> Listening:
    wanted, sources, words = job.order.wanted, job.whole, job.order.page
    assert words is not None
    return Listening(
        title=sources.name,
        stems=tuple(sources.stems),
        has_rest=sources.song is not None,
        listener=wanted.listener,
        prescribed=replace(wanted.prescribed, ceiling_db=job.rendered_plan.ceiling_db),
        ears=wanted.ears,
        stem_gains=job.plan.stem_gains,
        prescription=words.prescription,
        gains_file=gains_file(sources.name),
        command=words.command_for(sources.given, sources.name),
    )


def _streams(heard: Hearing, *, has_rest: bool) -> Iterator[Samples]:
    """Yield ``[streams, 2, frames]``, whose sum is the song."""
    for song, stems in heard.blocks():
        parts = [] if stems is None else list(stems)
        rest = [song - sum(parts)] if has_rest else []
        yield np.stack([as_heard(part) for part in (*parts, *rest)]).astype(np.float32)


class _SoundWriter:
    """Writes the sound beside a page, and measures what the page must know of it."""

    def __init__(
        self,
        folder: WholeFolder,
        encoders: ThreadPoolExecutor,
        listening: Listening,
        sample_rate: int,
        frames: int,
    ) -> None:
        self._folder, self._encoders = folder, encoders
        self._streams = listening.streams
        self._resampler = Resampler(2 * self._streams, sample_rate, OPUS_RATE)
        length = round(frames * OPUS_RATE / sample_rate)
        mixes = listening.mixes()
        self._levels = LevelMapper(listening.prescribed, OPUS_RATE, length, mixes)
        self._waveform = WaveformMeter(OPUS_RATE, 2)
        self._segment, self._padding = round(_SEGMENT_S * OPUS_RATE), round(_PADDING_S * OPUS_RATE)
        self._segmenter = Segmenter(self._segment, self._padding)
        self._waiting: deque[Future[bytes]] = deque()
        self._frames = self._segments = self._written = 0

    def push(self, streams: Samples) -> None:
        """Take the next ``[streams, 2, frames]``."""
        flat = streams.reshape(2 * self._streams, -1)
        self._hear(self._resampler.push(flat))

    def flush(self) -> tuple[SongSound, LevelMap]:
        """Write the end."""
        self._hear(self._resampler.flush())
        self._encode(self._segmenter.flush())
        self._write(until=0)
        sound = SongSound(
            sample_rate=OPUS_RATE,
            frames=self._frames,
            segment_frames=self._segment,
            padding_frames=self._padding,
            segments=self._segments,
            waveform=self._waveform.flush(),
            peaks_per_second=self._waveform.per_second,
        )
        return sound, self._levels.flush()

    def _hear(self, flat: Samples) -> None:
        streams = flat.reshape(self._streams, 2, -1)
        self._frames += streams.shape[2]
        self._levels.push(streams)
        self._waveform.push(streams.sum(axis=0))
        self._encode(self._segmenter.push(streams))

    def _encode(self, segments: list[Samples]) -> None:
        for segment in segments:
            self._waiting.append(self._encoders.submit(_script, self._segments, segment))
            self._segments += 1
            self._write(until=_MOST_WAITING)

    def _write(self, until: int) -> None:
        while len(self._waiting) > until:
            self._folder.write(segment_name(self._written), self._waiting.popleft().result())
            self._written += 1


def _script(number: int, segment: Samples) -> bytes:
    return segment_script(number, map(encoded_sound, segment))
