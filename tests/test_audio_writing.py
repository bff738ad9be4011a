import contextlib
import errno
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from audio_blocks import block_sizes, cut, noise, seeds, tone
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.audio.reading import read_audio
from hclarity.audio.resampling import resample
from hclarity.audio.values import Audio
from hclarity.audio.wav_file import WavFile
from hclarity.audio.writing import AudioWriter, Encoding, check_writable, encoded_bytes
from hclarity.errors import (
    BadDataError,
    CannotCreateError,
    StorageError,
    UnavailableError,
)

LOSSLESS = [
    Encoding("wav", "16"),
    Encoding("wav", "24"),
    Encoding("wav", "32f"),
    Encoding("flac", "16"),
    Encoding("flac", "24"),
]
LOSSY = [Encoding("mp3"), Encoding("ogg"), Encoding("opus")]


def name(encoding):
    return f"{encoding.format}-{encoding.bits}"


every_encoding = pytest.mark.parametrize("encoding", LOSSLESS + LOSSY, ids=name)
each_way = pytest.mark.parametrize("encoding", [Encoding("wav"), Encoding("flac")], ids=name)


def write(path, encoding, samples, rate=48000, sizes=(3000,), seed=0):
    return write_blocks(path, encoding, cut(samples, list(sizes)), len(samples), rate, seed)


def write_blocks(path, encoding, blocks, channels=2, rate=48000, seed=0):
    options = {"sample_rate": rate, "channels": channels, "encoding": encoding, "seed": seed}
    with AudioWriter(path, **options) as writer:
        for block in blocks:
            writer.push(block)
    return writer


# What is written


@pytest.mark.parametrize("encoding", LOSSLESS, ids=name)
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("frames", [1, 4096, 10001])
def test_lossless_round_trip(tmp_path, encoding, channels, frames):
    samples = noise(0, channels, frames)
    write(tmp_path / "song", encoding, samples, rate=44100)
    audio = read_audio(tmp_path / "song")
    assert (audio.sample_rate, audio.samples.shape) == (44100, samples.shape)
    half_a_level = {"16": 1.5 / (1 << 15), "24": 0.5 / (1 << 23), "32f": 0}[encoding.bits]
    assert np.abs(audio.samples.astype(np.float64) - samples).max() <= half_a_level


@pytest.mark.parametrize("encoding", [Encoding("wav"), Encoding("flac")], ids=name)
@pytest.mark.parametrize("bits", [16, 24])
def test_24_bits_keep_a_16_or_24_bit_song_to_the_last_bit(tmp_path, encoding, bits):
    scale = 1 << (bits - 1)
    levels = np.random.default_rng(0).integers(-scale, scale, (2, 10000))
    samples = (levels / scale).astype(np.float32)
    write(tmp_path / "song", encoding, samples)
    assert np.array_equal(read_audio(tmp_path / "song").samples, samples)


@pytest.mark.parametrize("encoding", LOSSY, ids=name)
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("frames", [1, 48000])
def test_lossy_round_trip(tmp_path, encoding, channels, frames):
    samples = np.repeat(tone(440, 48000, frames / 48000), channels, axis=0)
    write(tmp_path / "song", encoding, samples)
    audio = read_audio(tmp_path / "song")
    assert (audio.sample_rate, audio.samples.shape) == (48000, samples.shape)
    assert np.abs(audio.samples - samples)[:, 4000:-4000].max(initial=0) < 0.02


@pytest.mark.parametrize(
    ("encoding", "rate"), [(Encoding("opus"), 44100), (Encoding("mp3"), 96000)], ids=str
)
def test_a_rate_the_format_does_not_know_becomes_48_khz(tmp_path, encoding, rate):
    song = Audio(tone(440, rate, 1), rate)
    write(tmp_path / "song", encoding, song.samples, rate=rate)
    audio = read_audio(tmp_path / "song")
    assert (audio.sample_rate, audio.frames) == (48000, 48000)
    difference = audio.samples - resample(song, 48000).samples
    assert np.abs(difference)[:, 4000:-4000].max() < 0.02


@every_encoding
@settings(deadline=None, max_examples=5)
@given(seed=seeds, sizes=block_sizes, frames=st.integers(1, 20000))
def test_block_sizes_never_matter(encoding, seed, sizes, frames):
    samples = noise(seed, 2, frames)
    with tempfile.TemporaryDirectory() as folder:
        whole, in_blocks = Path(folder, "whole"), Path(folder, "blocks")
        write(whole, encoding, samples, rate=44100, sizes=[frames], seed=seed)
        write(in_blocks, encoding, samples, rate=44100, sizes=sizes, seed=seed)
        assert np.array_equal(read_audio(whole).samples, read_audio(in_blocks).samples)


