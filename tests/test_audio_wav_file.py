import struct

import numpy as np
import pytest
import soundfile as sf
from audio_blocks import noise

from hclarity.audio import wav_file
from hclarity.audio.reading import AudioReader, read_audio
from hclarity.audio.wav_file import WavFile
from hclarity.errors import BadDataError


def levels(bits, channels, frames):
    generator = np.random.default_rng(0)
    if bits == "32f":
        return noise(0, channels, frames, level=2).T
    if bits == "16":
        return generator.integers(-(1 << 15), 1 << 15, (frames, channels)).astype(np.int16)
    return generator.integers(-(1 << 23), 1 << 23, (frames, channels)).astype(np.int32) << 8


def write(path, bits, samples):
    file = WavFile(path, 44100, samples.shape[1], bits)
    for start in range(0, len(samples), 300):
        file.write(samples[start : start + 300])
    file.close()
    return path


@pytest.mark.parametrize("bits", ["16", "24", "32f"])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("frames", [0, 1, 1001])
def test_others_read_what_was_written(tmp_path, bits, channels, frames):
    samples = levels(bits, channels, frames)
    path = write(tmp_path / "a.wav", bits, samples)
    kinds = {"16": "PCM_16", "24": "PCM_24", "32f": "FLOAT"}
    info = sf.info(path)
    assert (info.format, info.subtype) == ("WAV", kinds[bits])
    assert (info.samplerate, info.channels, info.frames) == (44100, channels, frames)
    back = sf.read(path, dtype=samples.dtype.name, always_2d=True)[0]
    assert np.array_equal(back, samples)


def test_sizes_in_the_header_are_the_files(tmp_path):
    path = write(tmp_path / "a.wav", "24", levels("24", 1, 1001))  # an odd number of bytes
    content = path.read_bytes()
    assert struct.unpack_from("<I", content, 4)[0] == len(content) - 8
    at = content.index(b"data")
    assert struct.unpack_from("<I", content, at + 4)[0] == 3 * 1001
    assert len(content) == at + 8 + 3 * 1001 + 1


@pytest.mark.parametrize("bits", ["16", "24", "32f"])
def test_beyond_2_gib_it_is_rf64(tmp_path, monkeypatch, bits):
    monkeypatch.setattr(wav_file, "_LARGEST_PLAIN", 1000)
    samples = levels(bits, 2, 1000)
    path = write(tmp_path / "a.wav", bits, samples)
    assert sf.info(path).format == "RF64"
    assert np.array_equal(sf.read(path, dtype=samples.dtype.name)[0], samples)
    with AudioReader(path) as reader:
        assert reader.frames == 1000
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BadDataError, match="expected 1000 frames, decoded 999"):
        read_audio(path)


def test_a_header_that_says_4_gib_fits(tmp_path):
    file = WavFile(tmp_path / "a.wav", 44100, 2, "32f")
    file._data_bytes = 5 << 30
    header = file._header()
    file.abandon()
    riff, size, wave, ds64, _, all_bytes, data_bytes, frames, _ = struct.unpack_from(
        "<4sI4s4sIQQQI", header
    )
    assert (riff, size, wave, ds64) == (b"RF64", 0xFFFFFFFF, b"WAVE", b"ds64")
    assert (all_bytes, data_bytes, frames) == (len(header) + (5 << 30) - 8, 5 << 30, 5 << 27)
    assert header[-8:] == b"data\xff\xff\xff\xff"


def test_the_same_song_is_the_same_bytes(tmp_path):
    samples = levels("32f", 2, 1000)
    first, second = (write(tmp_path / name, "32f", samples).read_bytes() for name in ("a", "b"))
    assert first == second


def test_never_over_a_file_that_is_there(tmp_path):
    (tmp_path / "a.wav").write_text("precious")
    with pytest.raises(FileExistsError):
        WavFile(tmp_path / "a.wav", 44100, 2, "16")
