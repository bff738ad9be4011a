"""Audio files of every kind that the tests read, made on the spot."""

import importlib.util
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile as sf

from hclarity.audio.values import Samples

SOUNDFILE_KINDS = {
    "16.wav": ("WAV", "PCM_16"),
    "24.wav": ("WAV", "PCM_24"),
    "float.wav": ("WAV", "FLOAT"),
    "large.wav": ("RF64", "PCM_16"),
    "song.w64": ("W64", "PCM_16"),
    "song.aiff": ("AIFF", "PCM_24"),
    "song.caf": ("CAF", "PCM_16"),
    "song.au": ("AU", "PCM_16"),
    "song.flac": ("FLAC", "PCM_16"),
    "song.ogg": ("OGG", "VORBIS"),
    "song.opus": ("OGG", "OPUS"),
}
PYAV_KINDS = {
    "song.mp3": ("mp3", "libmp3lame"),
    "song.m4a": ("mp4", "aac"),
    "lossless.m4a": ("mp4", "alac"),
    "song.mka": ("matroska", "aac"),
    "song.aac": ("adts", "aac"),
    "float.mka": ("matroska", "pcm_f32le"),
}
KINDS = SOUNDFILE_KINDS | PYAV_KINDS


def write(path: Path, samples: Samples, sample_rate: int = 48000) -> Path:
    """Write ``[channels, frames]`` as the kind that the file is named after."""
    container, codec = KINDS[path.name]
    if path.name in SOUNDFILE_KINDS:
        sf.write(path, samples.T, sample_rate, format=container, subtype=codec)
    else:
        write_with_pyav(path, [samples], sample_rate, container, codec)
    return path


def write_with_pyav(
    path: Path, sounds: list[Samples], sample_rate: int, container: str, codec: str
) -> Path:
    """Write one stream for each of ``sounds``, all of them alike."""
    with av.open(str(path), "w", format=container) as file:
        layout = "mono" if sounds[0].shape[0] == 1 else "stereo"
        streams = [file.add_stream(codec, rate=sample_rate, layout=layout) for _ in sounds]
        for stream, samples in zip(streams, sounds, strict=True):
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), "fltp", layout)
            frame.sample_rate = sample_rate
            for packet in [*stream.encode(frame), *stream.encode(None)]:
                file.mux(packet)
    return path


def halved(path: Path) -> Path:
    """Cut a file in half."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return path


def stempeg_example() -> Path:
    """A real song: mixture, drums, bass, other, vocals. CC BY-NC-SA: heard, and kept nowhere."""
    spec = importlib.util.find_spec("stempeg")  # not imported: that would ask for ffmpeg
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("stempeg is not installed")
    (path,) = Path(spec.submodule_search_locations[0], "data").glob("*.stem.mp4")
    return path
