"""Audio files, written by blocks: whole under their final name, or not there at all."""

import contextlib
import errno
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from hclarity.audio.encoding import Encoding, encoded_bytes
from hclarity.audio.part_names import clear_old, part_name
from hclarity.audio.quantising import dithered_16_bit, rounded_24_bit
from hclarity.audio.reblocking import Reblocker
from hclarity.audio.resampling import Resampler
from hclarity.audio.soundfile_encoder import SoundfileEncoder, refuse_unknown_to_libsndfile
from hclarity.audio.tags import Tags, write_tags
from hclarity.audio.values import Samples
from hclarity.audio.wav_file import WavFile
from hclarity.errors import BadDataError, CannotCreateError, HclarityError, StorageError

__all__ = ["AudioWriter", "Encoding", "check_writable", "encoded_bytes"]

_FULL = {errno.ENOSPC, errno.EDQUOT}
# Frames a step: libsndfile's Vorbis encoder crashes on millions at once, and what it makes of a
# song depends on how it is fed.
_AT_ONCE = 65536


class _File(Protocol):
    """A new file that takes ``[frames, channels]`` and says with an OSError when it cannot."""

    def write(self, frames: NDArray[np.generic]) -> None: ...

    def close(self) -> None: ...

    def abandon(self) -> None: ...


class AudioWriter:
    """Writes an audio file under a temporary name and renames it at the end.

    Used in a ``with`` block. When that is left by any exception, Ctrl-C too, the temporary file is
    removed, and whatever had the final name before still has it.

    Laws: block sizes never change the file; nothing is scaled; what is read back is what was
    pushed, exactly for 32f, to the nearest level for 24 bits, and for 16 bits to that under dither
    (also when the song had 16 bits before). Integers clip what lies beyond ±1.0, float and lossy
    formats keep it.

    Args:
        path: the final name; missing folders are created. Its suffix is not looked at.
        sample_rate: of the blocks, in Hz; the file has `Encoding.file_rate` of it.
        channels: of the blocks.
        encoding: format and bits.
        seed: of the dither; the same seed gives the same samples.
        tags: what the file shall say of itself; they never change its sound.

    Attributes:
        peak: the largest magnitude written, linear, before clipping.
        clipped_samples: how many lay beyond ±1.0 in a format that clips.
        tagged: whether tags were written, known once it is closed; WAV near 2 GiB has no place.

    Raises:
        CannotCreateError: when the folder or file cannot be created, or the path is a folder.
        StorageError: when the disk is full or fails.
    """

    def __init__(
        self,
        path: Path,
        *,
        sample_rate: int,
        channels: int,
        encoding: Encoding,
        seed: int = 0,
        tags: Tags | None = None,
    ) -> None:
        self.path = path
        self.peak = 0.0
        self.clipped_samples = 0
        self.tagged = False
        self._tags = tags
        self._finished = self._closed = False
        self._channels = channels
        self._encoding = encoding
        self._dither = np.random.default_rng(seed)
        file_rate = encoding.file_rate(sample_rate)
        self._resampler = Resampler(channels, sample_rate, file_rate)
        self._reblocker = Reblocker(channels, _AT_ONCE)
        self._part = part_name(path)
        _make_folder(path)
        with _failing_as(CannotCreateError, path):
            self._file = _new_file(self._part, file_rate, channels, encoding)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        else:
            self._discard()

    def push(self, block: Samples) -> None:
        """Write a block ``[channels, frames]``.

        Raises:
            BadDataError: for another number of channels, or samples that are NaN or infinite.
            StorageError: when the disk is full or fails.
        """
        if block.ndim != 2 or block.shape[0] != self._channels:
            raise BadDataError(
                f"{self.path} takes [{self._channels}, frames], got {list(block.shape)}"
            )
        if not np.isfinite(block).all():
            raise BadDataError(f"{self.path}: refused to write samples that are NaN or infinite")
        self._write(self._reblocker.push(self._resampler.push(block)))

    def finish(self) -> None:
        """Complete the file, still under its temporary name, and bring it to the disk.

        Raises:
            StorageError: when the disk is full or fails; the temporary file is then removed.
        """
        if self._finished:
            return
        self._finished = True
        try:
            end = self._reblocker.push(self._resampler.flush())
            self._write([*end, self._reblocker.rest()])
            with _failing_as(StorageError, self.path):
                self._file.close()
                if self._tags is not None:
                    self.tagged = write_tags(self._part, self._tags, self._encoding.format)
        except BaseException:
            self._discard()
            raise

    def close(self) -> None:
        """Complete the file and give it its final name; raises what `finish` does."""
        if self._closed:
            return
        self.finish()
        try:
            with _failing_as(StorageError, self.path):
                self._part.replace(self.path)
        except BaseException:
            self._discard()
            raise
        self._closed = True

    def _write(self, blocks: list[Samples]) -> None:
        for block in blocks:
            magnitudes = np.abs(block)
            self.peak = max(self.peak, float(magnitudes.max(initial=0.0)))
            if self._encoding.clips:
                self.clipped_samples += int(np.count_nonzero(magnitudes > 1))
            with _failing_as(StorageError, self.path):
                self._file.write(np.ascontiguousarray(self._levels(block).T))

    def _levels(self, block: Samples) -> NDArray[np.generic]:
        if not self._encoding.clips:
            return block.astype(np.float32, copy=False)
        if self._encoding.bits == "24":
            return rounded_24_bit(block)
        return dithered_16_bit(block, self._dither)

    def _discard(self) -> None:
        self._finished = self._closed = True
        with contextlib.suppress(OSError):
            self._file.abandon()
        with contextlib.suppress(OSError):
            self._part.unlink(missing_ok=True)


def check_writable(path: Path, *, encoding: Encoding, bytes_needed: int) -> None:
    """Make sure, before any computing, that a file could be written.

    Creates the missing folders above it, and nothing else that stays. Takes away what runs that
    were killed a day ago or more have left there under temporary names.

    Raises:
        CannotCreateError: when the path is a folder, or its folder cannot be created or written to.
        StorageError: when the disk has less than ``bytes_needed`` free.
        UnavailableError: when the encoder is missing from the libsndfile at hand.
    """
    if encoding.format != "wav":
        refuse_unknown_to_libsndfile(encoding)
    _make_folder(path)
    clear_old(path.parent)
    with _failing_as(CannotCreateError, path), tempfile.TemporaryFile(dir=path.parent):
        free = shutil.disk_usage(path.parent).free
    if free < bytes_needed:
        raise StorageError(
            f"{path} needs {bytes_needed / 1e6:.0f} MB, the disk has {free / 1e6:.0f} MB free;"
            " free some space or choose another folder"
        )


def _make_folder(path: Path) -> None:
    if path.is_dir():
        raise CannotCreateError(f"{path} is a folder; name a file in it")
    with _failing_as(CannotCreateError, path):
        path.parent.mkdir(parents=True, exist_ok=True)


def _new_file(path: Path, sample_rate: int, channels: int, encoding: Encoding) -> _File:
    if encoding.format == "wav":
        return WavFile(path, sample_rate, channels, encoding.bits)
    return SoundfileEncoder(path, sample_rate, channels, encoding)


@contextlib.contextmanager
def _failing_as(kind: type[HclarityError], path: Path) -> Iterator[None]:
    """Tell what the system says as ``kind``, a full disk always as a `StorageError`."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            advice = "free some space or choose another folder"
            raise StorageError(f"{path} cannot be written: disk full; {advice}") from error
        raise kind(f"{path} cannot be written: {error.strerror}") from error
