import contextlib
import errno
import os
import struct
import tracemalloc
import zlib
from base64 import b64encode
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from audio_blocks import noise, seeds
from audio_files import write_with_pyav
from hypothesis import given, settings
from hypothesis import strategies as st
from mutagen.aiff import AIFF
from mutagen.flac import FLAC
from mutagen.flac import Picture as FlacPicture
from mutagen.id3 import APIC, COMM, ID3, TALB, TCON, TIT2, TRCK, TXXX, TYER, UFID, USLT
from mutagen.mp4 import MP4, MP4Cover, MP4FreeForm
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE

from hclarity.audio import tags as tags_module
from hclarity.audio import wav_file
from hclarity.audio.containers import missing_bytes
from hclarity.audio.pyav_decoder import PyavDecoder
from hclarity.audio.reading import read_audio
from hclarity.audio.tags import FIELDS, Picture, Tags, read_tags, write_tags
from hclarity.audio.writing import AudioWriter, Encoding
from hclarity.errors import BadDataError, StorageError

ENCODINGS = [
    Encoding("wav", "16"),
    Encoding("wav", "32f"),
    Encoding("flac", "16"),
    Encoding("flac", "24"),
    Encoding("mp3"),
    Encoding("ogg"),
    Encoding("opus"),
]
every_encoding = pytest.mark.parametrize(
    "encoding", ENCODINGS, ids=lambda encoding: f"{encoding.format}-{encoding.bits}"
)
FORMATS = ("wav", "flac", "mp3", "ogg", "opus")

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40
PNG = b"\x89PNG\r\n\x1a\n" + bytes(reversed(range(256))) * 300  # longer than a page of Ogg
FULL = Tags(
    {
        "title": ("Señorita 歌 🎵",),
        "artist": ("One", "Two / Three"),
        "album": ("Wide　space",),
        "albumartist": ("Various",),
        "tracknumber": ("3",),
        "tracktotal": ("12",),
        "discnumber": ("1",),
        "disctotal": ("2",),
        "date": ("2024-05-06",),
        "genre": ("Soul",),
        "composer": ("Her",),
        "isrc": ("GBAYE6500124",),
        "language": ("eng",),
        "copyright": ("2024 Nobody",),
        "comment": ("remixed with hclarity",),
        "lyrics": ("First line\nsecond line\n\nlast",),
        "musicbrainz_trackid": ("b1a9c0e9-d987-4042-ae91-78d6a3267d69",),
        "musicbrainz_releasetrackid": ("c1a9c0e9-d987-4042-ae91-78d6a3267d69",),
        "musicbrainz_albumid": ("d1a9c0e9-d987-4042-ae91-78d6a3267d69",),
        "musicbrainz_artistid": ("e1a9c0e9-d987-4042-ae91-78d6a3267d69", "another"),
        "musicbrainz_albumartistid": ("f1a9c0e9-d987-4042-ae91-78d6a3267d69",),
        "musicbrainz_releasegroupid": ("a1a9c0e9-d987-4042-ae91-78d6a3267d69",),
        "musicbrainz_workid": ("01a9c0e9-d987-4042-ae91-78d6a3267d69",),
    },
    (Picture(JPEG, 3), Picture(PNG, 4, "back"), Picture(JPEG[:50], 4, "back")),
)
NOT_CARRIED = {
    "REPLAYGAIN_TRACK_GAIN": "-7.2 dB",
    "R128_TRACK_GAIN": "-1234",
    "ITUNNORM": "00000A",
    "ACOUSTID_FINGERPRINT": "AQAB",
    "ENCODER": "LAME",
    "CUESHEET": "TRACK 01",
    "MY OWN": "key",
}


def write(path, encoding, samples, *, rate=48000, tags=None):
    options = {"sample_rate": rate, "channels": len(samples), "encoding": encoding, "tags": tags}
    with AudioWriter(path, **options) as writer:
        writer.push(samples)
    return path


def m4a(path, fill):
    write_with_pyav(path, [noise(0, 2, 5000)], 48000, "mp4", "aac")
    return filled(MP4(path), path, fill)


def aiff(path, fill):
    sf.write(path, noise(0, 2, 500).T, 48000, format="AIFF")
    file = AIFF(path)
    file.add_tags()
    return filled(file, path, fill)


def filled(file, path, fill):
    if file.tags is None:
        file.add_tags()
    fill(file)
    file.save()
    return path


