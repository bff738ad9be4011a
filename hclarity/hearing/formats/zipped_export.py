"""``export.zip`` of the Apple Health app, read where it lies.

Only one member is looked at, as a stream: nothing is ever extracted. Deflate makes at most 1032
bytes of one, and an export some 20, so a member that promises more than 200 is a bomb; what comes
beyond its promise is never decompressed.
"""

import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from hclarity.errors import BadDataError
from hclarity.hearing.formats.apple_health import health_export, is_health_export
from hclarity.hearing.formats.choosing import Found

__all__ = ["is_zip", "zipped_export"]

_LARGEST_RATIO = 200
_LARGEST_DIRECTORY = 8 * 1024 * 1024  # bytes: some 80 000 members
_MOST_LOOKED_INTO = 8
_CHUNK = 1024 * 1024
_END, _END_64 = b"PK\x05\x06", b"PK\x06\x06"
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,  # from a place in the file that cannot be
    OverflowError,
    RuntimeError,
    ValueError,
    struct.error,
)


def is_zip(head: bytes) -> bool:
    """Whether a file that begins so is a zip archive."""
    return head.startswith((b"PK\x03\x04", _END))


def zipped_export(file: BinaryIO) -> Found:
    """Read the hearing tests of an export that is zipped.

    Raises:
        BadDataError: for an archive that is broken, hides too much, or holds no export.
    """
    if _directory_bytes(file) > _LARGEST_DIRECTORY:
        raise BadDataError("a zip archive of too many files; give the export.xml that is in it")
    try:
        with zipfile.ZipFile(file) as archive:
            for member in _candidates(archive):
                with archive.open(member) as stream:
                    chunks = iter(lambda: stream.read(_CHUNK), b"")
                    head = next(chunks, b"")
                    if is_health_export(head):
                        return health_export(_joined(head, chunks))
    except BadDataError:
        raise
    except _BROKEN as error:
        what = str(error)[:80].encode("ascii", "backslashreplace").decode()
        raise BadDataError(f"a broken zip archive ({what}); export or copy it again") from None
    raise BadDataError("a zip archive without an Apple Health export.xml in it; give one, or a CSV")


def _joined(head: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from chunks


def _candidates(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    """What may be the export: its name is translated, its place is not."""
    members = [
        member
        for member in archive.infolist()
        if member.filename.lower().endswith(".xml") and member.filename.count("/") <= 1
    ]
    for member in sorted(members, key=lambda one: not one.filename.endswith("export.xml"))[
        :_MOST_LOOKED_INTO
    ]:
        if member.flag_bits & 1:
            raise BadDataError("a zip archive with a password; unzip it and give the export.xml")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise BadDataError("a zip archive of an unusual kind; give the export.xml in it")
        if member.file_size > _LARGEST_RATIO * max(member.compress_size, 1):
            raise BadDataError(
                f"a zip archive in which {member.compress_size} bytes promise to become"
                f" {member.file_size}; unzip it, if you trust it, and give the export.xml"
            )
        yield member


def _directory_bytes(file: BinaryIO) -> int:
    """How long the list of members is, by either of the two records that may tell.

    `zipfile` reads all of it into memory before it can be asked.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 65536 - 22 - 20 - 56))
    tail = file.read()
    file.seek(0)
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        return 0
    lengths = [int(struct.unpack_from("<I", tail, at + 12)[0])]
    if at >= 76 and tail[at - 76 : at - 72] == _END_64:
        lengths.append(int(struct.unpack_from("<Q", tail, at - 76 + 40)[0]))
    return max((length for length in lengths if length != 0xFFFFFFFF), default=0)
