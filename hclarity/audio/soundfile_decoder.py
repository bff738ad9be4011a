"""WAV, FLAC, Ogg, AIFF and their kin, decoded by libsndfile."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile as sf

from hclarity.audio.containers import is_joined_ogg, magic
from hclarity.audio.values import Samples
from hclarity.errors import BadDataError, MissingInputError

__all__ = ["SoundfileDecoder", "open_with_soundfile"]

_AT_HOME = {b"RIFF", b"RF64", b"riff", b"fLaC", b"OggS", b"FORM", b"caff", b".snd"}
_MALFORMED = 3  # libsndfile's SF_ERR_MALFORMED_FILE
_LONGEST = 1 << 62  # frames; what libsndfile says of a stream whose length it cannot know
_SAMPLE_BYTES = {"PCM_U8": 1, "PCM_S8": 1, "ULAW": 1, "ALAW": 1}
_SAMPLE_BYTES |= {"PCM_16": 2, "PCM_24": 3, "PCM_32": 4, "FLOAT": 4, "DOUBLE": 8}


def open_with_soundfile(path: Path) -> "SoundfileDecoder | None":
    """Open what libsndfile reads well; None for what is better left to FFmpeg.

    That is: every format not its own; MP3, inside WAV too, where it stops at its own guess of the
    length when a file of variable bit rate does not state one (43 % unread in a test); FLAC from a
    pipe, on whose unknown length it fails; joined Ogg files, of which it may read only the first.

    Raises:
        BadDataError: when the file is damaged.
        MissingInputError: when its name is not UTF-8.
    """
    if magic(path) not in _AT_HOME or is_joined_ogg(path):
        return None
    try:
        file = sf.SoundFile(path)
    except sf.LibsndfileError as error:
        if error.code == _MALFORMED:
            raise BadDataError(f"{path} is damaged: malformed; get a whole copy") from None
        return None
    except UnicodeEncodeError:  # a name of arbitrary bytes, which some file systems allow
        raise MissingInputError(f"{path}: its name is not UTF-8; rename it first") from None
    except TypeError:  # by its name soundfile takes it for samples without a header (.raw)
        return None
    if file.subtype.startswith("MPEG") or file.frames > _LONGEST:
        file.close()
        return None
    return SoundfileDecoder(file)


class SoundfileDecoder:
    """An open file that libsndfile decodes.

    Attributes:
        frames: exact.
        frame_bytes: how many bytes the file has for each frame, None if that varies.
        tolerance: how many frames fewer may come: none.
        failures: what `blocks` may raise when the file is damaged.
    """

    name = "soundfile"
    tolerance = 0
    failures: tuple[type[Exception], ...] = (sf.LibsndfileError,)

    def __init__(self, file: sf.SoundFile) -> None:
        self._file = file
        self.sample_rate: int = file.samplerate
        self.channels: int = file.channels
        self.frames: int | None = file.frames
        self.frame_bytes = _SAMPLE_BYTES.get(file.subtype, 0) * file.channels or None
        self.coding = f"{file.format} {file.subtype}"

    def blocks(self, frames: int) -> Iterator[Samples]:
        """Yield ``[channels, frames]``, the last one shorter."""
        while len(block := self._file.read(frames, dtype="float32", always_2d=True)):
            yield np.ascontiguousarray(block.T)

    def excerpt(self, start: int, frames: int) -> Samples:
        """``[channels, frames]`` from frame ``start`` on."""
        self._file.seek(start)
        return np.ascontiguousarray(self._file.read(frames, dtype="float32", always_2d=True).T)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