@every_encoding
def test_nor_do_they_in_a_long_song(tmp_path, encoding):
    samples = noise(0, 2, 200000)
    for path, size in ((tmp_path / "a", 200000), (tmp_path / "b", 70001), (tmp_path / "c", 999)):
        write(path, encoding, samples, rate=44100, sizes=[size])
    a, b, c = (read_audio(tmp_path / name).samples for name in "abc")
    assert np.array_equal(a, b)
    assert np.array_equal(a, c)


def test_the_seed_decides_the_dither(tmp_path):
    samples = noise(0, 2, 1000)
    for path, seed in ((tmp_path / "a", 1), (tmp_path / "b", 1), (tmp_path / "c", 2)):
        write(path, Encoding("wav", "16"), samples, seed=seed)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert (tmp_path / "a").read_bytes() != (tmp_path / "c").read_bytes()


@pytest.mark.parametrize("encoding", LOSSLESS, ids=name)
def test_silence_stays_silent(tmp_path, encoding):
    write(tmp_path / "song", encoding, np.zeros((2, 5000), np.float32))
    assert not read_audio(tmp_path / "song").samples.any()


def test_a_song_pushed_at_once_does_not_overflow_an_encoder(tmp_path):
    write(tmp_path / "song", Encoding("ogg"), tone(440, 48000, 120), sizes=[120 * 48000])
    assert read_audio(tmp_path / "song").seconds == 120


# Levels


@pytest.mark.parametrize("encoding", LOSSLESS, ids=name)
def test_integers_clip_and_say_so_and_float_does_not(tmp_path, encoding):
    samples = np.zeros((2, 100), np.float32)
    samples[0, :4] = [0.5, 1.0, 1.5, -1.25]
    writer = write(tmp_path / "song", encoding, samples, sizes=[3])
    back = read_audio(tmp_path / "song").samples[0, :4]
    assert writer.peak == 1.5
    if encoding.bits == "32f":
        assert writer.clipped_samples == 0
        assert back.tolist() == [0.5, 1.0, 1.5, -1.25]
    else:
        assert writer.clipped_samples == 2
        assert back == pytest.approx([0.5, 1.0, 1.0, -1.0], abs=1e-4)


@pytest.mark.parametrize("encoding", LOSSY, ids=name)
def test_lossy_formats_keep_what_is_beyond_full_scale(tmp_path, encoding):
    samples = tone(440, 48000, 1, peak=1.5)
    writer = write(tmp_path / "song", encoding, samples)
    back = read_audio(tmp_path / "song").samples
    assert writer.peak == pytest.approx(1.5, abs=1e-3)
    assert writer.clipped_samples == 0
    assert np.abs(back - samples)[:, 4000:-4000].max() < 0.1


# What is refused


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_no_numbers_leave_no_file(tmp_path, value):
    samples = noise(0, 2, 100)
    samples[1, 50] = value
    with pytest.raises(BadDataError, match="NaN or infinite"):
        write(tmp_path / "song.wav", Encoding("wav", "16"), samples)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("shape", [(1, 100), (3, 100), (100,)])
def test_another_shape_is_refused(tmp_path, shape):
    options = {"sample_rate": 44100, "channels": 2, "encoding": Encoding("wav")}
    with (
        AudioWriter(tmp_path / "song.wav", **options) as writer,
        pytest.raises(BadDataError, match=r"takes \[2, frames\], got"),
    ):
        writer.push(np.zeros(shape, np.float32))


def test_a_folder_of_that_name(tmp_path):
    (tmp_path / "song.wav").mkdir()
    with pytest.raises(CannotCreateError, match=r"song\.wav is a folder"):
        write(tmp_path / "song.wav", Encoding("wav"), noise(0, 1, 10))


@each_way
def test_a_file_where_a_folder_should_be(tmp_path, encoding):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(CannotCreateError, match=r"song cannot be written: "):
        write(tmp_path / "taken" / "song", encoding, noise(0, 1, 10))


