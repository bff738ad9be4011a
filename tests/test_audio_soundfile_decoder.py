import numpy as np
import pytest
import soundfile as sf
from audio_blocks import noise
from audio_files import PYAV_KINDS, SOUNDFILE_KINDS, write, write_with_pyav

from hclarity.audio.soundfile_decoder import open_with_soundfile


@pytest.mark.parametrize("kind", SOUNDFILE_KINDS)
@pytest.mark.parametrize("channels", [1, 2])
def test_says_and_yields_what_soundfile_reads(tmp_path, kind, channels):
    path = write(tmp_path / kind, noise(0, channels, 7001))
    decoder = open_with_soundfile(path)
    assert (decoder.channels, decoder.sample_rate, decoder.frames) == (channels, 48000, 7001)
    assert decoder.coding == " ".join(SOUNDFILE_KINDS[kind])
    blocks = list(decoder.blocks(3000))
    assert [block.shape[1] for block in blocks] == [3000, 3000, 1001]
    whole = sf.read(path, dtype="float32", always_2d=True)[0].T
    assert np.array_equal(np.concatenate(blocks, axis=1), whole)
    decoder.close()


@pytest.mark.parametrize("kind", PYAV_KINDS)
def test_leaves_to_ffmpeg_what_is_its_own(tmp_path, kind):
    assert open_with_soundfile(write(tmp_path / kind, noise(0, 2, 5000))) is None


def test_leaves_to_ffmpeg_mp3_inside_wav(tmp_path):
    path = write_with_pyav(tmp_path / "a.wav", [noise(0, 1, 5000)], 44100, "wav", "libmp3lame")
    assert open_with_soundfile(path) is None


def test_leaves_to_ffmpeg_what_looks_headerless_by_its_name(tmp_path):
    path = write(tmp_path / "16.wav", noise(0, 1, 5000)).rename(tmp_path / "song.raw")
    assert open_with_soundfile(path) is None
