import io

import numpy as np
import pytest
import soundfile as sf
from cli_program import music

from hclarity.audio.opus import OPUS_RATE, opus_bytes


@pytest.mark.parametrize("frames", [1, 959, 960, 48000, 50_001])
def test_what_is_decoded_is_as_long_in_time_and_as_loud(frames: int) -> None:
    song = music(2.0, rate=OPUS_RATE)[:, 5000 : 5000 + frames]
    decoded, rate = sf.read(io.BytesIO(opus_bytes(song)), dtype="float32")
    assert (rate, decoded.shape) == (OPUS_RATE, (frames, 2))
    if frames > OPUS_RATE / 2:
        error = decoded.T - song
        assert 10 * np.log10(np.square(song).sum() / np.square(error).sum()) > 15
        lags = [np.vdot(np.roll(decoded[:, 0], lag), song[0]) for lag in range(-3, 4)]
        assert int(np.argmax(lags)) == 3


def test_what_is_beyond_full_scale_is_kept() -> None:
    song = music(1.0, rate=OPUS_RATE)
    song *= 1.8 / np.abs(song).max()
    decoded, _ = sf.read(io.BytesIO(opus_bytes(song)))
    assert np.abs(decoded).max() > 1.5


def test_the_same_sound_is_the_same_file_but_for_its_serial_number() -> None:
    song = music(0.5, rate=OPUS_RATE)
    first, second = (sf.read(io.BytesIO(opus_bytes(song)))[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_a_second_takes_less_than_24_kilobytes() -> None:
    assert len(opus_bytes(music(4.0, rate=OPUS_RATE))) < 4 * 24_000
