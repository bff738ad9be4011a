"""Where stems go and are found: ``separated/MODEL/TRACK/STEM.EXT``, as users of Demucs know it."""

import string
from dataclasses import dataclass
from pathlib import Path

from hclarity.errors import HclarityError, UsageError
from hclarity.separation.record import SeparationRecord

__all__ = ["RECORD", "StemLayout", "read_record", "track_name"]

RECORD = "separation.json"


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
            fields = {name for _, name, _, _ in string.Formatter().parse(self.template)} - {None}
            path = Path(self.template.format(track="track", stem="stem", ext="ext"))
        except (KeyError, IndexError, ValueError, AttributeError) as error:
            raise UsageError(f"{told} cannot be filled in: {error}") from None
        if not {"track", "stem"} <= fields <= {"track", "stem", "ext"}:
            raise UsageError(f"{told} must use {{track}} and {{stem}}, may use {{ext}}, no other")
        if path.is_absolute() or ".." in path.parts:
            raise UsageError(f"{told} leads out of {self.root}")

    def stem_path(self, track: str, stem: str) -> Path:
        """Where a stem goes."""
        return self.root / self.template.format(track=track, stem=stem, ext=self.extension)

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
    """The name of a song's folder: its file name without suffix, never a step up.

    >>> track_name(Path("music/01 intro.flac")), track_name(Path("...flac"))
    ('01 intro', '_..')
    """
    return song.stem if song.stem.strip(".") else f"_{song.stem}"


def read_record(path: Path) -> SeparationRecord | None:
    """Read the record of a separation; None where there is none that can be read."""
    try:
        return SeparationRecord.from_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, HclarityError):
        return None
