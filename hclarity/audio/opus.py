"""Short pieces of sound as Ogg Opus, in memory, by FFmpeg: three times as fast as libsndfile."""

import io

import numpy as np

from hclarity.audio.values import Samples

__all__ = ["OPUS_RATE", "opus_bytes"]

OPUS_RATE = 48000
"""In Hz: what Opus itself works at."""

_BITS_A_SECOND = 128_000


def opus_bytes(samples: Samples) -> bytes:
    """Encode ``[2, frames]`` at `OPUS_RATE`; decoded it is as long, without delay."""
    import av

    file = io.BytesIO()
    with av.open(file, "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=OPUS_RATE, layout="stereo")
        stream.bit_rate = _BITS_A_SECOND
        stream.codec_context.format = "flt"  # else 16 bits, which clip what is beyond full scale
        interleaved = np.ascontiguousarray(samples.T).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(interleaved, format="flt", layout="stereo")
        frame.sample_rate, frame.pts = OPUS_RATE, 0
        for asked in (frame, None):
            container.mux(stream.encode(asked))
    return file.getvalue()
