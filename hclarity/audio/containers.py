"""What a file's own header says of its length, read without decoding.

Decoders trust the bytes they find: libsndfile reads half of a WAV file and calls it whole. These
few bytes of each container tell how much there should have been.
"""

import os
import struct
from pathlib import Path
from typing import BinaryIO

__all__ = ["is_joined_ogg", "magic", "missing_bytes", "xing_frames"]

_NOT_KNOWN = (0, 0x7FFFF000, 0xFFFFFFFF)  # lengths from writers into a pipe; the second is sox's
_MOST_CHUNKS = 10_000  # of a RIFF or IFF file before its sound; looking for more would take minutes
_LARGEST_OGG_PAGE = 27 + 255 + 255 * 255


def magic(path: Path) -> bytes:
    """The first four bytes, by which formats know each other."""
    with path.open("rb") as file:
        return file.read(4)


def missing_bytes(path: Path) -> int:
    """How many bytes the file stops short of what its container promises.

    WAV, RF64, W64, AIFF and AU say in their headers where the sound ends; an Ogg file must end with
    a whole page. 0 for every other container, and where a header leaves its length open.
    """
    with path.open("rb") as file:
        name = file.read(4)
        if name in (b"RIFF", b"RF64"):
            end = _chunk_end(file, "<", b"data")
        elif name == b"FORM":
            end = _chunk_end(file, ">", b"SSND")
        elif name == b"OggS":
            end = _last_page_end(file)
        elif name in (b"riff", b".snd"):
            end = _stated_end(file, name)
        else:
            end = 0
        return max(0, end - file.seek(0, os.SEEK_END))


def xing_frames(path: Path, sample_rate: int) -> int | None:
    """Frames that the Xing (or Info) tag of an MP3 file states; None without such a tag.

    The encoder's delay and padding are counted in.
    """
    with path.open("rb") as file:
        file.seek(_id3_bytes(file.read(10)))
        first = file.read(4096)
    at = max(first.find(b"Xing"), first.find(b"Info"))
    if at < 0 or len(first) < at + 12:
        return None
    flags, mpeg_frames = struct.unpack_from(">II", first, at + 4)
    mpeg_1 = sample_rate >= 32000
    return mpeg_frames * (1152 if mpeg_1 else 576) if flags & 1 else None


def is_joined_ogg(path: Path) -> bool:
    """Whether an Ogg file holds several streams: its first and last pages name different ones."""
    with path.open("rb") as file:
        first = file.read(18)
        return first[:4] == b"OggS" and first[14:] != _last_page(file)[14:18]


def _id3_bytes(header: bytes) -> int:
    """How long the ID3 tag at the start of a file is, by its ten-byte header; 0 without one."""
    if header[:3] != b"ID3":
        return 0
    size = 0
    for part in header[6:]:  # seven bits in each byte
        size = size << 7 | part
    return len(header) + size


def _chunk_end(file: BinaryIO, order: str, wanted: bytes) -> int:
    """Where the wanted chunk of a RIFF or IFF file ends; 0 if it does not say."""
    large = 0
    file.seek(12)
    for _ in range(_MOST_CHUNKS):
        if len(header := file.read(8)) < 8:
            break
        name, size = struct.unpack(f"{order}4sI", header)
        if name == wanted:
            size = large or size
            return 0 if size in _NOT_KNOWN else file.tell() + size
        body = file.tell()
        if name == b"ds64":  # RF64: the sizes that do not fit into 32 bits
            large = struct.unpack("<8xQ", file.read(16).ljust(16, b"\0"))[0]
        file.seek(body + size + size % 2)
    return 0


def _last_page(file: BinaryIO) -> bytes:
    """The last page of an Ogg file, and whatever follows it."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _LARGEST_OGG_PAGE))
    tail = file.read()
    return tail[max(0, tail.rfind(b"OggS")) :]


def _last_page_end(file: BinaryIO) -> int:
    """Where the last page of an Ogg file ends; past the file when even its header is cut."""
    page = _last_page(file)
    end = file.tell()
    segments = page[27 : 27 + page[26]] if len(page) > 26 else b""
    if len(page) < 27 or len(segments) < page[26]:
        return end + 1
    return end - len(page) + 27 + len(segments) + sum(segments)


def _stated_end(file: BinaryIO, name: bytes) -> int:
    """Where a W64 (``riff``) or AU (``.snd``) file ends by its first header."""
    header = file.read(20).ljust(20, b"\0")
    if name == b"riff":
        return int(struct.unpack_from("<Q", header, 12)[0])
    offset, size = struct.unpack_from(">II", header)
    return 0 if size in _NOT_KNOWN else offset + size
