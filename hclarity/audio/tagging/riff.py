"""Tags in the chunks of WAV and AIFF files: ID3, or a few texts that libsndfile knows."""

import struct
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from hclarity.audio.tagging.frugal_file import FrugalFile
from hclarity.audio.tagging.id3 import read_id3
from hclarity.audio.tagging.values import Tags

__all__ = ["read_chunks"]

_ID3 = (b"id3 ", b"ID3 ")


def read_chunks(path: Path, file: FrugalFile) -> Tags:
    """Read the tags of a WAV, RF64 or AIFF file; where ID3 has no word, its own chunks may.

    Raises:
        BadDataError: when they are too large.
        mutagen.MutagenError: when they are damaged.
    """
    own = Tags.gathered(_texts(path))
    for name, size in _chunks(file):
        if name in _ID3:
            id3 = read_id3(FrugalFile(BytesIO(file.read(size))))
            return Tags({**own.fields, **id3.fields}, id3.pictures, id3.problem or own.problem)
    return own


def _chunks(file: FrugalFile) -> Iterator[tuple[bytes, int]]:
    """Name and size of each chunk, the file being where its content begins."""
    file.seek(0)
    order = ">" if file.read(12).startswith(b"FORM") else "<"
    large = 0
    while len(header := file.read(8)) == 8:
        name, size = struct.unpack(f"{order}4sI", header)
        body = file.tell()
        if name == b"ds64":  # of RF64: the sizes that do not fit into 32 bits
            large = struct.unpack("<8xQ", file.read(16).ljust(16, b"\0"))[0]
            file.seek(body)
        if name == b"data" and large:
            size = large
        yield name, size
        file.seek(body + size + size % 2)


def _texts(path: Path) -> list[tuple[str, str]]:
    import soundfile as sf

    try:
        with sf.SoundFile(path) as file:
            return list(file.copy_metadata().items())
    except sf.LibsndfileError:  # FFmpeg may still read the sound
        return []