# What is carried from one format to another


@every_encoding
def test_everything_comes_back(tmp_path, encoding):
    write(tmp_path / "song", encoding, noise(0, 2, 5000), tags=FULL)
    assert read_tags(tmp_path / "song") == FULL


@pytest.mark.parametrize("source", FORMATS)
@pytest.mark.parametrize("target", FORMATS)
def test_from_each_format_to_each(tmp_path, source, target):
    write(tmp_path / "a", Encoding(source), noise(0, 1, 500), tags=FULL)
    write(tmp_path / "b", Encoding(target), noise(1, 1, 500), tags=read_tags(tmp_path / "a"))
    assert read_tags(tmp_path / "b") == FULL


def fill_m4a(file):
    file["\xa9nam"], file["\xa9ART"], file["aART"] = ["Song"], ["A", "B"], ["C"]
    file["trkn"], file["disk"], file["\xa9day"] = [(3, 12)], [(1, 0)], ["2024"]
    file["\xa9lyr"], file["\xa9gen"] = ["one\r\ntwo"], ["Jazz"]
    file["----:com.apple.iTunes:ISRC"] = [MP4FreeForm(b"GBAYE6500124")]
    file["----:com.apple.iTunes:MusicBrainz Album Id"] = [MP4FreeForm(b"d1a9c0e9")]
    file["----:com.apple.iTunes:iTunNORM"] = [MP4FreeForm(b" 00000A")]
    file["----:com.apple.iTunes:replaygain_track_gain"] = [MP4FreeForm(b"-7 dB")]
    file["\xa9too"] = ["iTunes 12"]
    file["covr"] = [MP4Cover(JPEG, MP4Cover.FORMAT_JPEG), MP4Cover(PNG, MP4Cover.FORMAT_PNG)]


M4A = Tags(
    {
        "title": ("Song",),
        "artist": ("A", "B"),
        "albumartist": ("C",),
        "tracknumber": ("3",),
        "tracktotal": ("12",),
        "discnumber": ("1",),
        "date": ("2024",),
        "genre": ("Jazz",),
        "isrc": ("GBAYE6500124",),
        "lyrics": ("one\ntwo",),
        "musicbrainz_albumid": ("d1a9c0e9",),
    },
    (Picture(JPEG, 3), Picture(PNG, 0)),
)


@pytest.mark.parametrize("target", FORMATS)
def test_from_m4a_to_each(tmp_path, target):
    tags = read_tags(m4a(tmp_path / "song", fill_m4a))
    assert tags == M4A
    write(tmp_path / "remix", Encoding(target), noise(1, 2, 500), tags=tags)
    assert read_tags(tmp_path / "remix") == M4A


@pytest.mark.parametrize("version", [3, 4])
def test_id3_as_others_write_it(tmp_path, version):
    path = write(tmp_path / "song", Encoding("mp3"), noise(0, 2, 5000))
    frames = ID3()
    for frame in (
        TIT2(encoding=1, text="Song"),
        TALB(encoding=0, text="Caf\xe9"),
        TRCK(encoding=0, text="07"),
        TCON(encoding=0, text="(17)"),
        TYER(encoding=0, text="1999"),
        COMM(encoding=0, lang="eng", desc="iTunNORM", text=" 0000"),
        COMM(encoding=0, lang="eng", desc="", text="mine"),
        USLT(encoding=1, lang="deu", desc="", text="la\rla"),
        TXXX(encoding=0, desc="replaygain_track_gain", text="-7 dB"),
        TXXX(encoding=0, desc="Acoustid Fingerprint", text="AQAB"),
        TXXX(encoding=0, desc="MusicBrainz Album Id", text="d1a9"),
        UFID(owner="http://musicbrainz.org", data=b"b1a9"),
        UFID(owner="http://else.where", data=b"c1a9"),
        APIC(encoding=0, mime="image/jpg", type=0, desc="", data=PNG),
        APIC(encoding=0, mime="", type=3, desc="x", data=JPEG),
        APIC(encoding=0, mime="-->", type=5, desc="y", data=b"http://cover"),
    ):
        frames.add(frame)
    if version == 3:
        frames.update_to_v23()
    frames.save(path, v2_version=version)
    tags = read_tags(path)
    assert dict(tags.fields) == {
        "title": ("Song",),
        "album": ("Café",),
        "tracknumber": ("07",),
        "date": ("1999",),
        "genre": ("Rock",),
        "comment": ("mine",),
        "lyrics": ("la\nla",),
        "musicbrainz_trackid": ("b1a9",),
        "musicbrainz_albumid": ("d1a9",),
    }
    assert tags.pictures == (Picture(JPEG, 3, "x"), Picture(PNG, 0))  # the cover came second
    assert tags.problem == "a picture is no JPEG, PNG or GIF: left out"


