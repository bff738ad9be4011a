"""Audio files, read by blocks: never silently short, clipped, resampled or downmixed.

libsndfile decodes what it knows well, FFmpeg the rest. Whichever it is, what comes out is checked
against what the file says of itself.
"""

import stat
from collections.abc import Iterator
from math import ceil
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import numpy as np

from hclarity.audio.containers import missing_bytes
from hclarity.audio.soundfile_decoder import open_with_soundfile
from hclarity.audio.values import Audio, Samples
from hclarity.errors import BadDataError, MissingInputError

__all__ = ["AudioReader", "read_audio"]

_MOST_CHANNELS = 2
_RATES = (8000, 192000)  # Hz
_LONGEST_HOURS = 12  # a day of silence is a FLAC of 1 MB, and fills a disk with stems
_LOUDEST = 2.0**20  # of full scale; no sound is 120 dB above it, and squares still fit float32


class _Decoder(Protocol):
    """What a decoder must offer: an open file, and blocks of it."""

    name: str
    coding: str
    sample_rate: int
    channels: int
    frames: int | None
    frame_bytes: int | None
    tolerance: int
    failures: tuple[type[Exception], ...]

    def blocks(self, frames: int) -> Iterator[Samples]: ...

    def excerpt(self, start: int, frames: int) -> Samples: ...

    def close(self) -> None: ...


class AudioReader:
    """An audio file, open for reading.

    Args:
        path: to WAV, FLAC, Ogg, Opus, MP3, AIFF, CAF, M4A, AAC, WMA, a video's sound, ...
        stream: which sound of a container that has several, from 0.

    Attributes:
        path: as given.
        sample_rate: in Hz, as in the file.
        channels: as in the file.
        frames: what the container says, None if it does not. Exact when ``decoder`` is soundfile;
            else up to half a second fewer, and for joined MP3 files more, may come.
        decoder: "soundfile" or "pyav".
        coding: container and codec, in the decoder's words.

    Raises:
        MissingInputError: when there is no such file, or it may not be read.
        BadDataError: when it is empty, damaged, cut short or no audio; has more than two channels,
            a sample rate below 8 or above 192 kHz, or more than 12 hours.
    """

    def __init__(self, path: Path, *, stream: int = 0) -> None:
        self.path = path
        _refuse_missing(self.path)
        self._decoder = _decoder(self.path, stream)
        self.sample_rate = self._decoder.sample_rate
        self.channels = self._decoder.channels
        self.frames = self._decoder.frames
        self.decoder = self._decoder.name
        self.coding = self._decoder.coding
        try:
            self._refuse_unfit()
        except BadDataError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._decoder.close()

    def blocks(self, frames: int = 65536) -> Iterator[Samples]:
        """Yield the file once, as ``[channels, frames]``, the last block shorter.

        Raises:
            BadDataError: when the file is damaged, ends before its time, has no end within 12
                hours, holds no audio, or holds samples that are NaN, infinite or 120 dB above full
                scale.
        """
        start = 0
        for block in self._decoded(frames):
            self._refuse_unsound(block, start)
            self._refuse_endless(start + block.shape[1])
            yield block
            start += block.shape[1]

    def excerpt(self, start: int, frames: int) -> Samples:
        """Read a crop of the file, ``[channels, frames]`` from frame ``start`` on.

        The samples are those that `blocks` yields. An open file is for one crop, or for `blocks`.

        Raises:
            BadDataError: when the file is damaged or ends too soon, or holds samples that are NaN,
                infinite or 120 dB above full scale.
        """
        try:
            excerpt = self._decoder.excerpt(start, frames)
        except self._decoder.failures as error:
            raise BadDataError(f"{self.path} is damaged near frame {start}") from error
        if excerpt.shape[1] < frames:
            reason = _counted(start + excerpt.shape[1], start + frames)
            raise BadDataError(f"{self.path} is cut short: {reason}")
        self._refuse_unsound(excerpt, start)
        return excerpt

    def _decoded(self, frames: int) -> Iterator[Samples]:
        decoded = 0
        try:
            for block in self._decoder.blocks(frames):
                yield block
                decoded += block.shape[1]
        except self._decoder.failures as error:
            reason = _counted(decoded, self.frames)
            raise BadDataError(f"{self.path} is damaged: {reason}") from error
        if decoded < (self.frames or 0) - self._decoder.tolerance:
            reason = _counted(decoded, self.frames)
            raise BadDataError(f"{self.path} is cut short: {reason}")
        if decoded == 0:
            raise BadDataError(f"{self.path} holds no audio")

    def _refuse_unfit(self) -> None:
        if self.channels > _MOST_CHANNELS:
            raise BadDataError(
                f"{self.path} has {self.channels} channels; downmix it to mono or stereo first"
            )
        lowest, highest = _RATES
        if not lowest <= self.sample_rate <= highest:
            raise BadDataError(
                f"{self.path} has a sample rate of {self.sample_rate} Hz;"
                f" resample it to one of {lowest} to {highest} Hz first"
            )
        if missing := missing_bytes(self.path):
            raise BadDataError(f"{self.path} is cut short: {self._missing(missing)}")
        if self.frames == 0:
            raise BadDataError(f"{self.path} holds no audio")
        self._refuse_endless(self.frames or 0)

    def _refuse_endless(self, frames: int) -> None:
        if frames > _LONGEST_HOURS * 3600 * self.sample_rate:
            raise BadDataError(
                f"{self.path} is longer than {_LONGEST_HOURS} hours; cut it into parts first"
            )

    def _refuse_unsound(self, block: Samples, start: int) -> None:
        sound = np.abs(block) <= _LOUDEST  # which NaN is not
        if sound.all():
            return
        first = start + int(np.argmin(sound.all(axis=0)))
        what = "impossibly loud" if np.isfinite(block).all() else "NaN or infinite"
        raise BadDataError(
            f"{self.path}: {np.count_nonzero(~sound)} {what} samples from frame {first}"
            f" ({first / self.sample_rate:.3f} s) on; render it anew"
        )

    def _missing(self, missing: int) -> str:
        frame_bytes = self._decoder.frame_bytes
        if frame_bytes is None or self.frames is None:
            return f"expected at least {missing} bytes more; get a whole copy"
        return _counted(self.frames, self.frames + ceil(missing / frame_bytes))


