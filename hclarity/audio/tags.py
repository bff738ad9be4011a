"""What a song carries beside its sound, taken from one file to another.

mutagen reads and writes the formats; what is fit to be carried over is decided here. Tags are never
worth a song: whatever is wrong with them is told, and the rest goes on.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from hclarity.audio.encoding import Format
from hclarity.audio.tagging.frugal_file import FrugalFile
from hclarity.audio.tagging.id3 import id3_frames, id3_length, read_id3
from hclarity.audio.tagging.mp4 import read_mp4
from hclarity.audio.tagging.riff import read_chunks
from hclarity.audio.tagging.values import FIELDS, Picture, Tags
from hclarity.audio.tagging.vorbis import flac_picture, read_flac, read_ogg, set_comments
from hclarity.errors import BadDataError

__all__ = ["FIELDS", "Picture", "Tags", "read_tags", "write_tags"]

_LARGEST_WAV = (1 << 31) - (1 << 28)  # bytes; a tag must not make a plain WAV too large for readers


def read_tags(path: Path) -> Tags:
    """Read the tags of FLAC, MP3, Ogg Vorbis, Opus, M4A, WAV or AIFF, whatever the suffix.

    At most 32 MB are read. Nothing is raised: for any other file there are no tags, and what is
    damaged or too large is left out and told as the `Tags.problem`.
    """
    try:
        with path.open("rb") as file:
            return _read(path, FrugalFile(file))
    except OSError as error:
        return Tags(problem=f"the tags cannot be read: {error.strerror}")
    except BadDataError as error:
        return Tags(problem=f"the tags are left out: {error}")
    except Exception:  # what a parser makes of a damaged file, and it may be anything
        return Tags(problem="the tags are left out: they are damaged")


def write_tags(path: Path, tags: Tags, format: Format) -> bool:
    """Write tags into a finished audio file, and bring it to the disk.

    The sound is moved, never changed. The same file and tags give the same bytes.

    Args:
        path: a file that `AudioWriter` made.
        tags: what to write; ReplayGain and the like are not among the `FIELDS`.
        format: of the file.

    Returns:
        Whether there was anything to write and a place for it: WAV files near 2 GiB have none.

    Raises:
        OSError: when the disk is full or fails; the file is then of no use.
    """
    from mutagen import MutagenError

    too_large = format == "wav" and path.stat().st_size > _LARGEST_WAV
    if too_large or not (tags.fields or tags.pictures):
        return False
    try:
        with path.open("r+b") as file:
            _WRITERS[format](file, tags)
            file.flush()
            os.fsync(file.fileno())
    except MutagenError as error:
        raise _system_error(error) from None
    return True


def _read(path: Path, file: FrugalFile) -> Tags:
    head = file.read(12)
    if head.startswith(b"OggS"):
        return read_ogg(file)
    if head[4:8] == b"ftyp":
        return read_mp4(file)
    if head[:4] in (b"RIFF", b"RF64", b"FORM"):
        return read_chunks(path, file)
    file.seek(id3_length(head))  # some files have it even before FLAC
    return read_flac(file) if file.read(4) == b"fLaC" else read_id3(file)


def _write_flac(file: BinaryIO, tags: Tags) -> None:
    from mutagen.flac import FLAC

    flac = FLAC(file)
    if flac.tags is None:
        flac.add_tags()
    set_comments(flac.tags, tags, pictures=False)
    for picture in tags.pictures:
        flac.add_picture(flac_picture(picture))
    file.seek(0)
    flac.save(file, padding=_no_padding)


def _write_vorbis(file: BinaryIO, tags: Tags) -> None:
    from mutagen.oggvorbis import OggVorbis

    _write_ogg(OggVorbis(file), file, tags)


def _write_opus(file: BinaryIO, tags: Tags) -> None:
    from mutagen.oggopus import OggOpus

    _write_ogg(OggOpus(file), file, tags)


def _write_ogg(ogg: Any, file: BinaryIO, tags: Tags) -> None:
    set_comments(ogg.tags, tags, pictures=True)
    file.seek(0)
    ogg.save(file, padding=_no_padding)


def _write_mp3(file: BinaryIO, tags: Tags) -> None:
    id3_frames(tags).save(file, padding=_no_padding)


def _write_wav(file: BinaryIO, tags: Tags) -> None:
    from mutagen.wave import WAVE

    wav: Any = WAVE(file)
    wav.add_tags()
    wav.tags.update(id3_frames(tags))
    file.seek(0)
    wav.save(file, padding=_no_padding)


_WRITERS: Mapping[Format, Callable[[BinaryIO, Tags], None]] = {
    "flac": _write_flac,
    "mp3": _write_mp3,
    "ogg": _write_vorbis,
    "opus": _write_opus,
    "wav": _write_wav,
}


def _no_padding(_: object) -> int:
    return 0


def _system_error(error: BaseException) -> BaseException:
    """What the system said, which mutagen wraps, perhaps twice."""
    wrapped = error
    while wrapped.args and isinstance(wrapped.args[0], BaseException):
        wrapped = wrapped.args[0]
    return wrapped if isinstance(wrapped, OSError) else error