def frame_of_v22(name, content):
    return name + struct.pack(">I", len(content))[1:] + content


def test_id3_of_the_first_days(tmp_path):
    sound = write(tmp_path / "song", Encoding("mp3"), noise(0, 2, 5000)).read_bytes()
    body = frame_of_v22(b"TT2", b"\0Song") + frame_of_v22(b"PIC", b"\0JPG\x03\0" + JPEG)
    size = bytes(len(body) >> 7 * place & 0x7F for place in (3, 2, 1, 0))
    old = struct.pack("3s30s30s30s4s30sB", b"TAG", b"So", b"Singer", b"Album", b"1984", b"", 17)
    (tmp_path / "song").write_bytes(b"ID3\x02\0\0" + size + body + sound + old)
    tags = read_tags(tmp_path / "song")
    assert tags.fields["title"] == ("Song",)
    assert tags.fields["artist"] == ("Singer",)
    assert tags.fields["date"] == ("1984",)
    assert tags.pictures == (Picture(JPEG),)
    (tmp_path / "song").write_bytes(sound + old)
    assert read_tags(tmp_path / "song").fields["title"] == ("So",)


def test_vorbis_comments_as_others_write_them(tmp_path):
    path = write(tmp_path / "song", Encoding("ogg"), noise(0, 2, 5000))
    ogg = OggVorbis(path)
    ogg.tags.extend(
        [
            ("Title", "Song"), ("ALBUM ARTIST", "Band"), ("TrackNumber", "3/12"),
            ("TOTALTRACKS", "12"), ("YEAR", "1999"), ("artist", "A"), ("ARTIST", "A"),
            ("artist", "B\x00\x1b[31m"), ("DESCRIPTION", "two\r\nlines"), ("album", " \t "),
            ("metadata_block_picture", "!!!"), ("METADATA_BLOCK_PICTURE", "bm8="),
            *NOT_CARRIED.items(),
        ]
    )  # fmt: skip
    ogg.save()
    tags = read_tags(path)
    assert dict(tags.fields) == {
        "title": ("Song",),
        "artist": ("A", "B[31m"),
        "albumartist": ("Band",),
        "tracknumber": ("3",),
        "tracktotal": ("12",),
        "date": ("1999",),
        "comment": ("two\nlines",),
    }
    assert tags.pictures == ()
    assert tags.problem == "a picture is no JPEG, PNG or GIF: left out"


@pytest.mark.parametrize("kind", [FLAC, OggVorbis, OggOpus])
def test_what_is_not_true_of_a_remix_stays_behind(tmp_path, kind):
    formats = {FLAC: "flac", OggVorbis: "ogg", OggOpus: "opus"}
    encoding = Encoding(formats[kind])
    path = write(tmp_path / "song", encoding, noise(0, 2, 5000))
    filled(kind(path), path, lambda file: file.update({**NOT_CARRIED, "TITLE": "Song"}))
    assert dict(read_tags(path).fields) == {"title": ("Song",)}
    remix = write(tmp_path / "remix", encoding, noise(1, 2, 5000), tags=read_tags(path))
    assert kind(remix).tags.as_dict() == {"title": ["Song"]}


def test_flac_behind_an_id3_tag(tmp_path):
    path = write(tmp_path / "song", Encoding("flac"), noise(0, 2, 500), tags=FULL)
    frames = ID3()
    frames.add(TIT2(encoding=3, text="another"))
    frames.save(path)
    assert path.read_bytes().startswith(b"ID3")
    assert read_tags(path) == FULL


def test_aiff(tmp_path):
    path = aiff(tmp_path / "song", lambda file: file.tags.add(TIT2(encoding=3, text="Song")))
    assert read_tags(path) == Tags({"title": ("Song",)})


