"""WAV files, written so that their length need not be known.

Room for RF64's 64-bit sizes is left at the start (EBU Tech 3306) and used only when a file outgrows
2 GiB, beyond which readers of plain WAV fail. libsndfile must be told beforehand, and stamps the
time into float files: the same song would never give the same bytes.
"""

import os
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hclarity.audio.encoding import Bits

__all__ = ["WavFile"]

_LARGEST_PLAIN = (1 << 31) - 1  # bytes
_NOT_HERE = 0xFFFFFFFF  # "see ds64"
_PCM, _FLOAT = 1, 3


class WavFile:
    """A new WAV file.

    Args:
        path: must not exist yet.
        sample_rate: in Hz.
        channels: samples in a frame.
        bits: of each sample.

    Raises:
        OSError: when it cannot be created; so do `write` and `close` when the disk is full.
    """

    def __init__(self, path: Path, sample_rate: int, channels: int, bits: Bits) -> None:
        self._file = path.open("xb")
        self._sample_rate = sample_rate
        self._channels = channels
        self._bits = bits
        self._data_bytes = 0
        self._file.write(self._header())

    def write(self, frames: NDArray[np.generic]) -> None:
        """Write ``[frames, channels]``: int16, int32 (its upper 24 bits) or float32."""
        little_endian = frames.astype(frames.dtype.newbyteorder("<"), order="C", copy=False)
        if self._bits == "24":
            data = little_endian.view(np.uint8).reshape(-1, 4)[:, 1:].tobytes()
        else:
            data = little_endian.tobytes()
        self._file.write(data)
        self._data_bytes += len(data)

    def close(self) -> None:
        """Complete the header and bring everything to the disk."""
        self._file.write(bytes(self._data_bytes % 2))
        self._file.seek(0)
        self._file.write(self._header())
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def abandon(self) -> None:
        """Let go of an unfinished file."""
        self._file.close()

    def _header(self) -> bytes:
        width = int(self._bits.removesuffix("f")) // 8
        frame = width * self._channels
        coding = _FLOAT if self._bits == "32f" else _PCM
        form = struct.pack(
            "<4sIHHIIHH", b"fmt ", 16, coding, self._channels,
            self._sample_rate, self._sample_rate * frame, frame, 8 * width,
        )  # fmt: skip
        all_bytes = 12 + 36 + len(form) + 8 + self._data_bytes + self._data_bytes % 2 - 8
        if all_bytes <= _LARGEST_PLAIN:
            start = struct.pack("<4sI4s4sI28x", b"RIFF", all_bytes, b"WAVE", b"JUNK", 28)
            return start + form + struct.pack("<4sI", b"data", self._data_bytes)
        start = struct.pack(
            "<4sI4s4sIQQQI", b"RF64", _NOT_HERE, b"WAVE", b"ds64", 28,
            all_bytes, self._data_bytes, self._data_bytes // frame, 0,
        )  # fmt: skip
        return start + form + struct.pack("<4sI", b"data", _NOT_HERE)
