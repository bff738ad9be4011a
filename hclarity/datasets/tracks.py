"""A song with true stems, where it lies: read by crops, so that no song need fit into memory."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from hclarity.audio.reading import AudioReader
from hclarity.audio.values import Samples
from hclarity.errors import BadDataError

__all__ = ["Sound", "Track"]


@dataclass(frozen=True)
class Sound:
    """An audio file, or one of the sounds of a container that holds several."""

    path: Path
    stream: int = 0

    def __str__(self) -> str:
        return f"{self.path}" if self.stream == 0 else f"{self.path} (audio stream {self.stream})"

    def open(self) -> AudioReader:
        """Open it for reading; raises what `AudioReader` does."""
        return AudioReader(self.path, stream=self.stream)


@dataclass(frozen=True)
class _Shape:
    """What a file's header says."""

    sample_rate: int
    channels: int
    frames: int


@dataclass(frozen=True)
class Track:
    """One song with true stems.

    Making one reads nothing; what the files' headers say is read, once, when it is first asked for.
    Tracks may be sent to other processes.

    Args:
        name: of the song, as its data set has it.
        stems: the sounds of each stem, by its name in lower case. Several sounds of one stem, such
            as two violins, are summed.
        mixture: what all stems together sound like, where there is such a file.
    """

    name: str
    stems: Mapping[str, tuple[Sound, ...]]
    mixture: Sound | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Its stems."""
        return tuple(self.stems)

    @property
    def sample_rate(self) -> int:
        """In Hz; raises what `frames` does."""
        return self._shape.sample_rate

    @property
    def channels(self) -> int:
        """Of every stem; raises what `frames` does."""
        return self._shape.channels

    @property
    def frames(self) -> int:
        """How long the shortest of its files is.

        Raises:
            MissingInputError: when a file is not there.
            BadDataError: when one is damaged or does not say how long it is, or when they differ in
                sample rate or channels.
        """
        return self._shape.frames

    def read(self, name: str, start: int = 0, frames: int | None = None) -> Samples:
        """Read a stem, or some of it, from the file.

        Args:
            name: of the stem.
            start: the first frame.
            frames: how many, by default all that are left.

        Returns:
            ``[channels, frames]``.

        Raises:
            BadDataError: when there is no such stem or the crop is not inside the track; when the
                file is damaged or differs from the others.
            MissingInputError: when the file is not there.
        """
        if name not in self.stems:
            raise BadDataError(f"{self.name}: no stem {name!r}; there are {', '.join(self.names)}")
        return self._sum(self.stems[name], start, frames)

    def read_mixture(self, start: int = 0, frames: int | None = None) -> Samples:
        """Read the mixture, where there is no file of it the sum of the stems, as `read` does."""
        if self.mixture is not None:
            return self._sum((self.mixture,), start, frames)
        return self._sum(tuple(self._stem_sounds()), start, frames)

    def sounds(self) -> tuple[Sound, ...]:
        """All its files: those of the stems, then the mixture's."""
        return (*self._stem_sounds(), *([self.mixture] if self.mixture else []))

    def _stem_sounds(self) -> list[Sound]:
        return [sound for sounds in self.stems.values() for sound in sounds]

    def _sum(self, sounds: tuple[Sound, ...], start: int, frames: int | None) -> Samples:
        wanted = self.frames - start if frames is None else frames
        if start < 0 or wanted < 0 or start + wanted > self.frames:
            raise BadDataError(
                f"{self.name}: frames {start} to {start + wanted} are asked for,"
                f" of {self.frames} there are"
            )
        first, *others = (_excerpt(sound, start, wanted) for sound in sounds)
        for other in others:
            first += other
        return first

    @cached_property
    def _shape(self) -> _Shape:
        if not self.stems:
            raise BadDataError(f"{self.name} has no stems")
        shapes = [(sound, _shape(sound)) for sound in self.sounds()]
        first_sound, first = shapes[0]
        for sound, shape in shapes:
            if (shape.sample_rate, shape.channels) != (first.sample_rate, first.channels):
                raise BadDataError(
                    f"the files of a song must agree: {first_sound} has {first.channels} channels"
                    f" at {first.sample_rate} Hz, {sound} has {shape.channels}"
                    f" at {shape.sample_rate} Hz"
                )
        shortest = min(shape.frames for _, shape in shapes)
        return _Shape(first.sample_rate, first.channels, shortest)


def _shape(sound: Sound) -> _Shape:
    with sound.open() as reader:
        if reader.frames is None:
            raise BadDataError(f"{sound} does not say how long it is; convert it to WAV or FLAC")
        return _Shape(reader.sample_rate, reader.channels, reader.frames)


def _excerpt(sound: Sound, start: int, frames: int) -> Samples:
    with sound.open() as reader:
        return reader.excerpt(start, frames)