@pytest.mark.parametrize("container", ["WAV", "RF64", "AIFF"])
def test_texts_that_libsndfile_knows(tmp_path, container):
    with sf.SoundFile(tmp_path / "song", "w", 8000, 1, format=container) as file:
        file.title, file.artist, file.software = "Song", "Singer", "a program"
        file.write(np.zeros(100))
    fields = read_tags(tmp_path / "song").fields
    assert (fields["title"], fields["artist"]) == (("Song",), ("Singer",))
    assert set(fields) <= {"title", "artist"}


def test_id3_goes_before_the_texts_of_a_wav(tmp_path):
    path = tmp_path / "song"
    with sf.SoundFile(path, "w", 8000, 1, format="WAV") as file:
        file.title, file.artist = "Son", "Singer"
        file.write(np.zeros(100))
    filled(WAVE(path), path, lambda file: file.tags.add(TIT2(encoding=3, text="Song")))
    assert read_tags(path).fields == {"title": ("Song",), "artist": ("Singer",)}


# The sound stays


@every_encoding
@pytest.mark.parametrize("frames", [1, 959, 30011])
@pytest.mark.parametrize("channels", [1, 2])
def test_the_sound_is_the_same_with_tags_as_without(tmp_path, encoding, frames, channels):
    samples = noise(0, channels, frames)
    plain = write(tmp_path / "plain", encoding, samples)
    tagged = write(tmp_path / "tagged", encoding, samples, tags=FULL)
    assert read_tags(tagged) == FULL
    assert np.array_equal(read_audio(tagged).samples, read_audio(plain).samples)
    assert read_audio(tagged).frames == frames
    assert missing_bytes(tagged) == 0


@every_encoding
def test_ffmpeg_hears_the_same_too(tmp_path, encoding):
    samples = noise(0, 2, 30011)
    heard = []
    for tags in (None, FULL):
        path = write(tmp_path / "song", encoding, samples, tags=tags)
        decoder = PyavDecoder(path, 0)
        heard.append(np.concatenate(list(decoder.blocks(4096)), axis=1))
        decoder.close()
    assert np.array_equal(*heard)


@every_encoding
def test_without_tags_the_bytes_are_those_of_before(tmp_path, encoding):
    samples, sizes = noise(0, 2, 5000), set()
    for tags in (None, Tags()):
        write(tmp_path / "song", encoding, samples, tags=tags)
        content = (tmp_path / "song").read_bytes()
        sizes.add(len(content) if encoding.format in ("ogg", "opus") else content)  # random serials
    assert len(sizes) == 1
    writer = AudioWriter(tmp_path / "other", sample_rate=48000, channels=2, encoding=encoding)
    with writer:
        writer.push(samples)
    assert not writer.tagged


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_tags_make_the_same_bytes(tmp_path, format):
    plain = write(tmp_path / "song", Encoding(format), noise(0, 2, 5000)).read_bytes()
    made = set()
    for _ in range(3):
        (tmp_path / "song").write_bytes(plain)
        assert write_tags(tmp_path / "song", FULL, format)
        made.add((tmp_path / "song").read_bytes())
    (content,) = made
    assert len(content) > len(plain)


def test_a_riff_file_states_its_size_with_the_tags(tmp_path):
    content = write(tmp_path / "song", Encoding("wav"), noise(0, 1, 501), tags=FULL).read_bytes()
    assert content[:4] == b"RIFF"
    assert struct.unpack_from("<I", content, 4)[0] == len(content) - 8


def test_a_wav_file_of_two_gigabytes_is_left_alone(tmp_path, monkeypatch):
    samples = noise(0, 2, 5000)
    monkeypatch.setattr(wav_file, "_LARGEST_PLAIN", 10_000)
    monkeypatch.setattr(tags_module, "_LARGEST_WAV", 10_000)
    plain = write(tmp_path / "plain", Encoding("wav"), samples).read_bytes()
    options = {"sample_rate": 48000, "channels": 2, "encoding": Encoding("wav"), "tags": FULL}
    with AudioWriter(tmp_path / "song", **options) as writer:
        writer.push(samples)
    assert not writer.tagged
    assert (tmp_path / "song").read_bytes() == plain
    assert plain.startswith(b"RF64")
    assert read_tags(tmp_path / "song") == Tags()


def test_the_text_of_a_date_in_words_is_no_id3(tmp_path):
    tags = Tags({"date": ("Spring 1999", "1999-04", "20240506")})
    for format in FORMATS:
        write(tmp_path / format, Encoding(format), noise(0, 1, 500), tags=tags)
        kept = read_tags(tmp_path / format).fields["date"]
        assert kept == (("1999-04",) if format in ("mp3", "wav") else tags.fields["date"])


