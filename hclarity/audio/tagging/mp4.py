"""The tags of M4A and MP4 files, as iTunes laid them down; only read, for none are written."""

from collections.abc import Iterator
from typing import Any

from hclarity.audio.tagging.frugal_file import FrugalFile
from hclarity.audio.tagging.musicbrainz import MUSICBRAINZ_TEXTS
from hclarity.audio.tagging.numbering import NUMBERINGS
from hclarity.audio.tagging.values import FRONT_COVER, Tags

__all__ = ["read_mp4"]

_TEXTS = {
    "title": "\xa9nam",
    "artist": "\xa9ART",
    "album": "\xa9alb",
    "albumartist": "aART",
    "date": "\xa9day",
    "genre": "\xa9gen",
    "composer": "\xa9wrt",
    "copyright": "cprt",
    "comment": "\xa9cmt",
    "lyrics": "\xa9lyr",
}
_NUMBERS = {"tracknumber": "trkn", "discnumber": "disk"}
_FREEFORM = {
    "isrc": "ISRC",
    "language": "LANGUAGE",
    "musicbrainz_trackid": "MusicBrainz Track Id",
    **MUSICBRAINZ_TEXTS,
}


def read_mp4(file: FrugalFile) -> Tags:
    """Read the tags of an MP4 file.

    Raises:
        BadDataError: when they are too large.
        mutagen.MutagenError: when they are damaged.
    """
    from mutagen.mp4 import MP4

    file.seek(0)
    atoms: Any = MP4(file).tags
    if atoms is None:
        return Tags()
    # It knows no picture types; the first is the cover by custom.
    covers = [(bytes(cover), 0, "") for cover in atoms.get("covr", ())]
    covers[:1] = [(data, FRONT_COVER, "") for data, _, _ in covers[:1]]
    return Tags.gathered(_found(atoms), covers)


def _found(atoms: Any) -> Iterator[tuple[str, str]]:
    for name, key in _TEXTS.items():
        yield from ((name, text) for text in atoms.get(key, ()))
    for name, key in _NUMBERS.items():
        for number, total in atoms.get(key, ()):  # 0 stands for none
            yield name, str(number or "")
            yield NUMBERINGS[name], str(total or "")
    for name, key in _FREEFORM.items():
        for text in atoms.get(f"----:com.apple.iTunes:{key}", ()):
            yield name, bytes(text).decode("utf-8", "replace")
