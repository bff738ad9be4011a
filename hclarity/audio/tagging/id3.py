"""ID3 tags: those of MP3, and in a chunk of their own those of WAV and AIFF."""

import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

from hclarity.audio.tagging.frugal_file import FrugalFile
from hclarity.audio.tagging.musicbrainz import MUSICBRAINZ_TEXTS
from hclarity.audio.tagging.numbering import joined_numbers, split_numbers
from hclarity.audio.tagging.values import Tags
from hclarity.errors import BadDataError

__all__ = ["id3_frames", "id3_length", "read_id3"]

_TEXTS = {
    "title": "TIT2",
    "artist": "TPE1",
    "album": "TALB",
    "albumartist": "TPE2",
    "date": "TDRC",
    "genre": "TCON",
    "composer": "TCOM",
    "isrc": "TSRC",
    "language": "TLAN",
    "copyright": "TCOP",
}
_NUMBERS = {"tracknumber": "TRCK", "discnumber": "TPOS"}
_MUSICBRAINZ = "http://musicbrainz.org"
_NO_LANGUAGE = "XXX"
_HEADER = 10
_V1 = 128  # bytes, at the end of a file
_UTF_8 = 3
# For each frame mutagen copies all that follow: a million empty ones would take it an hour.
_MOST_FRAMES = 1000
_FRAME = re.compile(rb"[A-Z][A-Z0-9]{3}")
_COMPRESSED = {3: 0x0080, 4: 0x0008}  # among the flags of a frame, by the version of the tag


def id3_length(header: bytes) -> int:
    """How long the tag is that begins with these ten bytes, header included; 0 if none does."""
    if len(header) < _HEADER or header[:3] != b"ID3":
        return 0
    size = 0
    for byte in header[6:10]:  # seven bits in each
        size = size << 7 | byte & 0x7F
    return _HEADER + size


def read_id3(file: FrugalFile, start: int = 0) -> Tags:
    """Read the ID3v2 tag at ``start``, and what only an ID3v1 tag at the file's end says.

    Raises:
        BadDataError: when it is too large.
        mutagen.MutagenError: when it is damaged.
    """
    from mutagen.id3 import ID3

    file.seek(start)
    header = file.read(_HEADER)
    tag = header + file.read(max(0, id3_length(header) - _HEADER)) if id3_length(header) else b""
    _refuse_unfit_frames(tag)
    old = _id3v1(file)
    if not tag and not old:
        return Tags()
    frames = ID3(BytesIO(tag + old), load_v1=bool(old))
    return Tags.gathered(
        _found(frames), [(frame.data, int(frame.type), frame.desc) for frame in _pictures(frames)]
    )


def id3_frames(tags: Tags) -> Any:
    """The tags as a `mutagen.id3.ID3`, to be saved into a file."""
    from mutagen.id3 import APIC, COMM, ID3, TXXX, UFID, USLT, Frames

    frames = ID3()
    for name, key in _TEXTS.items():
        if texts := _fit(name, tags.fields.get(name, ())):
            frames.add(Frames[key](encoding=_UTF_8, text=texts))
    for name, key in _NUMBERS.items():
        if joined := joined_numbers(tags.fields, name):
            frames.add(Frames[key](encoding=_UTF_8, text=[joined]))
    for name, description in MUSICBRAINZ_TEXTS.items():
        if name in tags.fields:
            texts = list(tags.fields[name])
            frames.add(TXXX(encoding=_UTF_8, desc=description, text=texts))
    for text in tags.fields.get("musicbrainz_trackid", ())[:1]:
        frames.add(UFID(owner=_MUSICBRAINZ, data=text.encode()))
    if "comment" in tags.fields:
        texts = list(tags.fields["comment"])
        frames.add(COMM(encoding=_UTF_8, lang=_NO_LANGUAGE, desc="", text=texts))
    if "lyrics" in tags.fields:
        verses = "\n\n".join(tags.fields["lyrics"])
        frames.add(USLT(encoding=_UTF_8, lang=_NO_LANGUAGE, desc="", text=verses))
    for place, picture in enumerate(tags.pictures):
        frame = APIC(
            encoding=_UTF_8, mime=picture.mime, type=picture.kind,
            desc=picture.description, data=picture.data,
        )  # fmt: skip
        frame.salt = " " * place  # else one picture would take the place of another
        frames.add(frame)
    return frames


def _fit(name: str, texts: tuple[str, ...]) -> list[str]:
    """A date in words has no place in ID3."""
    return [text for text in texts if name != "date" or re.match(r"[0-9]{4}(?![0-9])", text)]


def _found(frames: Any) -> Iterator[tuple[str, str]]:
    for name, key in _TEXTS.items():
        for frame in frames.getall(key):
            texts = frame.genres if name == "genre" else frame.text
            yield from ((name, str(text)) for text in texts)
    for name, key in _NUMBERS.items():
        for frame in frames.getall(key):
            for text in frame.text:
                yield from split_numbers(name, str(text))
    for name, description in MUSICBRAINZ_TEXTS.items():
        for frame in frames.getall(f"TXXX:{description}"):
            yield from ((name, text) for text in frame.text)
    for frame in frames.getall(f"UFID:{_MUSICBRAINZ}"):
        yield "musicbrainz_trackid", frame.data.decode("ascii", "replace")
    for frame in frames.getall("COMM"):
        if not frame.desc:  # others are not for people: iTunNORM, iTunSMPB ...
            yield from (("comment", text) for text in frame.text)
    yield from (("lyrics", frame.text) for frame in frames.getall("USLT"))


def _pictures(frames: Any) -> Iterator[Any]:
    """Of equal descriptions too, which `getall` would take for one name."""
    return (frame for frame in frames.values() if frame.FrameID == "APIC")


def _id3v1(file: FrugalFile) -> bytes:
    end = file.seek(0, 2)
    file.seek(max(0, end - _V1))
    tag = file.read(_V1)
    return tag if len(tag) == _V1 and tag.startswith(b"TAG") else b""


def _refuse_unfit_frames(tag: bytes) -> None:
    """Look at all frames in every way that a reader may: some writers get the sizes wrong."""
    for body in {tag[_HEADER:], tag[_HEADER:].replace(b"\xff\x00", b"\xff")} if tag else ():
        extended = int.from_bytes(body[:4]) + (4 if tag[3] < 4 else 0)
        for start in {0, extended} if tag[5] & 0x40 else (0,):
            for bits in (7, 8):
                _refuse_unfit(_frames(body, start, tag[3], bits), _COMPRESSED.get(tag[3], 0))


def _refuse_unfit(frames: Iterable[tuple[bytes, int]], compressed: int) -> None:
    for number, (name, flags) in enumerate(frames, 1):
        if number > _MOST_FRAMES:
            raise BadDataError(f"they have more than {_MOST_FRAMES} frames")
        if flags & compressed and _FRAME.fullmatch(name):
            raise BadDataError("they are compressed, and could be of any size")


def _frames(body: bytes, at: int, version: int, bits: int) -> Iterator[tuple[bytes, int]]:
    """Names and flags of the frames, if sizes have so many bits in each byte."""
    name_bytes, header_bytes = (3, 6) if version == 2 else (4, 10)
    while at + header_bytes <= len(body) and any(body[at : at + name_bytes]):
        size = 0
        for byte in body[at + name_bytes : at + 2 * name_bytes]:
            size = size << bits | byte & ((1 << bits) - 1)
        flags = body[at + 2 * name_bytes : at + header_bytes]
        yield body[at : at + name_bytes], int.from_bytes(flags)
        at += header_bytes + size
