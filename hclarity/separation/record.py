"""What is to be known of a separation afterwards: ``separation.json`` beside the stems."""

import json
from dataclasses import asdict, dataclass

from hclarity.errors import BadDataError, ConfigurationError
from hclarity.registry.tables import Key, number, take, text, texts, truth, whole

__all__ = ["SeparationRecord"]


@dataclass(frozen=True)
class SeparationRecord:
    """How a song's stems were made.

    Args:
        song: the file's name, without folders: stems are passed on, other people's folders are not.
        song_sha256: of that file, in hexadecimal.
        model: its name.
        weights: the variant, ``official`` or ``bundled``.
        sha256: of the weights, in hexadecimal.
        stems: their names, in order.
        complete: whether together they are the song, as far as the model lets them.
        sample_rate: of song and stems, in Hz.
        channels: of song and stems.
        frames: of song and stems.
        chunk_seconds: what the net was given at once.
        overlap: the fraction of a chunk that the next one heard again.
        encoding: of the stems' files.
        device: where the net computed.
        version: of hclarity.

    Raises:
        BadDataError: for a song or stem whose name is that of a folder or leads into one, no stems,
            or a number that cannot be.
    """

    song: str
    song_sha256: str
    model: str
    weights: str
    sha256: str
    stems: tuple[str, ...]
    complete: bool
    sample_rate: int
    channels: int
    frames: int
    chunk_seconds: float
    overlap: float
    encoding: str
    device: str
    version: str

    def __post_init__(self) -> None:
        for name in (self.song, *self.stems):
            if name in ("", ".", "..") or "/" in name or "\\" in name:
                raise BadDataError(f"expected a plain file name in a separation record: {name!r}")
        if not self.stems or len(set(self.stems)) != len(self.stems):
            raise BadDataError(f"stems must be named once each, got {list(self.stems)}")
        if min(self.sample_rate, self.channels) < 1 or self.frames < 0:
            raise BadDataError(
                f"{self.channels} channels of {self.frames} frames at {self.sample_rate} Hz"
                " cannot be what was separated"
            )

    def to_json(self) -> str:
        """Write it as one JSON object, on lines of its own."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, words: str) -> "SeparationRecord":
        """Read what `to_json` wrote.

        Raises:
            BadDataError: when it is not JSON, has an unknown key, lacks one, or has a value of the
                wrong kind.
        """
        try:
            values = json.loads(words)
        except (ValueError, RecursionError) as error:
            raise BadDataError(f"not a separation record, and not JSON: {error}") from error
        if not isinstance(values, dict):
            raise BadDataError("not a separation record: expected one JSON object")
        try:
            return cls(**take(values, _KEYS))
        except ConfigurationError as error:
            raise BadDataError(f"not a separation record: {error}") from error


_KEYS = {
    "song": Key(text),
    "song_sha256": Key(text),
    "model": Key(text),
    "weights": Key(text),
    "sha256": Key(text),
    "stems": Key(texts),
    "complete": Key(truth),
    "sample_rate": Key(whole),
    "channels": Key(whole),
    "frames": Key(whole),
    "chunk_seconds": Key(number),
    "overlap": Key(number),
    "encoding": Key(text),
    "device": Key(text),
    "version": Key(text),
}
