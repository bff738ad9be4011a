"""Songs to begin with: a twentieth of a second in every container, with tags and without."""

import tempfile
from pathlib import Path

import numpy as np
from audio_files import KINDS, write

from hclarity.audio.encoding import Encoding
from hclarity.audio.tags import Picture, Tags
from hclarity.audio.writing import AudioWriter

__all__ = ["sounds", "tagged"]

_RATE = 48000
_TAGS = Tags(
    {"title": ("One",), "artist": ("A", "B"), "tracknumber": ("3",), "lyrics": ("La\nla",)},
    (Picture(b"\xff\xd8\xff" + bytes(40)),),
)


def sounds() -> dict[str, bytes]:
    """Untagged files, of whatever FFmpeg and libsndfile read here."""
    with tempfile.TemporaryDirectory() as folder:
        return {name: write(Path(folder, name), _noise()).read_bytes() for name in KINDS}


def tagged() -> dict[str, bytes]:
    """Files with tags of every kind that is written; those without are what some may become."""
    files = {name: content for name, content in sounds().items() if name.endswith(("m4a", "aiff"))}
    with tempfile.TemporaryDirectory() as folder:
        for format in ("flac", "mp3", "ogg", "opus", "wav"):
            path = Path(folder, f"song.{format}")
            encoding = Encoding(format)
            form = {"sample_rate": _RATE, "channels": 1, "encoding": encoding}
            with AudioWriter(path, tags=_TAGS, **form) as writer:
                writer.push(_noise())
            files[format] = path.read_bytes()
    return files


def _noise() -> np.ndarray:
    rng = np.random.default_rng(0)
    return (0.1 * rng.standard_normal((1, _RATE // 20))).astype(np.float32)
