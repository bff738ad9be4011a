import contextlib
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from audio_blocks import noise
from audio_files import KINDS, SOUNDFILE_KINDS, halved, stempeg_example, write

from hclarity.audio.reading import AudioReader, read_audio
from hclarity.errors import BadDataError, MissingInputError


def float_wav(path, samples, rate=44100):
    sf.write(path, samples.T, rate, format="WAV", subtype="FLOAT")
    return path


# What is read


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("channels", [1, 2])
def test_every_kind_of_file(tmp_path, kind, channels):
    path = write(tmp_path / kind, noise(0, channels, 48000))
    with AudioReader(path) as reader:
        assert reader.decoder == ("soundfile" if kind in SOUNDFILE_KINDS else "pyav")
        assert (reader.path, reader.channels, reader.sample_rate) == (path, channels, 48000)
        blocks = list(reader.blocks(10000))
    assert {block.dtype for block in blocks} == {np.dtype(np.float32)}
    assert {block.shape for block in blocks[:-1]} == {(channels, 10000)}
    assert 1 <= blocks[-1].shape[1] <= 10000
    frames = sum(block.shape[1] for block in blocks)
    # AAC's first packet is silence; a container that cannot say so leaves it in.
    assert 48000 <= frames <= 48000 + (3000 if KINDS[kind][1] == "aac" else 0)


@pytest.mark.parametrize("kind", KINDS)
def test_block_sizes_never_matter(tmp_path, kind):
    path = write(tmp_path / kind, noise(0, 2, 20000))
    whole = read_audio(path).samples
    for size in (1000, 4097, 65536):
        with AudioReader(path) as reader:
            assert np.array_equal(np.concatenate(list(reader.blocks(size)), axis=1), whole)


@pytest.mark.parametrize("name", ["two words.wav", "häß låt 歌 🎵.wav", "-dash.wav", "no suffix"])
def test_any_name(tmp_path, name):
    samples = noise(1, 2, 100)
    assert np.array_equal(read_audio(float_wav(tmp_path / name, samples)).samples, samples)


@pytest.mark.parametrize("rate", [8000, 192000])
def test_one_frame_is_a_song_at_either_end_of_the_rates(tmp_path, rate):
    audio = read_audio(float_wav(tmp_path / "a.wav", noise(1, 1, 1), rate))
    assert (audio.frames, audio.sample_rate) == (1, rate)


def test_the_suffix_does_not_decide(tmp_path):
    path = write(tmp_path / "song.flac", noise(0, 1, 1000)).rename(tmp_path / "song.mp3")
    with AudioReader(path) as reader:
        assert reader.coding == "FLAC PCM_16"


def test_loud_float_is_not_clipped(tmp_path):
    samples = noise(2, 2, 1000, level=5)
    assert np.array_equal(read_audio(float_wav(tmp_path / "a.wav", samples)).samples, samples)


# Lengths that decoders get wrong


def test_mp3_of_variable_bit_rate_that_does_not_state_its_length_is_read_whole(tmp_path):
    quiet_then_loud = np.concatenate([noise(0, 2, 100000, 1e-4), noise(1, 2, 100000, 0.3)], axis=1)
    path = tmp_path / "song.mp3"
    settings = {"compression_level": 0.2, "bitrate_mode": "VARIABLE"}
    sf.write(path, quiet_then_loud.T, 44100, format="MP3", **settings)
    content = path.read_bytes()
    assert b"Xing" in content[:200]
    path.write_bytes(content[content.index(content[:2], 200) :])  # without the first packet
    with AudioReader(path) as reader:
        assert reader.frames is None
        assert sum(block.shape[1] for block in reader.blocks()) >= 200000


def test_flac_from_a_pipe_is_read_whole(tmp_path):
    samples = np.round(noise(0, 1, 20000) * 1000) / np.float32(32768)
    path = write(tmp_path / "song.flac", samples)
    content = bytearray(path.read_bytes())
    content[22:26] = bytes(4)  # the low 32 bits of the frame count: 0 is "unknown"
    path.write_bytes(content)
    with AudioReader(path) as reader:
        assert reader.frames is None
        assert np.array_equal(np.concatenate(list(reader.blocks()), axis=1), samples)


@pytest.mark.parametrize("kind", ["song.ogg", "song.mp3"])
def test_joined_files_are_read_to_the_end(tmp_path, kind):
    first, second = (write(tmp_path / kind, noise(seed, 2, 48000)).read_bytes() for seed in (1, 2))
    path = tmp_path / "both"
    path.write_bytes(first + second)
    assert read_audio(path).frames >= 2 * 48000 - 1152


def test_wav_from_a_pipe_is_read_whole(tmp_path):
    path = write(tmp_path / "16.wav", noise(0, 2, 5000))
    content = bytearray(path.read_bytes())
    content[4:8] = content[40:44] = b"\xff" * 4
    path.write_bytes(content)
    assert read_audio(path).frames == 5000


# What is refused


def test_not_there(tmp_path):
    with pytest.raises(MissingInputError, match=r"song\.wav is not there"):
        AudioReader(tmp_path / "song.wav")


