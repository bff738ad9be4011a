"""MP3, M4A, AAC, WMA and the sound of videos, decoded by FFmpeg inside PyAV.

PyAV is a plain dependency and not an extra: it is a wheel on every platform and needs no program on
PATH, while a missing or broken ffmpeg program is what users of other separators report most.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from math import ceil
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet

from hclarity.audio.containers import xing_frames
from hclarity.audio.reblocking import Reblocker
from hclarity.audio.values import Samples
from hclarity.errors import BadDataError

__all__ = ["PyavDecoder"]

_MP4 = "mov,mp4,m4a,3gp,3g2,mj2"
_STATES_LENGTH = {_MP4, "matroska,webm", "asf", "flac", "ape", "tta", "wv"}
_MP3_PADDING = 8192  # frames; an encoder's delay and padding stay below
_TOLERANCE = 0.5  # s; lengths in ms, lost first packets and rough headers stay below
# Whatever holds its own sound. FFmpeg also knows playlists, which make it open further files or go
# to the network, pictures, devices, and captions that are told by little more than a guess.
_CONTAINERS = (
    "aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,avi,caf,dsf,dts,dtshd,eac3,flac,flv,iff,loas,"
    "matroska,webm,mov,mp4,mp3,mpc,mpc8,mpeg,mpegts,mxf,nut,ogg,oma,qoa,rm,shn,sox,tak,truehd,tta,"
    "voc,w64,wav,wtv,wv,xwma"
)
_OPTIONS = {"format_whitelist": _CONTAINERS, "protocol_whitelist": "file"}
_LEAD_IN = 2048  # frames; AAC's packets overlap with the one before, which must be decoded too


class PyavDecoder:
    """An open file that FFmpeg decodes.

    Samples beyond ±1.0, which AAC and MP3 do decode to, are kept.

    Args:
        path: to a file that is there.
        stream: which of its sounds, from 0.

    Attributes:
        frames: as the container states them; None where FFmpeg could only guess from the bit rate.
        frame_bytes: not known.
        tolerance: how many frames fewer may come.
        failures: what `blocks` may raise when the file is damaged.

    Raises:
        BadDataError: when this is no audio file, is damaged, or has no such sound.
    """

    name = "pyav"
    frame_bytes: int | None = None
    failures: tuple[type[Exception], ...] = (
        av.FFmpegError,
        ValueError,  # when rate or channels are not, or do not stay, what the container says
    )

    def __init__(self, path: Path, stream: int) -> None:
        self._container = _opened(path)
        try:
            self._stream = _chosen(self._container, path, stream)
        except BadDataError:
            self._container.close()
            raise
        context = self._stream.codec_context
        self.sample_rate = context.sample_rate
        self.channels = context.channels
        self.frames = _stated_frames(self._container, self._stream, path)
        self.tolerance = int(_TOLERANCE * self.sample_rate)
        self.coding = f"{self._container.format.name} {context.name}"

    def blocks(self, frames: int) -> Iterator[Samples]:
        """Yield ``[channels, frames]``, the last one shorter."""
        reblocker = Reblocker(self.channels, frames)
        for block in self._trimmed(self._decoded(self._container.demux(self._stream))):
            yield from reblocker.push(block)
        if (rest := reblocker.rest()).shape[1]:
            yield rest

    def excerpt(self, start: int, frames: int) -> Samples:
        """``[channels, frames]`` from frame ``start`` on, the same that `blocks` has there.

        Where packets tell their time to the frame, as in MP4, by seeking; else by decoding the file
        from its beginning. Only noise that an AAC encoder left to the decoder's dice is other noise
        after seeking.
        """
        first, packets = self._packets_from(start - _LEAD_IN)
        held = [np.empty((self.channels, 0), np.float32)]
        missing = start - first + frames
        for block in self._decoded(packets):
            held.append(block)
            missing -= block.shape[1]
            if missing <= 0:
                break
        return np.concatenate(held, axis=1)[:, start - first : start - first + frames]

    def close(self) -> None:
        """Let go of the file."""
        self._container.close()

    def _packets_from(self, frame: int) -> "tuple[int, Iterator[Packet[AudioStream]]]":
        """The packets from one that begins at a frame or before, and the frame it begins at."""
        in_frames = self._stream.time_base == Fraction(1, self.sample_rate)
        if frame <= 0 or self._container.format.name != _MP4 or not in_frames:
            return 0, self._container.demux(self._stream)
        begin = self._stream.start_time or 0
        self._container.seek(begin + frame, stream=self._stream)
        packets = self._container.demux(self._stream)
        packet = next(packets)
        return (packet.pts or begin) - begin, chain([packet], packets)

    def _decoded(self, packets: "Iterator[Packet[AudioStream]]") -> Iterator[Samples]:
        """Every frame as planar float, which clips nothing."""
        planar = av.AudioResampler("fltp")  # given no rate or layout it leaves both alone
        for packet in packets:
            try:
                decoded = packet.decode()
            except av.InvalidDataError:
                if self._container.format.name != "mp3":
                    raise
                continue  # MP3 files joined end to end have tags inside; the next header is found
            for frame in decoded:
                if frame.sample_rate != self.sample_rate:
                    raise ValueError(f"{frame.sample_rate} Hz, not {self.sample_rate}")
                for part in planar.resample(frame):
                    yield part.to_ndarray().astype(np.float32, copy=False)
        for part in planar.resample(None):
            yield part.to_ndarray().astype(np.float32, copy=False)

    def _trimmed(self, blocks: Iterator[Samples]) -> Iterator[Samples]:
        """Cut an MP4 file's last packet where its sound ends; FFmpeg leaves the padding on."""
        if self._container.format.name != _MP4 or self.frames is None:
            yield from blocks
            return
        left = self.frames
        for block in blocks:
            yield block[:, :left]
            left -= min(left, block.shape[1])


def _opened(path: Path) -> InputContainer:
    address = f"file:{path}"  # a name such as concat:a|b is a name, and no order to FFmpeg
    try:
        return av.open(address, "r", options=_OPTIONS, metadata_errors="replace")
    except av.FFmpegError:
        raise _not_audio(path) from None


def _chosen(container: InputContainer, path: Path, stream: int) -> AudioStream:
    sounds = container.streams.audio
    if not sounds:
        raise BadDataError(f"{path} holds no audio")
    if not 0 <= stream < len(sounds):
        raise BadDataError(f"{path} has audio streams 0 to {len(sounds) - 1}, no {stream}")
    context = sounds[stream].codec_context
    if context is None:
        raise BadDataError(f"{path} holds sound in a coding that this FFmpeg does not know")
    if not (context.sample_rate and context.channels):  # what it makes of a text named .flac
        raise _not_audio(path)
    return sounds[stream]


def _not_audio(path: Path) -> BadDataError:
    return BadDataError(
        f"{path} is damaged, or no audio file; WAV, FLAC, MP3, Ogg, M4A and most others work"
    )


def _stated_frames(container: InputContainer, stream: AudioStream, path: Path) -> int | None:
    if stream.duration is not None and stream.time_base is not None:
        seconds = stream.duration * stream.time_base
    elif container.duration is not None and len(container.streams) == 1:
        seconds = Fraction(container.duration, av.time_base)
    else:
        return None
    frames = ceil(seconds * stream.codec_context.sample_rate)
    if container.format.name == "mp3":
        # FFmpeg drops the tag's count for a guess when files were joined: believe it if they agree.
        tagged = xing_frames(path, stream.codec_context.sample_rate)
        return frames if tagged is not None and 0 <= tagged - frames < _MP3_PADDING else None
    return frames if container.format.name in _STATES_LENGTH else None