def test_a_total_without_a_number_stays_where_it_can(tmp_path):
    tags = Tags({"tracktotal": ("12",), "discnumber": ("2",)})
    write(tmp_path / "a", Encoding("flac"), noise(0, 1, 500), tags=tags)
    write(tmp_path / "b", Encoding("mp3"), noise(0, 1, 500), tags=tags)
    assert read_tags(tmp_path / "a") == tags
    assert dict(read_tags(tmp_path / "b").fields) == {"discnumber": ("2",)}


# Values


fields = st.dictionaries(
    st.sampled_from(sorted(set(FIELDS) - {"date"})),
    st.lists(st.text(max_size=50), min_size=1, max_size=3),
)


@settings(deadline=None, max_examples=60)
@given(fields, seeds)
def test_whatever_is_gathered_is_fit_and_comes_back(tmp_path_factory, found, seed):
    pairs = [(name, text) for name, texts in found.items() for text in texts]
    tags = Tags.gathered([*pairs, ("unknown", "x")])
    assert tags.problem is None
    assert Tags.gathered((n, t) for n, texts in tags.fields.items() for t in texts) == tags
    path = tmp_path_factory.mktemp("tags") / "song"
    for format in ("flac", "opus"):
        write(path, Encoding(format), noise(seed, 1, 10), tags=tags)
        numbers = {"tracknumber", "tracktotal", "discnumber", "disctotal"}
        back = read_tags(path).fields
        assert {n: t for n, t in back.items() if n not in numbers} == {
            n: t for n, t in tags.fields.items() if n not in numbers
        }


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"replaygain_track_gain": ("1",)}, "no tag named 'replaygain_track_gain'"),
        ({"title": ("two\nlines",)}, "title must be printable, got 'two\\\\nlines'"),
        ({"lyrics": ("\x1b[2J",)}, "lyrics must be printable"),
        ({"title": ("x" * 1001,)}, "title has 1001 characters, more than 1000"),
        ({"title": ()}, "title has 0 texts"),
        ({"artist": ("x",) * 101}, "artist has 101 texts"),
    ],
)
def test_tags_that_cannot_be(fields, message):
    with pytest.raises(BadDataError, match=message):
        Tags(fields)


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        ({"data": b"<svg/>"}, "no JPEG, PNG or GIF"),
        ({"data": JPEG[:3] + bytes(10_000_000)}, r"has 10\.0 MB, more than 10"),
        ({"data": JPEG, "kind": 21}, "type 21"),
        ({"data": JPEG, "description": "a\nb"}, "description must be printable"),
    ],
)
def test_pictures_that_cannot_be(picture, message):
    with pytest.raises(BadDataError, match=message):
        Picture(**picture)


@pytest.mark.parametrize(
    ("found", "pictures", "problem", "left"),
    [
        ([("title", "x" * 2000), ("artist", "A")], [], "title has 2000 characters", 1),
        ([("artist", str(n)) for n in range(200)], [], "artist has more than 100 texts", 1),
        ([("title", "t")], [(PNG, 99, "")], "type 99", 1),
        ([], [(PNG, 3, str(n)) for n in range(30)], "30 pictures, more than 20", 0),
    ],
)
def test_what_is_too_much_is_left_out_and_told(found, pictures, problem, left):
    tags = Tags.gathered(found, pictures)
    assert problem in tags.problem
    assert len(tags.fields) == left
    assert len(tags.pictures) <= 20


def test_the_caller_may_add_a_comment():
    tags = FULL.with_field("comment", "remixed with hclarity 0.5.0")
    assert tags.fields["comment"] == ("remixed with hclarity 0.5.0",)
    assert {**tags.fields, "comment": FULL.fields["comment"]} == FULL.fields
    assert tags.pictures == FULL.pictures


# Damaged, hostile


@pytest.mark.parametrize("content", [b"", b"no audio", b"ID3", b"OggS", b"\0\0\0\x20ftyp", b"RIFF"])
def test_files_that_are_no_audio_have_no_tags(tmp_path, content):
    (tmp_path / "song").write_bytes(content)
    assert (read_tags(tmp_path / "song").fields, read_tags(tmp_path / "song").pictures) == ({}, ())


