"""Vorbis comments: the tags of FLAC, Ogg Vorbis and Opus."""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

from hclarity.audio.tagging.frugal_file import FrugalFile
from hclarity.audio.tagging.numbering import NUMBERINGS, split_numbers
from hclarity.audio.tagging.values import Picture, Tags

__all__ = ["flac_picture", "read_flac", "read_ogg", "set_comments"]

_PICTURE = "metadata_block_picture"
_ALIASES = {
    "album artist": "albumartist",
    "album_artist": "albumartist",
    "year": "date",
    "totaltracks": "tracktotal",
    "totaldiscs": "disctotal",
    "unsyncedlyrics": "lyrics",
    "description": "comment",
}
# The comments are the second packet of a stream; what stands before them there.
_OGG_BEGINNINGS = (b"\x03vorbis", b"OpusTags")


def read_flac(file: FrugalFile) -> Tags:
    """Read the comments and pictures of a FLAC file.

    Raises:
        BadDataError: when they are too large.
        mutagen.MutagenError: when they are damaged.
    """
    from mutagen.flac import FLAC

    file.seek(0)
    flac: Any = FLAC(file)
    return Tags.gathered(_found(flac.tags or ()), map(_as_found, flac.pictures))


def read_ogg(file: FrugalFile) -> Tags:
    """Read the comments and pictures of an Ogg Vorbis or Opus file.

    Raises:
        BadDataError: when they are too large.
        mutagen.MutagenError: when they are damaged.
    """
    from mutagen.flac import VCFLACDict

    packet = _second_packet(file)
    for beginning in _OGG_BEGINNINGS:
        if packet.startswith(beginning):
            comments = VCFLACDict(FrugalFile(BytesIO(packet[len(beginning) :])))
            return Tags.gathered(_found(comments), _embedded(comments))
    return Tags()


def flac_picture(picture: Picture) -> Any:
    """A picture as a `mutagen.flac.Picture`."""
    from mutagen.flac import Picture as FlacPicture

    block = FlacPicture()
    block.type, block.desc = picture.kind, picture.description
    block.mime, block.data = picture.mime, picture.data
    return block


def set_comments(comments: Any, tags: Tags, *, pictures: bool) -> None:
    """Replace Vorbis comments by these tags.

    Args:
        comments: a `mutagen` tag of that kind, a list of names and texts.
        tags: what shall be there instead.
        pictures: whether they are written among the comments.
    """
    comments[:] = [(name.upper(), text) for name, texts in tags.fields.items() for text in texts]
    for picture in tags.pictures if pictures else ():
        block = b64encode(flac_picture(picture).write()).decode()
        comments.append((_PICTURE.upper(), block))


def _second_packet(file: FrugalFile) -> bytes:
    """The second packet of the first stream in an Ogg file."""
    from mutagen.ogg import OggPage

    file.seek(0)
    serial = OggPage(file).serial
    pages: list[Any] = []
    while not pages or not (pages[-1].complete or len(pages[-1].packets) > 1):
        page = OggPage(file)
        if page.serial == serial and page.packets:
            pages.append(page)
    return bytes(OggPage.to_packets(pages)[0])


def _found(comments: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for key, text in comments:
        name = _ALIASES.get(key.lower(), key.lower())
        if name in NUMBERINGS:
            yield from split_numbers(name, text)
        else:
            yield name, text


def _embedded(comments: Iterable[tuple[str, str]]) -> Iterator[tuple[bytes, int, str]]:
    from mutagen.flac import Picture as FlacPicture
    from mutagen.flac import error as FlacError

    for key, text in comments:
        if key.lower() == _PICTURE:
            try:
                yield _as_found(FlacPicture(b64decode(text)))
            except (NotBase64, ValueError, FlacError):
                yield b"", 0, ""  # which is no picture, and told as such


def _as_found(block: Any) -> tuple[bytes, int, str]:
    return block.data, block.type, block.desc
