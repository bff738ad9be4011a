"""What a music file tells of itself: title, artist, cover art and the like."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from hclarity.errors import BadDataError

__all__ = ["FIELDS", "FRONT_COVER", "Picture", "Tags"]

_MUSICBRAINZ_FIELDS = (
    "musicbrainz_trackid",
    "musicbrainz_releasetrackid",
    "musicbrainz_albumid",
    "musicbrainz_artistid",
    "musicbrainz_albumartistid",
    "musicbrainz_releasegroupid",
    "musicbrainz_workid",
)
# What stays true of a song that is remixed, by the names of Vorbis comments. Nothing else is
# carried over: not ReplayGain, an encoder's delay, fingerprints or cue sheets, which do not.
FIELDS = (
    "title", "artist", "album", "albumartist", "tracknumber", "tracktotal", "discnumber",
    "disctotal", "date", "genre", "composer", "isrc", "language", "copyright", "comment", "lyrics",
    *_MUSICBRAINZ_FIELDS,
)  # fmt: skip

FRONT_COVER = 3  # among the 21 picture types of ID3, which FLAC took over
_LAST_PICTURE_TYPE = 20
_LARGEST_PICTURE = 10_000_000  # bytes
_MOST_PICTURES = 20
_MOST_VALUES = 100  # of one field
_LONGEST = {"lyrics": 100_000, "comment": 10_000}  # characters; these two may have several lines
_LONGEST_LINE = 1000
_BEGINNINGS = {
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/gif": b"GIF8",
}


@dataclass(frozen=True)
class Picture:
    """Cover art.

    Args:
        data: a JPEG, PNG or GIF file, at most 10 MB.
        kind: what it shows, 0 to 20 as in ID3; 3 is the front cover.
        description: one printable line, may be empty.

    Raises:
        BadDataError: when it is none of these.
    """

    data: bytes = field(repr=False)
    kind: int = FRONT_COVER
    description: str = ""

    def __post_init__(self) -> None:
        if not any(self.data.startswith(beginning) for beginning in _BEGINNINGS.values()):
            raise BadDataError("a picture is no JPEG, PNG or GIF")
        if len(self.data) > _LARGEST_PICTURE:
            megabytes = f"{len(self.data) / 1e6:.1f} MB, more than {_LARGEST_PICTURE / 1e6:g}"
            raise BadDataError(f"a picture has {megabytes}")
        if not 0 <= self.kind <= _LAST_PICTURE_TYPE:
            raise BadDataError(f"a picture has the type {self.kind}, beyond {_LAST_PICTURE_TYPE}")
        _refuse_unfit("description", self.description)

    @property
    def mime(self) -> str:
        """Its media type, by its first bytes."""
        starts = self.data.startswith
        return next(mime for mime, beginning in _BEGINNINGS.items() if starts(beginning))


@dataclass(frozen=True)
class Tags:
    """What a song carries beside its sound.

    Args:
        fields: one or more texts for each of `FIELDS`, printable; lyrics and comment may have
            several lines.
        pictures: the front cover first.
        problem: why something of a file could not be read, in one line, for a warning.

    Raises:
        BadDataError: for an unknown field, or a text that is empty, too long or not printable.

    >>> Tags({"title": ["Help!"]}).with_field("comment", "remixed").fields
    {'title': ('Help!',), 'comment': ('remixed',)}
    """

    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pictures: tuple[Picture, ...] = ()
    problem: str | None = None

    def __post_init__(self) -> None:
        fields = {name: tuple(texts) for name, texts in self.fields.items()}
        for name, texts in fields.items():
            if name not in FIELDS:
                raise BadDataError(f"no tag named {name!a}; choose one of {', '.join(FIELDS)}")
            if not 0 < len(texts) <= _MOST_VALUES:
                raise BadDataError(f"the {name} has {len(texts)} texts, not 1 to {_MOST_VALUES}")
            for text in texts:
                _refuse_unfit(name, text)
        covers_first = sorted(self.pictures, key=lambda picture: picture.kind != FRONT_COVER)
        object.__setattr__(self, "fields", fields)
        object.__setattr__(self, "pictures", tuple(covers_first))

    @classmethod
    def gathered(
        cls, found: Iterable[tuple[str, str]], pictures: Iterable[tuple[bytes, int, str]] = ()
    ) -> Self:
        """Make the best of what a file says.

        Args:
            found: names and texts, in any order; unknown names are passed over, control characters
                removed.
            pictures: data, kind and description of each.

        Returns:
            What is fit; the `problem` tells the first thing that is not.
        """
        problems: list[str] = []
        fields: dict[str, list[str]] = {}
        for name, text in found:
            cleaned = _cleaned(text, lines=name in _LONGEST)
            if name in FIELDS and cleaned and cleaned not in fields.get(name, ()):
                _keep(fields.setdefault(name, []), name, cleaned, problems)
        kept: list[Picture] = []
        for data, kind, description in pictures:
            try:
                kept.append(Picture(data, kind, _cleaned(description)[:_LONGEST_LINE]))
            except BadDataError as error:
                problems.append(str(error))
        if len(kept) > _MOST_PICTURES:
            problems.append(f"there are {len(kept)} pictures, more than {_MOST_PICTURES}")
        fit = {name: tuple(fields[name]) for name in FIELDS if fields.get(name)}
        problem = f"{problems[0]}: left out" if problems else None
        return cls(fit, tuple(kept[:_MOST_PICTURES]), problem)

    def with_field(self, name: str, *texts: str) -> "Tags":
        """The same with one field replaced."""
        return Tags({**self.fields, name: texts}, self.pictures, self.problem)


def _keep(texts: list[str], name: str, text: str, problems: list[str]) -> None:
    try:
        _refuse_unfit(name, text)
    except BadDataError as error:
        problems.append(str(error))
        return
    if len(texts) < _MOST_VALUES:
        texts.append(text)
    else:
        problems.append(f"the {name} has more than {_MOST_VALUES} texts")


def _cleaned(text: str, *, lines: bool = False) -> str:
    """Without control characters; a line break stays only where several lines may be."""
    line_break = "\n" if lines else " "
    whole = line_break.join(text.splitlines())
    return "".join(letter for letter in whole if _is_fit(letter, lines)).strip()


def _is_fit(letter: str, lines: bool) -> bool:
    """`str.isprintable` would refuse the wide space of Japanese and the joiners of Persian."""
    if letter == "\n":
        return lines
    return unicodedata.category(letter) not in ("Cc", "Cs", "Zl", "Zp")


def _refuse_unfit(name: str, text: str) -> None:
    longest = _LONGEST.get(name, _LONGEST_LINE)
    if len(text) > longest:
        raise BadDataError(f"the {name} has {len(text)} characters, more than {longest}")
    if not all(_is_fit(letter, name in _LONGEST) for letter in text):
        raise BadDataError(f"the {name} must be printable, got {text[:40]!a}")
