"""Whose ears, and for a chart what song."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from hclarity.report.console import Reporter

if TYPE_CHECKING:
    from hclarity.audio.third_octaves import BandLevels
    from hclarity.hearing.formats.reading import OtherEar, Reading

__all__ = ["HeardSong", "LevelOpt", "SongOpt", "hear_song", "read_told"]

SongOpt = Annotated[
    Path | None,
    Option(
        metavar="SONG",
        help="Lay a song's range over it: the third-octave levels that its windows of 125 ms have,"
        " from the 30th to the 99th percentile, in dB HL.",
    ),
]
LevelOpt = Annotated[
    float | None,
    Option(
        metavar="DB",
        min=0,
        max=120,
        help="How loud the song is played, on average, in dB SPL.  [default: 65, as conversation]",
        show_default=False,
    ),
]
_CONVERSATION_DB_SPL = 65.0


@dataclass(frozen=True)
class HeardSong:
    """A song as a listener meets it.

    Args:
        levels: its third octaves, in dB HL.
        words: which song it is, how loud, and what is drawn of it.
        level: its mean, in dB SPL.
    """

    levels: "BandLevels"
    words: str
    level: float


def read_told(
    source: str, listener: str | None, other_ear: "OtherEar | None", reporter: Reporter
) -> "Reading":
    """Read an audiogram, and tell what is odd about it; raises as `read_listener` does."""
    from hclarity.hearing.formats.reading import read_listener

    reading = read_listener(source, listener, other_ear)
    where = "the typed audiogram" if reading.format == "typed" else source
    for note in reading.notes:
        reporter.say(f"note: {where}: {note}")
    return reading


def hear_song(song: Path | None, level: float | None, reporter: Reporter) -> HeardSong | None:
    """Hear a whole song, block by block, for its levels; None for no song.

    Raises:
        UsageError: for a level without a song.
        HclarityError: as `AudioReader` does; `BadDataError` for a song that is silent.
    """
    from hclarity.errors import UsageError

    if song is None:
        if level is not None:
            raise UsageError("--level means nothing without --song")
        return None
    from hclarity.hearing.sound_field import threshold_db_spl

    played = _CONVERSATION_DB_SPL if level is None else level
    levels = _levels_of(song, reporter)
    in_hl = levels.raised((played - levels.overall - threshold_db_spl(levels.hz)).tolist())
    words = f"{song.name} at {played:g} dB SPL (30th to 99th percentile)"
    return HeardSong(in_hl, words, played)


def _levels_of(song: Path, reporter: Reporter) -> "BandLevels":
    from hclarity.audio.reading import AudioReader
    from hclarity.audio.third_octaves import FAINTEST_DB, ThirdOctaveMeter
    from hclarity.errors import BadDataError

    with AudioReader(song) as reader:
        meter = ThirdOctaveMeter(reader.sample_rate, reader.channels)
        with reporter.progress(f"listening to {song.name}", reader.frames) as bar:
            for block in reader.blocks():
                meter.push(block)
                bar.advance(block.shape[1])
    levels = meter.levels()
    if max(levels.mean) <= FAINTEST_DB:
        raise BadDataError(f"{song} is silent or shorter than 0.25 s; there is nothing to draw")
    return levels