def read_audio(path: Path) -> Audio:
    """Read a whole file; raises what `AudioReader` does."""
    with AudioReader(path) as reader:
        return Audio(np.concatenate(list(reader.blocks()), axis=1), reader.sample_rate)


def _refuse_missing(path: Path) -> None:
    try:
        kind = path.stat().st_mode
        if stat.S_ISDIR(kind):
            raise MissingInputError(f"{path} is a folder, not an audio file")
        if not stat.S_ISREG(kind):  # a pipe would be waited for, and cannot be read twice
            raise MissingInputError(f"{path} is no regular file; save it as one first")
        with path.open("rb") as file:
            empty = not file.read(1)
    except FileNotFoundError:
        raise MissingInputError(f"{path} is not there") from None
    except OSError as error:
        raise MissingInputError(f"{path} cannot be read: {error.strerror}") from None
    if empty:
        raise BadDataError(f"{path} is empty: 0 bytes")


def _counted(decoded: int, expected: int | None) -> str:
    known = "an unknown number of" if expected is None else expected
    return f"expected {known} frames, decoded {decoded}; get a whole copy"


def _decoder(path: Path, stream: int) -> _Decoder:
    if stream == 0 and (decoder := open_with_soundfile(path)) is not None:
        return decoder
    from hclarity.audio.pyav_decoder import PyavDecoder  # here, for FFmpeg is slow to load

    return PyavDecoder(path, stream)
