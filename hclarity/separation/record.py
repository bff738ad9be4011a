"""What is to be known of a separation afterwards: ``separation.json`` beside the stems."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from hashlib import sha256

from hclarity.errors import BadDataError, ConfigurationError
from hclarity.registry.cards import Contract, ModelCard, Variant
from hclarity.registry.portable_names import is_portable
from hclarity.registry.quoting import printable, shown
from hclarity.registry.tables import Key, number, take, text, texts, truth, whole
from hclarity.separation.naming import fields_of

__all__ = ["SeparationRecord", "making_of"]

_ENCODING = re.compile("[a-z0-9]+( [a-z0-9]+)?")  # its first word is the ending of files


def making_of(card: ModelCard, variant: Variant, config: Mapping[str, object]) -> str:
    """Return a digest of how a model makes stems with its weights; another one makes others.

    Args:
        card: of the model.
        variant: of its weights.
        config: what is said beside them of their net.
    """
    how = {field.name: getattr(card, field.name) for field in fields(Contract)}
    how |= {"net": card.net, "arguments": dict(card.weights[variant].arguments), "config": config}
    return sha256(json.dumps(how, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class SeparationRecord:
    """How a song's stems were made.

    Args:
        song: the file's name, without folders: stems are passed on, other people's folders are not.
        song_sha256: of that file, in hexadecimal.
        model: its name.
        weights: the variant, ``official`` or ``bundled``.
        sha256: of the weights, in hexadecimal.
        making: a digest of all else that decides the stems, as `making_of` returns it.
        stems: names of those that the net estimated, in order.
        rest: the name of what they leave of the song; empty if that was not kept.
        complete: whether together they are the song, as far as the model lets them.
        filename: the template of the stems' paths.
        sample_rate: of song and stems, in Hz.
        channels: of song and stems.
        frames: of song and stems.
        chunk_seconds: what the net was given at once.
        overlap: the fraction of a chunk that the next one heard again.
        encoding: of the stems' files.
        device: where the net computed.
        engine: what computed it.
        precision: of its core.
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
    making: str
    stems: tuple[str, ...]
    rest: str
    complete: bool
    filename: str
    sample_rate: int
    channels: int
    frames: int
    chunk_seconds: float
    overlap: float
    encoding: str
    device: str
    engine: str
    precision: str
    version: str

    def __post_init__(self) -> None:
        for name in (self.song, *self.names):
            if name in ("", ".", "..") or "/" in name or "\\" in name or "\0" in name:
                raise BadDataError(
                    f"expected a plain file name in a separation record: {shown(name)}"
                )
        for name in self.names:
            if not is_portable(name):
                raise BadDataError(f"no file of a stem can have the name {shown(name)}")
        if not self.stems or len(set(self.names)) != len(self.names):
            raise BadDataError(f"stems must be named once each, got {shown(list(self.names))}")
        if not fields_of(self.filename) <= {"track", "stem", "ext"}:
            raise BadDataError(f"unknown names in the template {shown(self.filename)}")
        if not _ENCODING.fullmatch(self.encoding):
            raise BadDataError(f"expected a format and its bits, got {shown(self.encoding)}")
        if min(self.sample_rate, self.channels) < 1 or self.frames < 0:
            raise BadDataError(
                f"{self.channels} channels of {self.frames} frames at {self.sample_rate} Hz"
                " cannot be what was separated"
            )

    @property
    def names(self) -> tuple[str, ...]:
        """Of all that was written, in order."""
        return (*self.stems, self.rest) if self.rest else self.stems

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
            raise BadDataError(
                f"not a separation record, and not JSON: {printable(str(error))}"
            ) from error
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
    "making": Key(text),
    "stems": Key(texts),
    "rest": Key(text),
    "complete": Key(truth),
    "filename": Key(text),
    "sample_rate": Key(whole),
    "channels": Key(whole),
    "frames": Key(whole),
    "chunk_seconds": Key(number),
    "overlap": Key(number),
    "encoding": Key(text),
    "device": Key(text),
    "engine": Key(text),
    "precision": Key(text),
    "version": Key(text),
}