def test_a_folder(tmp_path):
    with pytest.raises(MissingInputError, match=f"{tmp_path} is a folder"):
        AudioReader(tmp_path)


def test_a_file_as_folder(tmp_path):
    path = float_wav(tmp_path / "a.wav", noise(0, 1, 10))
    with pytest.raises(MissingInputError, match=r"cannot be read: Not a directory"):
        AudioReader(path / "b.wav")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(MissingInputError, match="no regular file"):
        AudioReader(tmp_path / "pipe.wav")


def test_unreadable(tmp_path, monkeypatch):
    path = float_wav(tmp_path / "a.wav", noise(0, 1, 10))

    def refuse(self, mode="r"):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(MissingInputError, match=r"a\.wav cannot be read: Permission denied"):
        AudioReader(path)


def test_empty(tmp_path):
    (tmp_path / "a.wav").touch()
    with pytest.raises(BadDataError, match=r"a\.wav is empty"):
        AudioReader(tmp_path / "a.wav")


@pytest.mark.parametrize("suffix", ["flac", "wav", "mp3", "ogg", "m4a", "txt", "raw"])
@pytest.mark.parametrize("text", ["no music, only words\n" * 500, "<html><body>404</body>", "x"])
def test_text_named_like_a_song(tmp_path, suffix, text):
    path = tmp_path / f"song.{suffix}"
    path.write_text(text)
    with pytest.raises(BadDataError, match=rf"song\.{suffix} "):
        read_audio(path)


def test_no_frames(tmp_path):
    path = float_wav(tmp_path / "a.wav", np.zeros((2, 0), np.float32))
    with pytest.raises(BadDataError, match=r"a\.wav holds no audio"):
        AudioReader(path)


def test_more_than_two_channels(tmp_path):
    path = float_wav(tmp_path / "a.wav", noise(0, 8, 100))
    with pytest.raises(BadDataError, match=r"a\.wav has 8 channels; downmix"):
        AudioReader(path)


@pytest.mark.parametrize("rate", [7999, 192001])
def test_rates_out_of_range(tmp_path, rate):
    path = float_wav(tmp_path / "a.wav", noise(0, 1, 100), rate)
    with pytest.raises(BadDataError, match=f"sample rate of {rate} Hz"):
        AudioReader(path)


@pytest.mark.parametrize("kind", ["float.wav", "float.mka"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers(tmp_path, kind, value):
    samples = noise(0, 2, 48000)
    samples[1, 24000] = samples[0, 24001] = value
    path = write(tmp_path / kind, samples)
    with (
        AudioReader(path) as reader,
        pytest.raises(BadDataError, match=r"2 NaN or infinite .* frame 24000 \(0\.500 s\)"),
    ):
        list(reader.blocks(10000))


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"song.caf"}))
def test_half_a_file_is_never_taken_for_a_whole(tmp_path, kind):
    path = halved(write(tmp_path / kind, noise(0, 2, 96000)))
    with pytest.raises(BadDataError, match=f"{path} is (cut short|damaged)"):
        read_audio(path)


@pytest.mark.parametrize("kind", ["16.wav", "float.wav", "large.wav", "song.aiff", "song.flac"])
def test_half_a_file_tells_how_much_was_expected(tmp_path, kind):
    path = halved(write(tmp_path / kind, noise(0, 2, 200000)))
    with pytest.raises(BadDataError, match=r"expected 200000 frames, decoded \d+; get a whole"):
        read_audio(path)


def test_half_an_mp3_tells_how_much_was_expected_and_is_quiet_about_it(tmp_path, capfd):
    path = halved(write(tmp_path / "song.mp3", noise(0, 2, 200000)))
    with pytest.raises(BadDataError, match=r"expected 200000 frames, decoded 10\d{4}"):
        read_audio(path)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", ["16.wav", "song.flac"])
def test_cut_at_any_byte(tmp_path, kind):
    path = write(tmp_path / kind, noise(0, 1, 200))
    content = path.read_bytes()
    read_audio(path)
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(BadDataError):
            read_audio(path)


@pytest.mark.parametrize("kind", ["song.ogg", "song.mp3", "song.m4a", "song.caf"])
def test_cut_anywhere_ends_in_a_song_or_a_clean_error(tmp_path, kind):
    path = write(tmp_path / kind, noise(0, 1, 20000))
    content = path.read_bytes()
    for length in range(1, len(content), 499):
        path.write_bytes(content[:length])
        with contextlib.suppress(BadDataError):
            assert read_audio(path).frames > 0


def test_a_damaged_middle_is_not_passed_over(tmp_path):
    path = write(tmp_path / "song.flac", noise(0, 2, 100000))
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 5000] = bytes(5000)
    path.write_bytes(content)
    with pytest.raises(BadDataError, match=r"is (cut short|damaged)"):
        read_audio(path)


def test_the_second_stream_of_a_file_with_one(tmp_path):
    path = write(tmp_path / "16.wav", noise(0, 1, 1000))
    with pytest.raises(BadDataError, match="audio streams 0 to 0, no 1"):
        AudioReader(path, stream=1)


