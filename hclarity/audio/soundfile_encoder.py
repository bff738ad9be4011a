"""FLAC, MP3, Ogg Vorbis and Opus, encoded by libsndfile."""

import errno
import os
from pathlib import Path

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from hclarity.audio.encoding import Encoding
from hclarity.errors import UnavailableError

__all__ = ["SoundfileEncoder", "refuse_unknown_to_libsndfile"]

_PROBE = bytes(65536)

# Format, subtype, compression level (0 is best) and bit rate mode. Stereo gets 320 kbit/s as MP3,
# which demucs' users know, about 270 as Vorbis and 215 as Opus: too much for artefacts.
_SETTINGS = {
    "mp3": ("MP3", "MPEG_LAYER_III", 0.0, "CONSTANT"),
    "ogg": ("OGG", "VORBIS", 0.2, None),
    "opus": ("OGG", "OPUS", 0.6, None),
}
_FLAC_SUBTYPES = {"16": "PCM_16", "24": "PCM_24"}


class SoundfileEncoder:
    """A new file in one of libsndfile's formats.

    It is opened by its path: given a Python file, libsndfile would call back into Python, where a
    Ctrl-C is printed and lost.

    Args:
        path: must not exist yet.
        sample_rate: in Hz, one the format knows.
        channels: samples in a frame.
        encoding: any but WAV.

    Raises:
        OSError: when it cannot be created; so do `write` and `close` when the disk is full.
    """

    def __init__(self, path: Path, sample_rate: int, channels: int, encoding: Encoding) -> None:
        path.open("xb").close()  # names its reason when it fails, unlike libsndfile
        format_, subtype, level, mode = _settings(encoding)
        self._path = path
        self._file = sf.SoundFile(
            path, "w", sample_rate, channels, subtype, None, format_,
            compression_level=level, bitrate_mode=mode,
        )  # fmt: skip

    def write(self, frames: NDArray[np.generic]) -> None:
        """Write ``[frames, channels]``: float32, or int16 or int32 (its upper 24 bits) for FLAC."""
        try:
            self._file.write(frames)
        except sf.LibsndfileError as error:
            self._sync()
            raise OSError(errno.EIO, f"libsndfile: {error}") from None

    def close(self) -> None:
        """Encode the end and bring everything to the disk."""
        self.abandon()
        self._sync()

    def abandon(self) -> None:
        """Let go of an unfinished file."""
        try:
            self._file.close()
        except sf.LibsndfileError as error:
            raise OSError(errno.EIO, f"libsndfile: {error}") from None

    def _sync(self) -> None:
        """Ask the system itself whether there is room, and bring the file to the disk.

        libsndfile says "system error" for any, and nothing at all when one happens as it closes:
        the end of the file is then missing.
        """
        with self._path.open("r+b") as file:
            end = file.seek(0, os.SEEK_END)
            file.write(_PROBE)
            file.flush()
            file.truncate(end)
            os.fsync(file.fileno())


def refuse_unknown_to_libsndfile(encoding: Encoding) -> None:
    """Raise `UnavailableError` when the libsndfile at hand is too old to write a format."""
    format_, subtype, *_ = _settings(encoding)
    if not sf.check_format(format_, subtype):
        raise UnavailableError(
            f"libsndfile {sf.__libsndfile_version__} cannot write {encoding.format};"
            " choose another format, or update soundfile"
        )


def _settings(encoding: Encoding) -> tuple[str, str, float | None, str | None]:
    if encoding.format == "flac":
        return "FLAC", _FLAC_SUBTYPES[encoding.bits], None, None
    return _SETTINGS[encoding.format]