@each_way
def test_a_folder_that_may_not_be_written_to(tmp_path, encoding, monkeypatch):
    def refuse(self, mode="r"):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(CannotCreateError, match=r"song cannot be written: Permission denied"):
        write(tmp_path / "song", encoding, noise(0, 1, 10))


# Whole under its final name, or not there at all


@every_encoding
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_broken_off_it_leaves_what_was_there(tmp_path, encoding, error):
    path = tmp_path / "song"
    path.write_text("the old song")

    def blocks():
        yield noise(0, 2, 5000)
        raise error

    with pytest.raises(error):
        write_blocks(path, encoding, blocks())
    assert path.read_text() == "the old song"
    assert list(tmp_path.iterdir()) == [path]


@every_encoding
def test_broken_off_at_the_very_end_too(tmp_path, encoding, monkeypatch):
    def interrupt(self, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "song", encoding, noise(0, 2, 5000))
    assert not list(tmp_path.iterdir())


@every_encoding
def test_the_final_name_appears_only_at_the_end_and_replaces(tmp_path, encoding):
    path = tmp_path / "song"
    path.write_text("the old song")
    options = {"sample_rate": 48000, "channels": 1, "encoding": encoding}
    with AudioWriter(path, **options) as writer:
        writer.push(noise(0, 1, 5000))
        assert path.read_text() == "the old song"
    assert read_audio(path).frames == 5000
    assert list(tmp_path.iterdir()) == [path]


def test_a_finished_file_has_no_name_yet(tmp_path):
    path = tmp_path / "song.flac"
    path.write_text("the old song")
    options = {"sample_rate": 48000, "channels": 1, "encoding": Encoding("flac")}
    with AudioWriter(path, **options) as writer:
        writer.push(noise(0, 1, 5000))
        writer.finish()
        (part,) = tmp_path.glob(".*.part")
        assert read_audio(part).frames == 5000
        assert path.read_text() == "the old song"
    assert read_audio(path).frames == 5000
    writer = AudioWriter(path, **options)
    writer.finish()
    writer.__exit__(KeyError, KeyError(), None)
    assert [each.name for each in tmp_path.iterdir()] == ["song.flac"]
    assert read_audio(path).frames == 5000


def test_closing_twice_is_closing_once(tmp_path):
    options = {"sample_rate": 48000, "channels": 1, "encoding": Encoding("flac")}
    with AudioWriter(tmp_path / "song.flac", **options) as writer:
        writer.push(noise(0, 1, 5000))
        writer.close()
    assert read_audio(tmp_path / "song.flac").frames == 5000


def test_two_writers_of_one_name_do_not_meet(tmp_path):
    options = {"sample_rate": 48000, "channels": 1, "encoding": Encoding("wav", "32f")}
    first, second = noise(1, 1, 5000), noise(2, 1, 6000)
    with (
        AudioWriter(tmp_path / "song.wav", **options) as outer,
        AudioWriter(tmp_path / "song.wav", **options) as inner,
    ):
        outer.push(first)
        inner.push(second)
    assert np.array_equal(read_audio(tmp_path / "song.wav").samples, first)


@each_way
@pytest.mark.parametrize("title", ["häß låt 歌 🎵", "two  words", "-dash", "n" * 240, "歌" * 80])
def test_any_name_in_new_folders(tmp_path, encoding, title):
    path = tmp_path / "new" / title / f"{title}.{encoding.format}"
    write(path, encoding, noise(0, 1, 100))
    assert read_audio(path).frames == 100


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
@every_encoding
def test_others_may_read_it_as_any_new_file(tmp_path, encoding):
    (tmp_path / "plain").touch()
    write(tmp_path / "song", encoding, noise(0, 1, 100))
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert len(modes) == 1


# A disk that is full or fails


@every_encoding
@pytest.mark.parametrize(
    ("code", "message"), [(errno.ENOSPC, "disk full"), (errno.EIO, os.strerror(errno.EIO))]
)
def test_a_disk_that_fails_at_the_end(tmp_path, encoding, monkeypatch, code, message):
    def fail(descriptor):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StorageError, match=f"song cannot be written: {message}"):
        write(tmp_path / "song", encoding, noise(0, 2, 5000))
    assert not list(tmp_path.iterdir())


