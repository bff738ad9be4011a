"""Songs with true stems in folders, as MUSDB18-HQ lays them out: ``SPLIT/TRACK/STEM.wav``."""

from pathlib import Path

from hclarity.audio.encoding import Encoding
from hclarity.audio.reading import read_audio
from hclarity.audio.values import Audio, Stems
from hclarity.audio.writing import AudioWriter
from hclarity.errors import MissingInputError

__all__ = ["find_tracks", "read_stems", "write_song"]

MIXTURE = "mixture"
SUFFIXES = (".wav", ".flac")


def find_tracks(root: Path, split: str) -> list[Path]:
    """Return the folders of all tracks of a split, in alphabetical order.

    Raises:
        MissingInputError: when there is none; says what was expected.
    """
    tracks = sorted(
        path.parent for path in root.glob(f"{split}/*/vocals.*") if path.suffix in SUFFIXES
    )
    if not tracks:
        raise MissingInputError(
            f"no songs under {root / split}; expected {split}/TRACK/STEM.wav or .flac,"
            " with stems such as vocals and drums"
        )
    return tracks


def read_stems(track: Path, names: tuple[str, ...]) -> Stems:
    """Read the true stems of a track.

    Raises:
        MissingInputError: when one is not there.
        BadDataError: when one is damaged, or they differ in rate, channels or length.
    """
    return Stems.of({name: read_audio(_file(track, name)) for name in names})


def write_song(stems: Stems, track: Path) -> list[Path]:
    """Write stems and their sum as 24-bit WAV files into a track's folder; return their paths."""
    parts = {MIXTURE: stems.mix(), **{name: stems[name] for name in stems.names}}
    return [_write(audio, track / f"{name}.wav") for name, audio in parts.items()]


def _file(track: Path, name: str) -> Path:
    for suffix in SUFFIXES:
        if (track / f"{name}{suffix}").is_file():
            return track / f"{name}{suffix}"
    raise MissingInputError(f"{track / name}.wav is not there, nor is a .flac")


def _write(audio: Audio, path: Path) -> Path:
    with AudioWriter(
        path, sample_rate=audio.sample_rate, channels=audio.channels, encoding=Encoding("wav")
    ) as writer:
        writer.push(audio.samples)
    return path