def test_a_file_that_is_not_there(tmp_path):
    problem = read_tags(tmp_path / "song").problem
    assert problem == f"the tags cannot be read: {os.strerror(errno.ENOENT)}"


byte = st.integers(0, 255)


@pytest.fixture(scope="module")
def tagged_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tagged")
    small = Tags(FULL.fields, (Picture(JPEG[:200]),))
    files = [write(folder / name, Encoding(name), noise(0, 1, 200), tags=small) for name in FORMATS]
    files += [m4a(folder / "m4a", fill_m4a), aiff(folder / "aiff", lambda f: f.tags.add(TIT2()))]
    return [path.read_bytes() for path in files]


@settings(deadline=None, max_examples=300)
@given(
    st.integers(0, 6), st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 255)), max_size=8)
)
def test_no_damage_raises(tagged_files, tmp_path_factory, which, changes):
    content = bytearray(tagged_files[which])
    for place, value in changes:
        content[place % len(content)] = value
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes(content)
    assert isinstance(read_tags(path), Tags)
    path.write_bytes(content[: changes[0][0]] if changes else b"")
    assert isinstance(read_tags(path), Tags)


def sparse(path, start, size):
    """A file that claims much and holds nothing."""
    with path.open("wb") as file:
        file.write(start)
        file.truncate(size)
    return path


def id3(body, version=4, size=None, flags=0):
    size = len(body) if size is None else size
    sizes = (size >> 7 * n & 0x7F for n in (3, 2, 1, 0))
    return b"ID3" + bytes([version, 0, flags, *sizes]) + body


def id3_of_a_compressed_picture(version, flags):
    packed = struct.pack(">I", 0) + zlib.compress(b"\0image/png\0\3\0" + bytes(200_000_000), 1)
    bits = 8 if version == 3 else 7
    sizes = bytes(len(packed) >> bits * n & ((1 << bits) - 1) for n in (3, 2, 1, 0))
    return id3(b"APIC" + sizes + struct.pack(">H", flags) + packed, version)


def id3_of_a_large_picture():
    return id3(b"APIC" + b"\x2f\x5f\x5f\x5f\0\0" + b"\0image/png\0\x03\0" + PNG, size=100_000_000)


def flac_of_a_large_comment():
    info = FLAC_STREAMINFO
    return b"fLaC\0\0\0\x22" + info + b"\x84\xff\xff\xff" + struct.pack("<II", 0, 1 << 31)


def ogg_page(number, lacing, body=b""):
    continued = number > 1
    header = struct.pack("<4sBBqIIIB", b"OggS", 0, continued, 0, 1, number, 0, len(lacing))
    return header + lacing + body


