import struct

import pytest
from audio_blocks import noise
from audio_files import write

from hclarity.audio.containers import is_joined_ogg, missing_bytes, xing_frames

STATING = ["16.wav", "24.wav", "float.wav", "large.wav", "song.w64", "song.aiff", "song.au"]


@pytest.mark.parametrize("kind", [*STATING, "song.ogg", "song.opus", "song.flac"])
def test_a_whole_file_misses_nothing(tmp_path, kind):
    assert missing_bytes(write(tmp_path / kind, noise(0, 1, 1001))) == 0


@pytest.mark.parametrize("kind", STATING)
@pytest.mark.parametrize("lost", [1, 100, 1500])
def test_as_many_bytes_are_missed_as_were_cut(tmp_path, kind, lost):
    path = write(tmp_path / kind, noise(0, 2, 1000))
    path.write_bytes(path.read_bytes()[:-lost])
    assert missing_bytes(path) == lost


@pytest.mark.parametrize("kind", ["song.ogg", "song.opus"])
@pytest.mark.parametrize("lost", [1, 100, 1500])
def test_an_ogg_file_must_end_with_a_whole_page(tmp_path, kind, lost):
    path = write(tmp_path / kind, noise(0, 2, 48000))
    path.write_bytes(path.read_bytes()[:-lost])
    assert missing_bytes(path) > 0


@pytest.mark.parametrize("size", [0, 0x7FFFF000, 0xFFFFFFFF])
def test_a_length_left_open_promises_nothing(tmp_path, size):
    path = write(tmp_path / "16.wav", noise(0, 1, 1000))
    content = path.read_bytes()
    at = content.index(b"data") + 4
    path.write_bytes(content[:at] + struct.pack("<I", size) + content[at + 4 :])
    assert missing_bytes(path) == 0


def test_other_chunks_are_passed_over_with_their_padding(tmp_path):
    path = write(tmp_path / "16.wav", noise(0, 1, 1000))
    content = path.read_bytes()
    note = b"LIST" + struct.pack("<I", 5) + b"data?\0"
    path.write_bytes(content[:12] + note + content[12:-10])
    assert missing_bytes(path) == 10


def test_bytes_after_the_sound_do_no_harm(tmp_path):
    path = write(tmp_path / "16.wav", noise(0, 1, 1000))
    path.write_bytes(path.read_bytes() + b"id3 " + bytes(1000))
    assert missing_bytes(path) == 0


@pytest.mark.parametrize("kind", ["song.ogg", "song.opus"])
def test_joined_ogg_files_are_known(tmp_path, kind):
    first = write(tmp_path / kind, noise(1, 2, 5000)).read_bytes()
    path = write(tmp_path / kind, noise(2, 2, 5000))
    assert not is_joined_ogg(path)
    path.write_bytes(first + path.read_bytes())
    assert is_joined_ogg(path)


@pytest.mark.parametrize("rate", [44100, 16000])
@pytest.mark.parametrize("tag", [b"", b"ID3\x04\0\0\0\0\x10\0" + bytes(2048)])
def test_xing_frames_hold_the_song_and_its_padding(tmp_path, rate, tag):
    path = write(tmp_path / "song.mp3", noise(0, 2, 30000), rate)
    path.write_bytes(tag + path.read_bytes())
    frames = xing_frames(path, rate)
    assert frames % (1152 if rate == 44100 else 576) == 0
    assert 30000 <= frames < 30000 + 4 * 1152


def test_no_xing_tag_no_frames(tmp_path):
    assert xing_frames(write(tmp_path / "16.wav", noise(0, 1, 1000)), 44100) is None


def test_chunks_without_end_promise_nothing(tmp_path):
    path = write(tmp_path / "16.wav", noise(0, 1, 1000))
    content = path.read_bytes()
    for many, missing in ((9_000, 10), (2_000_000, 0)):
        path.write_bytes(content[:12] + b"junk\0\0\0\0" * many + content[12:-10])
        assert missing_bytes(path) == missing
