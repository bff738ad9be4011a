import socket
from pathlib import Path

import av
import numpy as np
import pytest
from audio_blocks import noise, tone
from audio_files import write, write_with_pyav

from hclarity.audio.pyav_decoder import _CONTAINERS, PyavDecoder
from hclarity.audio.reading import read_audio
from hclarity.errors import BadDataError


def decoded(path, stream=0):
    decoder = PyavDecoder(path, stream)
    samples = np.concatenate(list(decoder.blocks(3000)), axis=1)
    decoder.close()
    return samples


@pytest.mark.parametrize("kind", ["lossless.m4a", "float.mka"])
@pytest.mark.parametrize("channels", [1, 2])
def test_lossless_kinds_come_back_in_blocks_of_one_size(tmp_path, kind, channels):
    samples = np.rint(noise(0, channels, 7001) * 32768).clip(-32768, 32767) / np.float32(32768)
    decoder = PyavDecoder(write(tmp_path / kind, samples), 0)
    assert (decoder.channels, decoder.sample_rate) == (channels, 48000)
    blocks = list(decoder.blocks(3000))
    assert [block.shape[1] for block in blocks] == [3000, 3000, 1001]
    assert np.array_equal(np.concatenate(blocks, axis=1), samples)
    decoder.close()


def test_mp3_keeps_its_length_and_place(tmp_path):
    samples = tone(440, 48000, 2)
    out = decoded(write(tmp_path / "song.mp3", samples))
    assert out.shape == samples.shape
    scaled = samples * np.float32(0.95)  # LAME lowers the level a little against clipping
    assert np.abs(out - scaled)[0, 2000:-2000].max() < 0.001


def test_m4a_ends_where_its_container_says(tmp_path):
    path = write(tmp_path / "song.m4a", noise(0, 2, 50000))
    with av.open(str(path)) as file:
        stated = file.streams.audio[0].duration
        untrimmed = sum(frame.samples for frame in file.decode(audio=0))
    assert untrimmed > stated
    assert decoded(path).shape == (2, stated)


def test_what_aac_overshoots_is_not_clipped(tmp_path):
    square = np.sign(tone(300, 48000, 1)).astype(np.float32)
    assert np.abs(decoded(write(tmp_path / "song.m4a", square))).max() > 1.01


def test_float_beyond_full_scale_is_kept(tmp_path):
    samples = noise(0, 2, 5000, level=10)
    assert np.array_equal(decoded(write(tmp_path / "float.mka", samples)), samples)


def test_each_stream_of_a_container(tmp_path):
    sounds = [noise(seed, 2, 5000) for seed in range(3)]
    path = write_with_pyav(tmp_path / "song.mka", sounds, 44100, "matroska", "pcm_f32le")
    for stream, samples in enumerate(sounds):
        assert np.array_equal(decoded(path, stream), samples)
    with pytest.raises(BadDataError, match="audio streams 0 to 2, no 3"):
        PyavDecoder(path, 3)


def test_a_picture_holds_no_audio(tmp_path):
    path = tmp_path / "cover.png"
    with av.open(str(path), "w", format="image2") as file:
        stream = file.add_stream("png", rate=1, width=16, height=16, pix_fmt="rgb24")
        frame = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8))
        file.mux(stream.encode(frame))
    with pytest.raises(BadDataError, match=r"cover\.png is .* no audio file"):
        PyavDecoder(path, 0)


def test_a_playlist_never_reaches_for_the_network(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        entry = f"http://127.0.0.1:{server.getsockname()[1]}/song.ts"
        path = tmp_path / "list.ffconcat"
        path.write_text(f"ffconcat version 1.0\nfile {entry}\n")
        with pytest.raises(BadDataError, match="no audio"):
            decoded(path)
        with pytest.raises(BlockingIOError):  # nobody came
            server.accept()


def test_no_length_where_ffmpeg_could_only_guess(tmp_path):
    decoder = PyavDecoder(write(tmp_path / "song.aac", noise(0, 2, 50000)), 0)
    assert decoder.frames is None
    decoder.close()


PLAYLISTS = {
    "concat": "ffconcat version 1.0\nfile other.wav\n",
    "HLS": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nother.wav\n#EXT-X-ENDLIST\n",
    "SDP": "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=audio 5004 RTP/AVP 0\r\n",
}


@pytest.mark.parametrize("kind", PLAYLISTS)
def test_a_song_opens_no_other_file(tmp_path, kind):
    write(tmp_path / "16.wav", noise(0, 1, 9600)).rename(tmp_path / "other.wav")
    path = tmp_path / "song.flac"
    path.write_text(PLAYLISTS[kind])
    with pytest.raises(BadDataError, match="no audio file"):
        read_audio(path)


@pytest.mark.parametrize("name", ["concat:a|b", "http:x", "subfile,,start,0,end,0,,:x", "%d.mp3"])
def test_a_name_is_a_name_and_no_order(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "song.mp3", noise(0, 1, 9600)).rename(tmp_path / name)
    assert read_audio(Path(name)).frames > 9000


def test_every_container_that_may_be_read_is_known_to_ffmpeg():
    known = {name for names in av.formats_available for name in names.split(",")}
    assert set(_CONTAINERS.split(",")) <= known