# Crops


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("start", [0, 1, 2047, 2049, 17000])
def test_a_crop_is_what_the_whole_file_has_there(tmp_path, kind, start):
    """Tones, for FFmpeg's AAC encoder leaves noise to the decoder's dice."""
    time = np.arange(40000, dtype=np.float32)
    tones = np.sin(np.outer([0.03, 0.07], time * (1 + time / 80000)))
    path = write(tmp_path / kind, (0.1 * tones).astype(np.float32))
    whole = read_audio(path).samples
    with AudioReader(path) as reader:
        crop = reader.excerpt(start, 3000)
    exact = kind != "song.m4a"
    np.testing.assert_allclose(
        crop, whole[:, start : start + 3000], rtol=0, atol=0 if exact else 1e-4
    )


@pytest.mark.parametrize("stream", [0, 3])
def test_a_crop_of_one_of_several_streams(stream):
    with AudioReader(stempeg_example(), stream=stream) as reader:
        whole = np.concatenate(list(reader.blocks()), axis=1)
    for start in (0, 1023, 100_001, 268_288 - 5000):
        with AudioReader(stempeg_example(), stream=stream) as reader:
            np.testing.assert_array_equal(
                reader.excerpt(start, 5000), whole[:, start : start + 5000]
            )


def test_a_crop_beyond_the_end_is_refused(tmp_path):
    path = write(tmp_path / "16.wav", noise(0, 1, 1000))
    with (
        AudioReader(path) as reader,
        pytest.raises(BadDataError, match="expected 1100 frames, decoded 1000"),
    ):
        reader.excerpt(900, 200)


@pytest.mark.parametrize("loudest", [2e6, -1e30])
def test_samples_louder_than_any_sound(tmp_path, loudest):
    samples = noise(0, 2, 48000)
    samples[0, 24000] = 1e6
    samples[1, 36000] = loudest
    with (
        AudioReader(write(tmp_path / "float.wav", samples)) as reader,
        pytest.raises(BadDataError, match=r"1 impossibly loud samples from frame 36000"),
    ):
        list(reader.blocks())


def test_a_crop_with_samples_that_are_no_numbers_is_refused(tmp_path):
    samples = noise(0, 1, 1000)
    samples[0, 600] = np.nan
    path = write(tmp_path / "float.wav", samples)
    with AudioReader(path) as reader:
        assert reader.excerpt(0, 600).shape == (1, 600)
    with (
        AudioReader(path) as reader,
        pytest.raises(BadDataError, match="1 NaN or infinite samples from frame 600"),
    ):
        reader.excerpt(500, 200)


# A real song with five streams


@pytest.mark.parametrize("stream", [0, 1, 4])
def test_the_stempeg_example(stream):
    peaks = {0: 1.024, 1: 1.016, 4: 0.973}  # the decoder's own; clipped they would be 1.0
    with AudioReader(stempeg_example(), stream=stream) as reader:
        assert (reader.sample_rate, reader.channels, reader.frames) == (44100, 2, 268288)
        samples = np.concatenate(list(reader.blocks()), axis=1)
    assert samples.shape == (2, 268288)
    assert np.abs(samples).max() == pytest.approx(peaks[stream], abs=0.001)


def test_importing_readers_and_meters_is_light():
    modules = "reading", "writing", "limiter", "loudness", "true_peak", "resampling"
    imports = "; ".join(f"import hclarity.audio.{module}" for module in modules)
    check = "import sys; print(*{'av', 'scipy', 'pyloudnorm', 'torch'} & sys.modules.keys())"
    command = [sys.executable, "-c", f"{imports}; {check}"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "\n"


# What has no end


def hours_of_silence(path, hours):
    """8 kHz in mono and 8 bits, in a file that takes no place."""
    frames = round(hours * 3600 * 8000)
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8)
    head = b"RIFF" + struct.pack("<I", 36 + frames) + b"WAVE" + form
    with path.open("wb") as file:
        file.write(head + struct.pack("<4sI", b"data", frames))
        file.truncate(44 + frames)
    return path


@pytest.mark.parametrize("hours", [6, 12])
def test_long_songs_are_songs(tmp_path, hours):
    with AudioReader(hours_of_silence(tmp_path / "a.wav", hours)) as reader:
        assert reader.frames == hours * 3600 * 8000
        assert next(reader.blocks()).shape == (1, 65536)


def test_longer_ones_are_told_what_to_do(tmp_path):
    with pytest.raises(BadDataError, match=r"longer than 12 hours; cut it into parts first"):
        AudioReader(hours_of_silence(tmp_path / "a.wav", 12.01))


@pytest.mark.parametrize("kind", ["song.aac"])
def test_a_stream_that_does_not_say_how_long_it_is_ends_there_too(tmp_path, monkeypatch, kind):
    path = write(tmp_path / kind, noise(0, 1, 96000))
    monkeypatch.setattr("hclarity.audio.reading._LONGEST_HOURS", 1 / 3600)
    with AudioReader(path) as reader, pytest.raises(BadDataError, match="longer than"):
        list(reader.blocks(1000))
