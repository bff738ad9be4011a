import pytest

from hclarity.audio.encoding import Encoding, encoded_bytes
from hclarity.errors import UsageError


@pytest.mark.parametrize(
    ("format_", "bits", "message"),
    [
        ("aiff", "24", "no format 'aiff'; choose one of wav, flac, mp3, ogg, opus"),
        ("wav", "8", "no bits '8'; choose one of 16, 24, 32f"),
        ("flac", "32f", "flac holds integers only, not 32f"),
    ],
)
def test_what_cannot_be_is_refused(format_, bits, message):
    with pytest.raises(UsageError, match=message):
        Encoding(format_, bits)


def test_24_bits_by_default():
    assert Encoding("flac") == Encoding("flac", "24")


@pytest.mark.parametrize(
    ("encoding", "lossless", "clips"),
    [
        (Encoding("wav", "16"), True, True),
        (Encoding("flac", "24"), True, True),
        (Encoding("wav", "32f"), True, False),
        (Encoding("mp3"), False, False),
        (Encoding("opus", "16"), False, False),
    ],
)
def test_what_an_encoding_does_to_samples(encoding, lossless, clips):
    assert (encoding.lossless, encoding.clips) == (lossless, clips)


@pytest.mark.parametrize(
    ("format_", "rate", "expected"),
    [
        ("wav", 192000, 192000),
        ("flac", 96000, 96000),
        ("ogg", 96000, 96000),
        ("mp3", 44100, 44100),
        ("mp3", 96000, 48000),
        ("opus", 44100, 48000),
        ("opus", 24000, 24000),
    ],
)
def test_the_files_rate_is_the_songs_where_the_format_knows_it(format_, rate, expected):
    assert Encoding(format_).file_rate(rate) == expected


@pytest.mark.parametrize(
    ("encoding", "width"),
    [(Encoding("wav", "16"), 2), (Encoding("flac", "24"), 3), (Encoding("wav", "32f"), 4)],
)
def test_bytes_grow_with_the_song(encoding, width):
    pcm = width * 2 * 10_000_000
    assert pcm < encoded_bytes(encoding, 2, 10_000_000) < 1.02 * pcm
