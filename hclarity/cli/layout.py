"""Where stems go and are found: ``separated/MODEL/TRACK/STEM.EXT``, as users of Demucs know it."""

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from hclarity.errors import BadDataError, CannotCreateError, HclarityError, UsageError
from hclarity.registry.portable_names import portable_name
from hclarity.registry.strangers_files import bytes_of
from hclarity.separation.naming import fields_of
from hclarity.separation.record import SeparationRecord

__all__ = [
    "RECORD",
    "REMIXED",
    "SEPARATED",
    "StemLayout",
    "file_names",
    "read_record",
    "track_name",
]

SEPARATED, REMIXED = Path("separated"), Path("remixed")
"""Where results go unless another folder is named."""

RECORD = "separation.json"
_LONGEST_NAME = 255  # bytes, of file systems
_LARGEST_RECORD = 1_000_000  # bytes; one of 64 stems has 10 000


@dataclass(frozen=True)
class StemLayout:
    """The paths of one model's stems.

    Args:
        root: the folder of that model's separations.
        template: path of a stem below it, with ``{track}``, ``{stem}`` and perhaps ``{ext}``.
        extension: of the stem files.

    Raises:
        UsageError: for a template without ``{track}`` and ``{stem}``, with other fields, or that
            leads out of the root.
    """

    root: Path
    template: str
    extension: str

    def __post_init__(self) -> None:
        told = f"--filename {self.template!r}"
        try:
            fields = fields_of(self.template)
        except BadDataError as error:
            raise UsageError(f"{told} cannot be filled in: {error}") from None
        if not {"track", "stem"} <= fields <= {"track", "stem", "ext"}:
            raise UsageError(f"{told} must use {{track}} and {{stem}}, may use {{ext}}, no other")
        if not self.template.isprintable():
            raise UsageError(f"{told} has letters that no name should have")
        path = Path(self.template)
        if path.anchor or ".." in path.parts:
            raise UsageError(f"{told} leads out of {self.root}")

    def stem_path(self, track: str, stem: str) -> Path:
        """Where a stem goes.

        Raises:
            CannotCreateError: when a link there leads out of the root, or a name is too long.
        """
        path = self.root / self.template.format(track=track, stem=stem, ext=self.extension)
        if any(len(os.fsencode(name)) > _LONGEST_NAME for name in path.parts):
            raise CannotCreateError(f"{path} has a name of more than {_LONGEST_NAME} bytes")
        _refuse_escaping(self.root, path)
        return path

    def record_path(self, track: str) -> Path:
        """Where the record goes: beside the stems, or by the track's name if tracks share folders.

        >>> StemLayout(Path("root"), "{track}/{stem}.{ext}", "flac").record_path("song").as_posix()
        'root/song/separation.json'
        >>> StemLayout(Path("root"), "{track}-{stem}.{ext}", "flac").record_path("song").as_posix()
        'root/song.separation.json'
        """
        folder = self.template.rpartition("/")[0]
        if "{track}" in folder and "{stem}" not in folder:
            return self.stem_path(track, "stem").with_name(RECORD)
        return self.root / f"{track}.{RECORD}"


def track_name(song: Path) -> str:
    """The name of a song's folder: its file name without suffix, as `portable_name` makes it.

    >>> track_name(Path("music/01 intro.flac")), track_name(Path("...flac"))
    ('01 intro', '_.._')
    """
    return portable_name(song.stem)


def file_names(record: SeparationRecord) -> dict[str, str]:
    """What the files of a separation are called, by stem, without their folders."""
    pattern = PurePosixPath(record.filename).name
    track, extension = track_name(Path(record.song)), record.encoding.split()[0]
    return {stem: pattern.format(track=track, stem=stem, ext=extension) for stem in record.names}


def read_record(path: Path) -> SeparationRecord | None:
    """Read the record of a separation; None where there is none that can be read."""
    try:
        return SeparationRecord.from_json(bytes_of(path, _LARGEST_RECORD).decode())
    except (ValueError, HclarityError):
        return None


def _refuse_escaping(root: Path, path: Path) -> None:
    """Refuse a path on which a link, where folders should be, leads elsewhere.

    The folder that the root is in may be a link, or behind one: the user has named it.
    """
    for inner, outer in ((root, root.parent), (path.parent, root)):
        if not _is_inside(inner, outer):
            raise CannotCreateError(
                f"{path}: a link in {outer} leads out of it; choose another --out"
            )


def _is_inside(inner: Path, outer: Path) -> bool:
    real, allowed = os.path.realpath(inner), os.path.realpath(outer)
    try:
        return os.path.commonpath([real, allowed]) == allowed
    except ValueError:  # on two drives
        return False