FLAC_STREAMINFO = bytes.fromhex("1000100000000000000a0bb800f000000064") + bytes(16)
OPUS_START = b"OpusTags" + struct.pack("<II", 0, 1 << 30)
SMALL_COMMENT = b"\x03\0\0\0a=b"
MP4_START = b"\0\0\0\x08ftyp"
BOMBS = {
    "picture of 100 MB": (id3_of_a_large_picture(), 100_000_100),
    "a million empty frames": (id3(b"TIT2\0\0\0\0\0\0" * 1_000_000), 10_000_020),
    "a million frames of 2.2": (id3(b"TT2\0\0\0" * 1_000_000, version=2), 6_000_020),
    "a million frames of 2.4, said to be unsynchronised": (
        id3(b"TIT2\0\0\0\0\0\0" * 200_000, version=4, flags=0x80),
        None,
    ),
    "a picture of 200 MB, compressed": (id3_of_a_compressed_picture(3, 0x0080), None),
    "the same in 2.4": (id3_of_a_compressed_picture(4, 0x0009), None),
    "a comment of 2 GB": (flac_of_a_large_comment(), 3_000_000_000),
    "empty Ogg pages": (b"".join(ogg_page(n, b"") for n in range(300_000)), 8_200_000),
    "an Ogg packet without end": (
        b"".join(ogg_page(n, b"\xff" * 255, bytes(255 * 255)) for n in range(600)),
        None,
    ),
    "many small comments": (
        ogg_page(0, b"\x01", b"x")
        + ogg_page(1, b"\xff" * 255, (OPUS_START + SMALL_COMMENT * 9289)[: 255 * 255])
        + b"".join(
            ogg_page(number, b"\xff" * 255, (SMALL_COMMENT * 9290)[: 255 * 255])
            for number in range(2, 400)
        )
        + ogg_page(400, b"\x00"),
        None,
    ),
    "atoms without end": (MP4_START + b"\0\0\0\x08free" * 400_000, None),
    "atoms in atoms": (MP4_START + b"\x7f\xff\xff\xffmoov" * 100_000, None),
    "chunks without end": (b"RIFF\xff\xff\xff\x7fWAVE" + b"junk\0\0\0\0" * 400_000, None),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs_are_left_out_in_bounded_memory(tmp_path, bomb):
    start, size = BOMBS[bomb]
    path = sparse(tmp_path / "song", start, max(size or 0, len(start)))
    tracemalloc.start()
    try:
        tags = read_tags(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert tags.fields == {}
    assert tags.problem.startswith("the tags are left out: ")
    assert peak < 150e6


# A disk that is full or fails


@every_encoding
@pytest.mark.parametrize(
    ("code", "message"), [(errno.ENOSPC, "disk full"), (errno.EIO, os.strerror(errno.EIO))]
)
def test_a_disk_that_fails_as_tags_are_written(tmp_path, encoding, monkeypatch, code, message):
    def fail(*arguments, **options):
        raise OSError(code, os.strerror(code))

    for module in ("_util", "flac", "ogg", "id3._file", "_iff"):
        for name in ("insert_bytes", "resize_bytes"):
            with contextlib.suppress(AttributeError):
                monkeypatch.setattr(f"mutagen.{module}.{name}", fail)
    with pytest.raises(StorageError, match=f"song cannot be written: {message}"):
        write(tmp_path / "song", encoding, noise(0, 2, 5000), tags=FULL)
    assert not list(tmp_path.iterdir())


@every_encoding
def test_a_real_limit_met_at_any_byte_of_the_tags(tmp_path, encoding):
    resource = pytest.importorskip("resource")
    path, samples = tmp_path / "song", noise(0, 2, 10000)
    size = write(path, encoding, samples).stat().st_size
    whole = write(path, encoding, samples, tags=FULL).stat().st_size
    path.write_text("the old song")
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    probe = 65536  # with which the encoder asks whether there is room
    assert size + probe < whole - 4000
    for limit in (whole - 4000, whole - 1):
        with contextlib.ExitStack() as stack:
            stack.callback(resource.setrlimit, resource.RLIMIT_FSIZE, unlimited)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, unlimited[1]))
            stack.enter_context(pytest.raises(StorageError, match="song cannot be written: File"))
            write(path, encoding, samples, tags=FULL)
        assert list(tmp_path.iterdir()) == [path]
        assert path.read_text() == "the old song"


def test_everything_is_on_the_disk_before_the_final_name(tmp_path, monkeypatch):
    done = []
    fsync, replace = os.fsync, Path.replace

    def synced(descriptor):
        done.append(os.fstat(descriptor).st_size)
        fsync(descriptor)

    def renamed(self, target):
        done.append("renamed")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", renamed)
    path = write(tmp_path / "song", Encoding("flac"), noise(0, 2, 500), tags=FULL)
    assert done[-2:] == [path.stat().st_size, "renamed"]


@pytest.mark.parametrize(
    "format",
    [
        "wav",
        "flac",
        "mp3",
        pytest.param("ogg", marks=pytest.mark.slow),  # mutagen cuts it into pages in 3 s
        pytest.param("opus", marks=pytest.mark.slow),
    ],
)
def test_a_picture_of_the_largest_size_passes_through(tmp_path, format):
    large = Tags(pictures=(Picture(JPEG[:4] + bytes(9_999_996)),))
    path = write(tmp_path / "song", Encoding(format), noise(0, 1, 100), tags=large)
    assert read_tags(path) == large


def test_a_block_of_flac_is_read_as_a_picture(tmp_path):
    """The picture that others embed in Ogg is the block that FLAC has."""
    path = write(tmp_path / "song", Encoding("opus"), noise(0, 1, 500))
    block = FlacPicture()
    block.type, block.mime, block.data, block.width = 3, "image/png", PNG, 600
    comment = b64encode(block.write()).decode()
    filled(OggOpus(path), path, lambda file: file.update({"METADATA_BLOCK_PICTURE": comment}))
    assert read_tags(path).pictures == (Picture(PNG),)