def test_a_disk_that_fills_up_half_way(tmp_path, monkeypatch):
    def fail(self, frames):
        raise OSError(errno.ENOSPC, "No space left on device")

    def blocks():
        yield noise(0, 2, 100000)
        monkeypatch.setattr(WavFile, "write", fail)
        yield noise(0, 2, 100000)
        raise AssertionError("it should have failed by now")

    with pytest.raises(StorageError, match=r"song\.wav cannot be written: disk full"):
        write_blocks(tmp_path / "song.wav", Encoding("wav"), blocks())
    assert not list(tmp_path.iterdir())


@every_encoding
def test_a_real_limit_met_at_any_byte(tmp_path, encoding):
    resource = pytest.importorskip("resource")
    path, samples = tmp_path / "song", noise(0, 2, 30000)
    write(path, encoding, samples)
    size = path.stat().st_size
    path.write_text("the old song")
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The last bytes matter most: libsndfile says nothing when those are lost.
    for limit in (0, 100, size // 2, size - 5000, size - 100, size - 1):
        with contextlib.ExitStack() as stack:
            stack.callback(resource.setrlimit, resource.RLIMIT_FSIZE, unlimited)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, unlimited[1]))
            stack.enter_context(pytest.raises(StorageError, match="song cannot be written: File"))
            write(path, encoding, samples)
        assert list(tmp_path.iterdir()) == [path]
        assert path.read_text() == "the old song"


# Before any computing


def test_check_writable_makes_folders_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "new" / "er" / "song.flac"
    check_writable(path, encoding=Encoding("flac"), bytes_needed=1000)
    assert path.parent.is_dir()
    assert not list(path.parent.iterdir())


def test_check_writable_keeps_a_file_that_is_there(tmp_path):
    (tmp_path / "song.wav").write_text("the old song")
    check_writable(tmp_path / "song.wav", encoding=Encoding("wav"), bytes_needed=1000)
    assert (tmp_path / "song.wav").read_text() == "the old song"


def test_check_writable_refuses_a_folder(tmp_path):
    with pytest.raises(CannotCreateError, match=f"{tmp_path} is a folder"):
        check_writable(tmp_path, encoding=Encoding("wav"), bytes_needed=0)


def test_check_writable_refuses_a_file_as_folder(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(CannotCreateError, match=r"song\.wav cannot be written"):
        check_writable(tmp_path / "taken" / "song.wav", encoding=Encoding("wav"), bytes_needed=0)


def test_check_writable_refuses_what_may_not_be_written_to(tmp_path, monkeypatch):
    def refuse(dir):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(CannotCreateError, match="Permission denied"):
        check_writable(tmp_path / "song.wav", encoding=Encoding("wav"), bytes_needed=0)


def test_check_writable_refuses_a_disk_too_small(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 6, 3_000_000))
    check_writable(tmp_path / "song.wav", encoding=Encoding("wav"), bytes_needed=3_000_000)
    with pytest.raises(StorageError, match="needs 5 MB, the disk has 3 MB free"):
        check_writable(tmp_path / "song.wav", encoding=Encoding("wav"), bytes_needed=5_000_000)


def test_check_writable_refuses_a_format_that_libsndfile_is_too_old_for(tmp_path, monkeypatch):
    monkeypatch.setattr(sf, "check_format", lambda *_: False)
    check_writable(tmp_path / "song.wav", encoding=Encoding("wav"), bytes_needed=0)
    with pytest.raises(UnavailableError, match="cannot write mp3"):
        check_writable(tmp_path / "song.mp3", encoding=Encoding("mp3"), bytes_needed=0)


@every_encoding
@pytest.mark.parametrize("rate", [8000, 44100])
def test_encoded_bytes_is_an_upper_bound(tmp_path, encoding, rate):
    samples = noise(0, 2, 5 * rate, level=0.3)  # noise: nothing compresses worse
    write(tmp_path / "song", encoding, samples, rate=rate)
    assert (tmp_path / "song").stat().st_size <= encoded_bytes(encoding, 2, 5 * rate)


def test_what_a_killed_run_left_is_cleared_after_a_day(tmp_path):
    yesterday = time.time() - 25 * 3600
    ours = [".song.flac.123-0123abcd.part", ".song.remix.json.123.part"]
    theirs = ["song.part", ".song.part", ".song.flac.123-xyz.part", ".song.flac.part"]
    for name in (*ours, *theirs):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (yesterday, yesterday))
    (tmp_path / ".new.flac.123-0123abcd.part").touch()
    check_writable(tmp_path / "song.flac", encoding=Encoding("flac"), bytes_needed=1)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [*theirs, ".new.flac.123-0123abcd.part"]
    )
